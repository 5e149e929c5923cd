#pragma once
// Lines in, lines out: what a filter such as `heddle tokenizer encode` does to its input, on all threads and in order.
//
// Input is taken in blocks of whole lines, as much as is there at once: who types, or waits at the other end of a pipe,
// is answered line by line, and a file goes through megabytes at a time. Memory holds one block, or one line if that
// is longer, and what becomes of it.

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace heddle {

struct LineFilterLimits {
  size_t block = size_t{8} << 20;         // bytes
  size_t longest_line = size_t{1} << 30;  // bytes
};

// Appends to `out` what becomes of a line. Called by several threads at once.
using ChangeLine = std::function<void(std::string_view line, std::string& out)>;

// Reads the file descriptor `input` to its end and writes to `output`. LF or CR LF ends a line, and the last may lack
// it; a UTF-8 byte order mark before the first is no text; NUL bytes are. When `change`
// throws, the lines before it are still written, and an InputError gets the line's number. Throws InputError for UTF-16
// and for a line that is too long, SystemError where reading or writing fails.
void filter_lines(int input, int output, const ChangeLine& change, const LineFilterLimits& limits = {});

}  // namespace heddle
