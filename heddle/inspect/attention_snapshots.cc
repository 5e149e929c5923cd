#include "heddle/inspect/attention_snapshots.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "heddle/base/file.h"
#include "heddle/base/json_text.h"
#include "heddle/inspect/attention_maps.h"

namespace heddle::inspect {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr int64_t kLargestFile = int64_t{256} << 20;
constexpr size_t kMostDrawn = 8;  // steps whose maps are shown

struct Sentence {
  std::vector<std::string> source, input;
};

struct Snapshot {
  int64_t step = 0;
  std::vector<Sentence> sentences;
  std::vector<AttentionMap> maps;
};

Snapshot read_snapshot(const fs::path& file) {
  const std::string text = read_file(file, kLargestFile);
  if (const std::string problem = json_problem(text); !problem.empty()) fail_input("{} {}", file.string(), problem);
  try {
    const Json json = Json::parse(text);
    Snapshot snapshot{json.at("step").get<int64_t>(), {}, {}};
    for (const Json& sentence : json.at("sentences"))
      snapshot.sentences.push_back({sentence.at("source").get<std::vector<std::string>>(),
                                    sentence.at("input").get<std::vector<std::string>>()});
    for (const Json& map : json.at("maps")) {
      snapshot.maps.push_back({map.at("attention").get<std::string>(), map.at("head").get<int>(),
                               map.at("sentence").get<int64_t>(), map.at("rows").get<int64_t>(),
                               map.at("columns").get<int64_t>(), map.at("weights").get<std::vector<float>>()});
      const AttentionMap& read = snapshot.maps.back();
      const auto count = std::ssize(read.weights);
      if (read.sequence < 0 || read.sequence >= std::ssize(snapshot.sentences) || read.rows < 0 || read.columns < 0 ||
          read.rows > count || read.columns > count || read.rows * read.columns != count)
        fail_input("{}: a map of {} has {} weights, which are no {} rows of {}", file.string(), read.attention, count,
                   read.rows, read.columns);
    }
    return snapshot;
  } catch (const Json::exception& error) {
    fail_input("{} is no attention snapshot: {}", file.string(), error.what());
  }
}

std::vector<Snapshot> read_snapshots(const fs::path& run, const std::string& where) {
  std::vector<fs::path> files;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(run / "attention", error))
    if (entry.path().extension() == ".json") files.push_back(entry.path());
  if (files.empty())
    fail_input("{} has no attention snapshots; train with --set train.attention_every=100", run.string());
  std::ranges::sort(files);
  std::vector<Snapshot> snapshots;
  for (const fs::path& file : files) {
    snapshots.push_back(read_snapshot(file));
    std::erase_if(snapshots.back().maps,
                  [&](const AttentionMap& map) { return map.attention.find(where) == std::string::npos; });
  }
  if (snapshots.back().maps.empty()) fail_input("--at {}: no stored attention has that in its name", where);
  return snapshots;
}

// Of every head at every step, as curves, and the mean over the heads as a table.
void add_curves(const std::vector<Snapshot>& snapshots, Findings& findings) {
  Table table = {.name = "steps",
                 .caption = "Entropy (nats) and diagonal mass, mean over heads and stored sentences:",
                 .columns = {"step", "attention", "entropy", "diagonal"}};
  std::vector<Chart> charts;
  for (const Snapshot& snapshot : snapshots) {
    std::vector<HeadFigures> figures;
    for (const AttentionMap& map : snapshot.maps) add_figures(map, {}, figures);
    finish_figures(figures);
    for (const HeadFigures& f : figures) {
      const std::string name = "Entropy of " + f.attention;
      auto chart = std::ranges::find(charts, name, &Chart::name);
      if (chart == charts.end()) chart = charts.insert(charts.end(), {name, "step", "nats", {}});
      const std::string head = fmt::format("head {}", f.head);
      auto series = std::ranges::find(chart->series, head, &report::Series::name);
      if (series == chart->series.end()) series = chart->series.insert(series, {head, {}, {}});
      series->x.push_back(static_cast<double>(snapshot.step));
      series->y.push_back(f.entropy);
    }
    for (size_t begin = 0, end = 0; begin < figures.size(); begin = end) {
      double entropy = 0, diagonal = 0;
      for (end = begin; end < figures.size() && figures[end].attention == figures[begin].attention; ++end) {
        entropy += figures[end].entropy;
        diagonal += figures[end].diagonal;
      }
      const auto heads = static_cast<double>(end - begin);
      table.rows.push_back({snapshot.step, figures[begin].attention, entropy / heads, diagonal / heads});
    }
  }
  findings.tables.push_back(std::move(table));
  findings.charts = std::move(charts);
}

void add_maps(const std::vector<Snapshot>& snapshots, Findings& findings) {
  std::vector<std::string> attentions;
  for (const AttentionMap& map : snapshots.back().maps)
    if (map.sequence == 0 && std::ranges::find(attentions, map.attention) == attentions.end())
      attentions.push_back(map.attention);
  for (const std::string& attention : attentions)
    for (size_t i = 0; i < std::min(kMostDrawn, snapshots.size()); ++i) {
      // Evenly over the run, the last one too.
      const size_t steps = snapshots.size(), drawn = std::min(kMostDrawn, steps);
      const Snapshot& snapshot = snapshots[drawn == 1 ? 0 : i * (steps - 1) / (drawn - 1)];
      const Sentence& sentence = snapshot.sentences[0];
      const bool of_source = attention.starts_with("encoder.");
      auto values = mean_over_heads(snapshot.maps, attention, 0);
      std::vector<std::string> columns =
          of_source || attention.ends_with("cross_attention") ? sentence.source : sentence.input;
      if (!values.empty() && values[0].size() > columns.size())  // merged cross-attention: the source stands behind
        columns.insert(columns.end(), sentence.source.begin(), sentence.source.end());
      findings.maps.push_back({.name = fmt::format("{}, step {}", attention, snapshot.step),
                               .caption = "",
                               .rows = of_source ? sentence.source : sentence.input,
                               .columns = std::move(columns),
                               .values = std::move(values)});
    }
}

}  // namespace

void write_attention_snapshot(const fs::path& run, int64_t step, const Subject& subject, const Examples& examples,
                              const text::Tokenizer& tokenizer) {
  Json json = {{"step", step}, {"sentences", Json::array()}, {"maps", Json::array()}};
  for (int64_t i = 0; i < examples.size(); ++i) {
    const data::TranslationBatch one = examples.one(i);
    json["sentences"].push_back(
        {{"source", token_labels(tokenizer, one.source.ids)}, {"input", token_labels(tokenizer, one.target_in.ids)}});
    AttentionReader reader;
    inspect::run(subject, one, &reader);
    for (const AttentionMap& map : reader.maps()) {
      std::vector<double> weights;  // four digits are what a drawing shows
      for (const float weight : map.weights) weights.push_back(std::round(1e4 * static_cast<double>(weight)) / 1e4);
      json["maps"].push_back({{"attention", map.attention},
                              {"head", map.head},
                              {"sentence", i},
                              {"rows", map.rows},
                              {"columns", map.columns},
                              {"weights", std::move(weights)}});
    }
  }
  create_folder(run / "attention");
  write_file_atomic(run / "attention" / fmt::format("step_{:08}.json", step),
                    json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n");
}

Findings snapshot_findings(const fs::path& run, const std::string& where) {
  const std::vector<Snapshot> snapshots = read_snapshots(run, where);
  Findings findings = {.title = "Attention while " + run.string() + " was trained"};
  add_curves(snapshots, findings);
  add_maps(snapshots, findings);
  return findings;
}

}  // namespace heddle::inspect
