#pragma once
// Texts that are too long are cut, and short ones filled up: "truncation" and "padding" of a tokenizer.json.

#include <optional>
#include <string>

#include "heddle/text/encoding.h"
#include "heddle/text/json/json_view.h"
#include "heddle/text/json/json_writer.h"

namespace heddle::text {

struct Truncation {
  enum class Strategy { longest_first, only_first, only_second };  // which text of a pair is cut

  Side direction = Side::right;  // from where rows are cut
  size_t max_length = 512;       // tokens, those of the post-processor included
  Strategy strategy = Strategy::longest_first;
  size_t stride = 0;  // tokens that a part shares with the one before; less than what max_length leaves to the text

  static Truncation read(const JsonView& json);
  void write(JsonWriter& json) const;
  // Cuts both to `length` tokens together. Throws InputError where the strategy cannot.
  void apply(Encoding& first, Encoding* second, size_t length) const;
  // The ids of a single text alone; what is cut off is dropped.
  void apply(std::vector<int32_t>& ids, size_t length) const;

 private:
  void check_stride(size_t left) const;
};

struct Padding {
  std::optional<size_t> fixed;  // tokens; none: as long as the longest of the batch
  Side direction = Side::right;
  std::optional<size_t> multiple_of;
  int32_t pad_id = 0;
  int32_t pad_type_id = 0;
  std::string pad_token = "[PAD]";

  static Padding read(const JsonView& json);
  void write(JsonWriter& json) const;
  // Fills up an encoding of a batch whose longest has `longest` tokens.
  void apply(Encoding& encoding, size_t longest) const;
  // The ids of a text that is a batch of its own.
  void apply(std::vector<int32_t>& ids) const;

 private:
  size_t length_for(size_t longest) const;
};

}  // namespace heddle::text
