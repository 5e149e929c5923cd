#include "heddle/text/inspection/comparison_report.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "heddle/report/page.h"

namespace heddle::text {
namespace {

using Json = nlohmann::ordered_json;
using report::Markup;

std::string as_percent(double share) { return fmt::format("{:.1f} %", 100 * share); }

// "1.23, 1.10 (−10.6 %)": a, b, and how much more or less b is.
std::string both(double a, double b) {
  const std::string values = fmt::format("{:.4g}, {:.4g}", a, b);
  return a > 0 ? fmt::format("{} ({:+.1f} %)", values, 100 * (b / a - 1)) : values;
}

std::string in_pieces(const std::vector<std::string>& pieces) { return fmt::format("{}", fmt::join(pieces, "|")); }

// The rows of the table of languages, the header first.
std::vector<std::vector<std::string>> figures_of(const Comparison& comparison) {
  std::vector<std::vector<std::string>> rows = {{"language", "words", "tokens per word: A, B", "tokens per byte: A, B",
                                                 "unknown: A, B", "words cut otherwise", "of different words"}};
  for (const LanguageComparison& language : comparison.languages)
    rows.push_back({language.name, fmt::format("{}", language.words), both(language.per_word(0), language.per_word(1)),
                    both(language.per_byte(0), language.per_byte(1)),
                    fmt::format("{}, {}", language.unknown[0], language.unknown[1]),
                    as_percent(language.share_cut_differently()), as_percent(language.distinct_share())});
  return rows;
}

std::vector<std::string> overlap_sentences(const VocabularyOverlap& overlap) {
  const auto sentence = [](const char* how, const std::array<int64_t, 2>& sizes, int64_t shared) {
    return fmt::format("{}, {} different tokens of A and {} of B share {} ({} of A, {} of B, {} of all)", how, sizes[0],
                       sizes[1], shared, as_percent(LanguageComparison::ratio(shared, sizes[0])),
                       as_percent(LanguageComparison::ratio(shared, sizes[1])),
                       as_percent(VocabularyOverlap::jaccard(sizes, shared)));
  };
  return {sentence("As they are written", overlap.written, overlap.shared_written),
          sentence("As text, without marks of words", overlap.texts, overlap.shared_texts)};
}

Json json_of(const LanguageComparison& language) {
  Json json = {{"name", language.name},
               {"bytes", language.bytes},
               {"characters", language.characters},
               {"words", language.words},
               {"tokens", language.tokens},
               {"unknown", language.unknown},
               {"tokens_per_word", {language.per_word(0), language.per_word(1)}},
               {"tokens_per_byte", {language.per_byte(0), language.per_byte(1)}},
               {"words_cut_differently", language.share_cut_differently()},
               {"distinct_words_cut_differently", language.distinct_share()},
               {"examples", Json::array()}};
  for (const WordCutTwice& word : language.examples)
    json["examples"].push_back({{"a", word.pieces[0]}, {"b", word.pieces[1]}, {"count", word.count}});
  return json;
}

}  // namespace

std::string comparison_as_text(const Comparison& comparison) {
  std::string out = fmt::format("A  {}\nB  {}\n\n", comparison.tokenizers[0], comparison.tokenizers[1]);
  for (const std::string& sentence : overlap_sentences(comparison.vocabulary)) out += sentence + "\n";
  const auto rows = figures_of(comparison);
  for (size_t i = 0; i < comparison.languages.size(); ++i) {
    out += fmt::format("\n{}\n", rows[i + 1][0]);
    for (size_t column = 1; column < rows[0].size(); ++column)
      out += fmt::format("  {:<22} {}\n", rows[0][column], rows[i + 1][column]);
    for (const WordCutTwice& word : comparison.languages[i].examples)
      out += fmt::format("  {:>6} × {}  {}\n", word.count, in_pieces(word.pieces[0]), in_pieces(word.pieces[1]));
  }
  return out;
}

std::string comparison_as_json(const Comparison& comparison) {
  const VocabularyOverlap& overlap = comparison.vocabulary;
  const auto part = [](const std::array<int64_t, 2>& sizes, int64_t shared) {
    return Json{{"sizes", sizes}, {"shared", shared}, {"jaccard", VocabularyOverlap::jaccard(sizes, shared)}};
  };
  Json json = {{"tokenizers", comparison.tokenizers},
               {"vocabulary",
                {{"written", part(overlap.written, overlap.shared_written)},
                 {"texts", part(overlap.texts, overlap.shared_texts)}}},
               {"languages", Json::array()}};
  for (const LanguageComparison& language : comparison.languages) json["languages"].push_back(json_of(language));
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string comparison_as_html(const Comparison& comparison) {
  report::Page page("Two tokenizers compared");
  page.list({Markup::strong("A") + " " + Markup::code(comparison.tokenizers[0]),
             Markup::strong("B") + " " + Markup::code(comparison.tokenizers[1])});
  page.heading("Vocabularies");
  for (const std::string& sentence : overlap_sentences(comparison.vocabulary)) page.paragraph(sentence + ".");
  if (comparison.languages.empty()) return page.finish();
  page.heading("Languages");
  page.note(
      "A per cent behind two figures is how much more or less B takes. A word is cut otherwise if a token begins "
      "elsewhere in it.");
  const auto figures = figures_of(comparison);
  std::vector<std::vector<Markup>> rows;
  for (size_t i = 1; i < figures.size(); ++i) {
    rows.emplace_back();
    for (const std::string& cell : figures[i]) rows.back().push_back(Markup::unbroken(cell));
  }
  page.table(figures[0], rows, report::Wide::stack);
  page.heading("Words cut otherwise");
  page.group(report::Group::columns, [&] {
    for (const LanguageComparison& language : comparison.languages) {
      if (language.examples.empty()) continue;
      page.group(report::Group::card, [&] {
        page.heading(language.name, 3);
        std::vector<std::vector<Markup>> words;
        for (const WordCutTwice& word : language.examples)
          words.push_back({Markup::code(in_pieces(word.pieces[0])), Markup::code(in_pieces(word.pieces[1])),
                           fmt::format("{}", word.count)});
        page.table({"A", "B", "times"}, words);
      });
    }
  });
  return page.finish();
}

}  // namespace heddle::text
