#pragma once
// How far a long job is: a bar with the time left on a terminal, a plain line now and then elsewhere.

#include <cstdint>
#include <string>

namespace heddle {

class Progress {
 public:
  // `total` in the caller's unit; `start`: where a resumed job begins.
  explicit Progress(double total, double start = 0);
  ~Progress();

  // `note`: what else the user wants to see, e.g. the loss.
  void update(double done, const std::string& note);
  // Leaves the bar's line, so that other text can follow.
  void pause();

 private:
  void draw_bar(double percent, double left_seconds, const std::string& note);

  double total_, start_, began_, last_drawn_ = 0;
  bool terminal_, line_open_ = false;
};

}  // namespace heddle
