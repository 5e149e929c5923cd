#include "heddle/lab/ledger.h"

#include <cmath>
#include <limits>
#include <map>
#include <mutex>

#include <nlohmann/json.hpp>

#include "heddle/base/error.h"
#include "heddle/base/json_text.h"
#include "heddle/lab/embedded.h"

namespace heddle::lab {
namespace {

using nlohmann::json;

void check_keys(const json& object, std::initializer_list<std::string_view> known, const std::string& where) {
  if (!object.is_object()) fail_input("{} must be an object", where);
  for (const auto& [key, value] : object.items())
    if (std::ranges::find(known, key) == known.end()) fail_input("{} has the unknown key \"{}\"", where, key);
}

Bilingual bilingual(const json& object, const std::string& where) {
  check_keys(object, {"en", "zh"}, where);
  const Bilingual both = {object.value("en", ""), object.value("zh", "")};
  if (!both.complete()) fail_input("{} needs both \"en\" and \"zh\"", where);
  return both;
}

Predicate predicate(const json& object, const std::string& where) {
  check_keys(object, {"figure", "at_least", "at_most", "between", "seeds"}, where);
  constexpr double infinity = std::numeric_limits<double>::infinity();
  Predicate read = {object.at("figure").get<std::string>(), -infinity, infinity, object.value("seeds", 0.0)};
  if (object.contains("between")) {
    read.least = object["between"].at(0).get<double>();
    read.most = object["between"].at(1).get<double>();
  }
  if (object.contains("at_least")) read.least = object["at_least"].get<double>();
  if (object.contains("at_most")) read.most = object["at_most"].get<double>();
  if (std::isinf(read.least) && std::isinf(read.most)) fail_input("{} needs at_least, at_most or between", where);
  if (read.least > read.most) fail_input("{} has bounds in the wrong order", where);
  if (read.seeds != 0 && !(read.seeds > 0.5 && read.seeds <= 1))
    fail_input("{}: \"seeds\" is a share above 0.5, at most 1", where);
  return read;
}

std::vector<Predicate> predicates(const json& list, const std::string& where) {
  std::vector<Predicate> read;
  for (const json& item : list) read.push_back(predicate(item, where));
  return read;
}

Rule rule(const json& object, const std::string& where) {
  check_keys(object, {"holds", "holds_only_if", "condition"}, where);
  Rule read;
  read.holds = predicates(object.at("holds"), where + ".holds");
  if (read.holds.empty()) fail_input("{}.holds is empty: it would always hold", where);
  if (object.contains("holds_only_if")) {
    read.holds_only_if = predicates(object["holds_only_if"], where + ".holds_only_if");
    read.condition = bilingual(object.at("condition"), where + ".condition");
  }
  return read;
}

Claim claim(const json& object, const std::string& where) {
  check_keys(object, {"id", "line", "text", "rule", "not_testable"}, where);
  Claim read = {object.at("id").get<std::string>(),
                object.at("line").get<int>(),
                bilingual(object.at("text"), where + ".text"),
                {},
                {}};
  if (object.contains("rule") == object.contains("not_testable"))
    fail_input("{} needs either \"rule\" or \"not_testable\"", where);
  if (object.contains("rule")) read.rule = rule(object["rule"], where + ".rule");
  else read.not_testable = bilingual(object["not_testable"], where + ".not_testable");
  return read;
}

std::string join(const std::vector<std::string>& parts, const std::string& separator) {
  std::string joined;
  for (const std::string& part : parts) joined += (joined.empty() ? "" : separator) + part;
  return joined;
}

}  // namespace

Ledger parse_ledger(std::string_view text, std::string_view name) {
  if (const std::string problem = json_problem(text); !problem.empty()) fail_input("{} {}", name, problem);
  try {
    const json object = json::parse(text);
    check_keys(object, {"row", "claims"}, std::string(name));
    Ledger read = {object.at("row").get<int>(), {}};
    for (const json& item : object.at("claims"))
      read.claims.push_back(claim(item, fmt::format("{}: claim {}", name, item.value("id", "?"))));
    return read;
  } catch (const json::exception& error) {
    fail_input("{} is no ledger of claims: {}", name, error.what());
  }
}

const Ledger& ledger_of(int row) {
  static std::mutex mutex;
  static std::map<int, Ledger> read;
  const std::lock_guard lock(mutex);
  if (const auto found = read.find(row); found != read.end()) return found->second;
  const std::string name = fmt::format("lab/claims/{:03}.json", row);
  const auto text = embedded_file(name);
  if (!text) fail_input("there is no {}", name);
  return read.emplace(row, parse_ledger(*text, name)).first->second;
}

Judgement row_judgement(const std::vector<ClaimVerdict>& claims) {
  std::vector<std::string> hold, fail, open;
  std::vector<std::string> if_en, if_zh;
  Bilingual needs;
  for (const ClaimVerdict& one : claims) {
    const std::string& id = one.claim->id;
    switch (one.judgement.verdict) {
      case Verdict::holds: hold.push_back(id); break;
      case Verdict::does_not_hold: fail.push_back(id); break;
      case Verdict::holds_only_if:
        if_en.push_back(fmt::format("{} only if {}", id, one.judgement.condition.en));
        if_zh.push_back(fmt::format("{} 的条件：{}", id, one.judgement.condition.zh));
        break;
      case Verdict::undecided:
        open.push_back(id);
        if (needs.en.empty()) needs = one.judgement.needs;
    }
  }
  if (!open.empty() || claims.empty()) return {Verdict::undecided, {}, needs};
  if (fail.empty() && if_en.empty()) return {Verdict::holds, {}, {}};
  if (hold.empty() && if_en.empty()) return {Verdict::does_not_hold, {}, {}};
  Bilingual condition = {join(if_en, "; "), join(if_zh, "；")};
  const auto add = [&](const std::vector<std::string>& ids, const char* en, const char* zh) {
    if (ids.empty()) return;
    condition.en += fmt::format("{}{} {}", condition.en.empty() ? "" : "; ", join(ids, ", "), en);
    condition.zh += fmt::format("{}{} {}", condition.zh.empty() ? "" : "；", join(ids, "、"), zh);
  };
  add(hold, hold.size() == 1 ? "holds" : "hold", "成立");
  add(fail, fail.size() == 1 ? "does not hold" : "do not hold", "不成立");
  return {Verdict::holds_only_if, condition, {}};
}

}  // namespace heddle::lab
