#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "app/commands.h"
#include "heddle/base/error.h"
#include "heddle/base/utf8.h"
#include "heddle/text/word_vectors/combine_vectors.h"
#include "heddle/text/word_vectors/nearest_words.h"
#include "heddle/text/word_vectors/vector_file.h"

namespace heddle::app {
namespace {

using Json = nlohmann::ordered_json;

text::VectorFormat format_named(const std::string& name) {
  if (name == "text") return text::VectorFormat::text;
  return name == "binary" ? text::VectorFormat::binary : text::VectorFormat::guess;
}

void add_format(Command& command, std::string& format) {
  command.option("--format", format, "text (word2vec, GloVe, fastText .vec), binary (word2vec), or what it looks like")
      .one_of({"guess", "text", "binary"})
      .show_default();
}

struct NearestFlags {
  std::vector<std::string> files, words;
  std::string format = "guess", combine = "concatenate";
  int64_t top = 10;
  bool json = false;
};

text::WordVectors read_sources(const NearestFlags& flags) {
  std::vector<text::WordVectors> sources;
  for (const std::string& file : flags.files)
    sources.push_back(text::read_word_vectors(file, format_named(flags.format)));
  if (sources.size() == 1) return std::move(sources[0]);
  return text::combine_vectors(
      sources, flags.combine == "average" ? text::Combination::average : text::Combination::concatenate);
}

std::vector<text::Neighbour> neighbours_of(const text::WordVectors& vectors, const NearestFlags& flags,
                                           const std::string& word) {
  const int64_t row = vectors.find(word);
  if (row < 0)
    fail_input("\"{}\" is none of the {} words of {}; look at upper and lower case", word, vectors.size(),
               fmt::join(flags.files, ", "));
  std::vector<float> query(static_cast<size_t>(vectors.width()));
  vectors.copy(row, query);
  return text::nearest_words(vectors, query, flags.top, {&row, 1});
}

int nearest(const NearestFlags& flags) {
  const text::WordVectors vectors = read_sources(flags);
  std::string lines;
  auto json = Json::array();
  for (const std::string& word : flags.words) {
    auto near = Json::array();
    lines += word + "\n";
    for (const text::Neighbour& neighbour : neighbours_of(vectors, flags, word)) {
      const std::string text = repair_utf8(vectors.word(neighbour.row));
      lines += fmt::format("  {:7.4f}  {}\n", neighbour.cosine, text);
      near.push_back({{"word", text}, {"cosine", neighbour.cosine}});
    }
    json.push_back({{"word", repair_utf8(word)}, {"nearest", near}});
  }
  fmt::print("{}", flags.json ? json.dump() + "\n" : lines);
  return 0;
}

struct VectorInfoFlags {
  std::vector<std::string> files;
  std::string format = "guess";
  bool json = false;
};

// What info says of one file.
struct Facts {
  int64_t words, width, repeated, not_utf8 = 0;
  bool mapped;
  double shortest = 0, mean = 0, longest = 0;  // lengths of the vectors
};

Facts facts_of(const text::WordVectors& vectors) {
  Facts facts = {
      .words = vectors.size(), .width = vectors.width(), .repeated = vectors.repeated(), .mapped = vectors.is_mapped()};
  std::vector<float> vector(static_cast<size_t>(vectors.width()));
  for (int64_t row = 0; row < vectors.size(); ++row) {
    facts.not_utf8 += !is_valid_utf8(vectors.word(row));
    vectors.copy(row, vector);
    double squares = 0;
    for (const float x : vector) squares += static_cast<double>(x) * static_cast<double>(x);
    const double length = std::sqrt(squares);
    facts.shortest = row == 0 ? length : std::min(facts.shortest, length);
    facts.longest = std::max(facts.longest, length);
    facts.mean += length / static_cast<double>(vectors.size());
  }
  return facts;
}

int info(const VectorInfoFlags& flags) {
  std::string lines;
  auto json = Json::array();
  for (const std::string& file : flags.files) {
    const Facts facts = facts_of(text::read_word_vectors(file, format_named(flags.format)));
    const char* format = facts.mapped ? "binary" : "text";
    lines += fmt::format(
        "{}: {} words, width {}, {}\n  lengths {:.4g} to {:.4g}, mean {:.4g}; {} repeated words dropped; {} words not "
        "UTF-8\n",
        file, facts.words, facts.width, format, facts.shortest, facts.longest, facts.mean, facts.repeated,
        facts.not_utf8);
    json.push_back({{"file", repair_utf8(file)},
                    {"format", format},
                    {"words", facts.words},
                    {"width", facts.width},
                    {"repeated", facts.repeated},
                    {"not_utf8", facts.not_utf8},
                    {"shortest", facts.shortest},
                    {"mean_length", facts.mean},
                    {"longest", facts.longest}});
  }
  fmt::print("{}", flags.json ? json.dump() + "\n" : lines);
  return 0;
}

void add_nearest(Command& vectors) {
  auto flags = std::make_shared<NearestFlags>();
  Command command = vectors.command("nearest", "The words whose vectors are nearest to a word's, by cosine.");
  command.option("--vectors", flags->files, "File of word vectors; several are combined").required().one_value_each();
  command.option("--combine", flags->combine, "Several files, each at unit length")
      .one_of({"concatenate", "average"})
      .show_default();
  command.option("--top", flags->top, "Neighbours of each word").between(1, 1'000'000).show_default();
  add_format(command, flags->format);
  command.flag("--json", flags->json, "JSON on stdout");
  command.option("words", flags->words, "Words").required();
  command.example("heddle vectors nearest --vectors glove.6B.100d.txt --top 5 king river");
  command.run([flags] { return nearest(*flags); });
}

void add_info(Command& vectors) {
  auto flags = std::make_shared<VectorInfoFlags>();
  Command command = vectors.command("info", "What is in files of word vectors.");
  command.option("files", flags->files, "Files of word vectors").required();
  add_format(command, flags->format);
  command.flag("--json", flags->json, "JSON on stdout");
  command.example("heddle vectors info wiki.de.vec GoogleNews-vectors-negative300.bin");
  command.run([flags] { return info(*flags); });
}

}  // namespace

void add_vectors_command(Command app) {
  Command command = app.group("vectors", "Word vectors: word2vec, GloVe, fastText.");
  add_nearest(command);
  add_info(command);
}

}  // namespace heddle::app
