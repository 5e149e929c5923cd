#include "heddle/text/inspection/inspection_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "heddle/report/line_chart.h"
#include "heddle/report/page.h"

namespace heddle::text {
namespace {

using Json = nlohmann::ordered_json;
using report::Markup;

std::string percent(double share) {
  if (share > 0 && share < 0.0001) return "< 0.01 %";
  return fmt::format("{:.{}f} %", 100 * share, share < 0.1 || share > 0.99 ? 2 : 1);
}

// A figure of a language: its name, the sentence that says what it is, and its value as text.
struct Figure {
  const char* name;
  const char* meaning;
  std::string (*value)(const LanguageProfile& language, int64_t vocabulary);
};

const Figure kFigures[] = {
    {"words", "between white space, without punctuation at their ends",
     [](const LanguageProfile& p, int64_t) { return fmt::format("{}", p.words); }},
    {"different", "different words",
     [](const LanguageProfile& p, int64_t) { return fmt::format("{}", p.distinct_words); }},
    {"tokens", "without special ones", [](const LanguageProfile& p, int64_t) { return fmt::format("{}", p.tokens); }},
    {"per word", "tokens per word, the fertility",
     [](const LanguageProfile& p, int64_t) { return fmt::format("{:.3f}", p.fertility()); }},
    {"per byte", "tokens per byte",
     [](const LanguageProfile& p, int64_t) { return fmt::format("{:.4f}", p.tokens_per_byte()); }},
    {"per char.", "tokens per character",
     [](const LanguageProfile& p, int64_t) { return fmt::format("{:.4f}", p.tokens_per_character()); }},
    {"OOV", "out of vocabulary: words that are no token of their own",
     [](const LanguageProfile& p, int64_t) { return percent(p.out_of_vocabulary()); }},
    {"OOV diff.", "the same, of different words",
     [](const LanguageProfile& p, int64_t) { return percent(p.distinct_out_of_vocabulary()); }},
    {"unknown", "tokens that stand for what is unknown",
     [](const LanguageProfile& p, int64_t) { return percent(p.unknown_rate()); }},
    {"bytes", "tokens that are a single byte of a character the vocabulary lacks",
     [](const LanguageProfile& p, int64_t) { return percent(p.byte_rate()); }},
    {"coverage", "characters that a known token stands for",
     [](const LanguageProfile& p, int64_t) { return percent(p.coverage()); }},
    {"used", "tokens of the vocabulary that occur",
     [](const LanguageProfile& p, int64_t v) { return percent(LanguageProfile::ratio(p.distinct_tokens, v)); }},
};

std::string growth_sentence(const LanguageProfile& language) {
  const HeapsLaw law = language.word_growth.fitted();
  if (law.k == 0) return "too few words to say how the vocabulary grows";
  return fmt::format("{} different words of {}: they grow as {:.3g} n^{:.3f} (Heaps' law, R² {:.4f})",
                     language.distinct_words, language.words - language.words_not_listed, law.k, law.beta, law.fit);
}

std::string in_pieces(const WordInPieces& word) { return fmt::format("{}", fmt::join(word.pieces, "|")); }

std::string figures_table(const Inspection& inspection) {
  std::vector<std::vector<std::string>> rows(1, {""});
  for (const Figure& figure : kFigures) rows[0].push_back(figure.name);
  for (const LanguageProfile& language : inspection.languages) {
    rows.push_back({language.name});
    for (const Figure& figure : kFigures) rows.back().push_back(figure.value(language, inspection.vocabulary));
  }
  std::string out;
  for (const auto& row : rows) {
    std::string line;
    for (size_t column = 0; column < row.size(); ++column) {
      int width = 0;
      for (const auto& other : rows) width = std::max(width, report::terminal_width(other[column]));
      const std::string space(static_cast<size_t>(width - report::terminal_width(row[column])), ' ');
      line += column == 0 ? row[column] + space : "  " + space + row[column];
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + "\n";
  }
  return out;
}

Json json_of(const std::vector<WordInPieces>& words) {
  Json list = Json::array();
  for (const WordInPieces& word : words)
    list.push_back({{"pieces", word.pieces}, {"count", word.count}, {"tokens", word.tokens}});
  return list;
}

Json json_of(const GrowthCurve& growth) {
  Json json = {{"seen", Json::array()}, {"distinct", Json::array()}};
  for (const auto& [seen, distinct] : growth.points()) {
    json["seen"].push_back(seen);
    json["distinct"].push_back(distinct);
  }
  const HeapsLaw law = growth.fitted();
  json["heaps"] = {{"k", law.k}, {"beta", law.beta}, {"r_squared", law.fit}};
  return json;
}

Json json_of(const LanguageProfile& p, int64_t vocabulary) {
  return {{"name", p.name},
          {"texts", p.texts},
          {"bytes", p.bytes},
          {"characters", p.characters},
          {"words", p.words},
          {"distinct_words", p.distinct_words},
          {"tokens", p.tokens},
          {"distinct_tokens", p.distinct_tokens},
          {"tokens_per_word", p.fertility()},
          {"tokens_per_byte", p.tokens_per_byte()},
          {"tokens_per_character", p.tokens_per_character()},
          {"out_of_vocabulary", p.out_of_vocabulary()},
          {"distinct_out_of_vocabulary", p.distinct_out_of_vocabulary()},
          {"unknown_rate", p.unknown_rate()},
          {"byte_rate", p.byte_rate()},
          {"coverage", p.coverage()},
          {"vocabulary_used", LanguageProfile::ratio(p.distinct_tokens, vocabulary)},
          {"words_by_tokens", p.words_by_tokens},
          {"word_growth", json_of(p.word_growth)},
          {"token_growth", json_of(p.token_growth)},
          {"most_tokens", json_of(p.worst)},
          {"costliest", json_of(p.costliest)}};
}

// Measured curves, and the fitted laws where `with_laws`.
std::string growth_chart(const Inspection& inspection, GrowthCurve LanguageProfile::*curve, const std::string& what,
                         bool with_laws) {
  std::vector<report::Series> series;
  for (const LanguageProfile& language : inspection.languages) {
    report::Series measured = {language.name, {}, {}}, fitted = {language.name + ", fitted", {}, {}};
    const HeapsLaw law = (language.*curve).fitted();
    for (const auto& [seen, distinct] : (language.*curve).points()) {
      measured.x.push_back(static_cast<double>(seen));
      measured.y.push_back(static_cast<double>(distinct));
      fitted.x.push_back(static_cast<double>(seen));
      fitted.y.push_back(law.at(static_cast<double>(seen)));
    }
    series.push_back(std::move(measured));
    if (with_laws && law.k > 0) series.push_back(std::move(fitted));
  }
  return report::line_chart("Different " + what, what + " seen", "different " + what, series,
                            {.log_x = true, .log_y = true, .width = 420, .height = 300, .show_title = false});
}

void add_words(report::Page& page, const std::string& title, const std::vector<WordInPieces>& words) {
  if (words.empty()) return;
  page.group(report::Group::card, [&] {
    page.heading(title, 4);
    std::vector<std::vector<Markup>> rows;
    for (const WordInPieces& word : words)
      rows.push_back({Markup::code(in_pieces(word)), fmt::format("{}", word.tokens), fmt::format("{}", word.count),
                      fmt::format("{}", word.extra_tokens())});
    page.table({"word", "tokens", "times", "tokens beyond one"}, rows);
  });
}

void add_language(report::Page& page, const LanguageProfile& language) {
  page.heading(language.name, 3);
  page.paragraph(growth_sentence(language));
  page.group(report::Group::columns, [&] {
    add_words(page, "Most tokens for a word", language.worst);
    add_words(page, "Most tokens in all", language.costliest);
  });
}

}  // namespace

std::string inspection_as_text(const Inspection& inspection, const TerminalStyle& style) {
  std::string out = fmt::format("{}: {} tokens\n", inspection.tokenizer, inspection.vocabulary);
  if (!inspection.languages.empty()) out += "\n" + figures_table(inspection);
  for (const LanguageProfile& language : inspection.languages) {
    out += fmt::format("\n{}\n  {}\n", language.name, growth_sentence(language));
    const auto list = [&](const char* title, const std::vector<WordInPieces>& words, int64_t WordInPieces::*number) {
      std::vector<std::string> shown;
      for (const WordInPieces& word : words)
        shown.push_back(fmt::format("{} {}", in_pieces(word), number ? word.*number : word.extra_tokens()));
      if (!shown.empty()) out += fmt::format("  {}: {}\n", title, fmt::join(shown, ", "));
    };
    list("most tokens for a word", language.worst, &WordInPieces::tokens);
    list("most tokens beyond one, in all", language.costliest, nullptr);
  }
  if (!inspection.strip.empty()) out += "\n" + report::terminal_strip(inspection.strip, style.width, style.coloured);
  return out;
}

std::string inspection_as_json(const Inspection& inspection) {
  Json json = {{"tokenizer", inspection.tokenizer}, {"vocabulary", inspection.vocabulary}};
  json["languages"] = Json::array();
  for (const LanguageProfile& language : inspection.languages)
    json["languages"].push_back(json_of(language, inspection.vocabulary));
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string inspection_as_html(const Inspection& inspection) {
  report::Page page("What a tokenizer does to text");
  page.paragraph(Markup::code(inspection.tokenizer) + fmt::format(": {} tokens", inspection.vocabulary));
  if (!inspection.strip.empty()) {
    page.heading("A text's tokens");
    page.note("Below each token its id, and the bytes of the text that it came from.");
    page.strip(inspection.strip);
  }
  if (inspection.languages.empty()) return page.finish();
  page.heading("Languages");
  std::vector<std::string> header = {"figure"};
  for (const LanguageProfile& language : inspection.languages) header.push_back(language.name);
  std::vector<std::vector<Markup>> rows;
  for (const Figure& figure : kFigures) {
    rows.push_back({Markup::strong(figure.name) + ": " + figure.meaning});
    for (const LanguageProfile& language : inspection.languages)
      rows.back().push_back(Markup::unbroken(figure.value(language, inspection.vocabulary)));
  }
  page.table(header, rows, report::Wide::stack);
  page.heading("Growth of the vocabulary");
  page.group(report::Group::columns, [&] {
    page.figure(growth_chart(inspection, &LanguageProfile::word_growth, "words", true),
                "Different words against words seen, and Heaps' law fitted to each", report::Fit::scale);
    page.figure(growth_chart(inspection, &LanguageProfile::token_growth, "tokens", false),
                "Different tokens against tokens seen; they end at the size of the vocabulary", report::Fit::scale);
  });
  page.heading("Words in pieces");
  for (const LanguageProfile& language : inspection.languages) add_language(page, language);
  return page.finish();
}

}  // namespace heddle::text
