#pragma once
// Lines of stdin for filters: knows whether another line can be had without waiting, so that somebody who
// types, or a program at the other end of a pipe, is answered at once.

#include <deque>
#include <string>

namespace heddle::app {

class StandardInput {
 public:
  struct Line {
    std::string text;
    bool cut = false;  // it was longer than kLongestLine; the rest is dropped
  };
  static constexpr size_t kLongestLine = size_t{1} << 20;  // bytes

  // Waits for the next line; only LF ends one. False at the end of input.
  bool next(Line& line);
  // Whether next() would return a line without waiting.
  bool ready();

 private:
  void fill();

  std::deque<Line> lines_;
  Line partial_;
  bool started_ = false;  // partial_ is a line, even if an empty one
  bool ended_ = false;
};

}  // namespace heddle::app
