#include "heddle/text/pre_tokenizers/metaspace.h"

#include <array>

#include "heddle/text/pre_tokenizers/split_behavior.h"

namespace heddle::text {
namespace {

constexpr std::array kSchemes = {"first", "never", "always"};

}  // namespace

Metaspace::Metaspace(MetaspaceOptions options) : options_(options) { append_utf8(replacement_, options.replacement); }

void Metaspace::apply(Pieces& pieces) const {
  const AlignedText& aligned = pieces.aligned();
  pieces.rewrite([&](Rewrite& out, std::string_view piece) {
    const size_t begin = out.at(), end = begin + piece.size();
    const bool has_replacement = piece[0] == ' ' || piece.starts_with(replacement_);
    const bool prepends = options_.prepend == PrependScheme::always ||
                          (options_.prepend == PrependScheme::first && aligned.origin(begin).begin == 0);
    if (prepends && !has_replacement) out.prepend(replacement_);
    while (out.at() < end) {
      const size_t space = std::min(piece.find(' ', out.at() - begin), piece.size());
      out.keep(begin + space - out.at());
      if (out.at() == end) break;
      out.drop(1);
      out.insert(options_.replacement);
    }
  });
  if (!options_.split) return;
  // A piece begins at each replacement.
  pieces.split([this](std::string_view text, auto& emit) {
    size_t begin = 0;
    for (size_t at = text.find(replacement_); at != text.npos; at = text.find(replacement_, at + replacement_.size())) {
      emit(begin, at);
      begin = at;
    }
    emit(begin, text.size());
  });
}

void Metaspace::write(JsonWriter& json) const { write_metaspace(json, options_); }

MetaspaceOptions read_metaspace(const JsonView& json) {
  MetaspaceOptions options;
  options.replacement = json.at("replacement").one_code_point();
  if (const auto scheme = json.find("prepend_scheme")) {
    const auto found = std::ranges::find(kSchemes, std::string_view(scheme->text()));
    if (found == kSchemes.end()) scheme->fail("\"prepend_scheme\" must be \"first\", \"never\" or \"always\"");
    options.prepend = static_cast<PrependScheme>(found - kSchemes.begin());
  }
  if (!json.flag_or("add_prefix_space", true)) {
    if (options.prepend != PrependScheme::never) json.fail("\"add_prefix_space\" is off, \"prepend_scheme\" is not");
  }
  options.split = json.flag_or("split", true);
  return options;
}

void write_metaspace(JsonWriter& json, const MetaspaceOptions& options) {
  std::string replacement;
  append_utf8(replacement, options.replacement);
  json.member("type", "Metaspace");
  json.member("replacement", replacement);
  json.member("prepend_scheme", kSchemes[static_cast<size_t>(options.prepend)]);
  json.member("split", options.split);
}

}  // namespace heddle::text
