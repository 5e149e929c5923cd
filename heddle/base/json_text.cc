#include "heddle/base/json_text.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <unordered_set>
#include <vector>

namespace heddle {
namespace {

// Listens to the parser; returning false stops it.
class Listener : public nlohmann::json_sax<nlohmann::json> {
 public:
  explicit Listener(int deepest) : deepest_(deepest) {}
  const std::string& problem() const { return problem_; }

  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t&) override { return true; }
  bool string(string_t&) override { return true; }
  bool binary(binary_t&) override { return true; }
  bool start_object(size_t) override { return open(); }
  bool end_object() override { return close(); }
  bool start_array(size_t) override { return open(); }
  bool end_array() override { return close(); }
  bool key(string_t& name) override {
    if (keys_.back().insert(name).second) return true;
    return stop(fmt::format("has the key \"{}\" twice in one object", name));
  }
  bool parse_error(size_t position, const std::string&, const nlohmann::detail::exception& error) override {
    const std::string_view what = error.what();
    const size_t dash = what.rfind("; expected");
    const bool number = error.id == 406;  // out_of_range.406: beyond a double
    return stop(
        number ? fmt::format("has a number too large to read at byte {}", position)
               : fmt::format("is not valid JSON at byte {}{}", position, dash == what.npos ? "" : what.substr(dash)));
  }

 private:
  bool open() {
    if (static_cast<int>(keys_.size()) == deepest_) return stop(fmt::format("is nested more than {} deep", deepest_));
    keys_.emplace_back();
    return true;
  }
  bool close() {
    keys_.pop_back();
    return true;
  }
  bool stop(std::string problem) {
    problem_ = std::move(problem);
    return false;
  }

  int deepest_;
  std::string problem_;
  std::vector<std::unordered_set<std::string>> keys_;  // of the objects that are open
};

}  // namespace

std::string json_problem(std::string_view text, int deepest) {
  Listener listener(deepest);
  nlohmann::json::sax_parse(text, &listener);
  return listener.problem();
}

}  // namespace heddle
