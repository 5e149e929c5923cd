#include "heddle/text/normalizers/sentence_piece.h"

#include <utility>

#include "heddle/base/error.h"
#include "heddle/text/json/base64.h"

namespace heddle::text {
namespace {

constexpr int32_t kSpaceSymbol = 0x2581;  // ▁

// A code point of the new text.
struct Step {
  int32_t c;
  bool is_new;    // it stands in place of none of the old text
  uint32_t drop;  // bytes of the old text that go before it
};

}  // namespace

SentencePieceNormalizer::SentencePieceNormalizer(SentencePieceNormalizerOptions options)
    : options_(std::move(options)), symbols_(options_.user_defined_symbols) {
  if (!options_.precompiled_charsmap.empty()) map_ = std::make_unique<CharacterMap>(options_.precompiled_charsmap);
}

CharacterMap::Match SentencePieceNormalizer::next(std::string_view text) const {
  if (const size_t length = symbols_.longest_prefix(text)) return {length, text.substr(0, length)};
  if (map_)
    if (const auto found = map_->longest(text)) return *found;
  const auto length = static_cast<size_t>(decode(text.data()).length);
  return {length, text.substr(0, length)};
}

void SentencePieceNormalizer::apply(AlignedText& aligned) const {
  const std::string_view text = aligned.text();
  const int32_t space = options_.escape_whitespaces ? kSpaceSymbol : ' ';
  const bool removes = options_.remove_extra_whitespaces;
  const size_t most = 256 * text.size() + (1 << 16);
  Rewrite out(aligned);
  std::vector<Step> spaces;  // not written yet, as those at the end go
  const auto write = [&](const Step& step) {
    out.drop(step.drop);
    if (step.is_new) out.insert(step.c);
    else out.put(step.c);
  };
  const auto emit = [&](const Step& step) {
    if (removes && step.c == space) return spaces.push_back(step);
    for (const Step& one : spaces) write(one);
    spaces.clear();
    write(step);
  };
  size_t at = 0;
  uint32_t dropped = 0;  // bytes since the last step
  if (removes)
    while (at < text.size()) {
      const auto match = next(text.substr(at));
      if (match.becomes != " ") break;
      at += match.length;
      dropped += static_cast<uint32_t>(match.length);
    }
  const bool dummy = options_.add_dummy_prefix && at < text.size();
  if (dummy && !options_.treat_whitespace_as_suffix) emit({space, true, std::exchange(dropped, 0)});
  bool after_space = removes;
  while (at < text.size()) {
    auto [length, becomes] = next(text.substr(at));
    const size_t end = at + length;
    while (after_space && becomes.starts_with(' ')) becomes.remove_prefix(1);
    if (!becomes.empty()) after_space = removes && becomes.ends_with(' ');
    if (out.written() + spaces.size() + becomes.size() > most)
      fail_input("the character map makes more than {} bytes of a text of {}", out.written(), text.size());
    // Code points in place of each other; those left over are new, or dropped.
    for (size_t i = 0; i < becomes.size();) {
      const CodePoint point = decode(becomes.data() + i);
      emit({point.value == ' ' ? space : point.value, at == end, std::exchange(dropped, 0)});
      if (at < end) at += static_cast<size_t>(decode(text.data() + at).length);
      i += static_cast<size_t>(point.length);
    }
    dropped += static_cast<uint32_t>(end - at);
    at = end;
  }
  if (dummy && options_.treat_whitespace_as_suffix) out.insert(space);
  out.finish();
}

void SentencePieceNormalizer::write(JsonWriter& json) const {
  json.member("type", "SentencePiece");
  json.member("precompiled_charsmap", to_base64(options_.precompiled_charsmap));
  json.member("add_dummy_prefix", options_.add_dummy_prefix);
  json.member("remove_extra_whitespaces", options_.remove_extra_whitespaces);
  json.member("escape_whitespaces", options_.escape_whitespaces);
  json.member("treat_whitespace_as_suffix", options_.treat_whitespace_as_suffix);
  json.key("user_defined_symbols");
  json.begin_list();
  for (const std::string& symbol : options_.user_defined_symbols) json.value(symbol);
  json.end_list();
}

NormalizerPtr read_sentence_piece_normalizer(const JsonView& json) {
  SentencePieceNormalizerOptions options;
  options.precompiled_charsmap = from_base64(json.at("precompiled_charsmap"));
  options.add_dummy_prefix = json.flag_or("add_dummy_prefix", true);
  options.remove_extra_whitespaces = json.flag_or("remove_extra_whitespaces", true);
  options.escape_whitespaces = json.flag_or("escape_whitespaces", true);
  options.treat_whitespace_as_suffix = json.flag_or("treat_whitespace_as_suffix", false);
  const JsonView symbols = json.at("user_defined_symbols");
  if (!symbols.is_list()) symbols.fail("the user-defined symbols must be a list of texts");
  for (size_t i = 0; i < symbols.size(); ++i) options.user_defined_symbols.push_back(symbols.item(i).text());
  return std::make_shared<SentencePieceNormalizer>(std::move(options));
}

}  // namespace heddle::text
