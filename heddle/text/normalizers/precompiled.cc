#include "heddle/text/normalizers/precompiled.h"

#include <algorithm>
#include <optional>

#include "heddle/base/error.h"
#include "heddle/text/json/base64.h"
#include "heddle/text/unicode/graphemes.h"
#include "heddle/text/unicode/properties.h"

namespace heddle::text {
namespace {

// Clusters of more bytes are mapped code point by code point.
constexpr size_t kLongestCluster = 5;

// Writes changes in the numbers of Rewrite::change, one behind, since what is dropped counts for the one before.
class Changes {
 public:
  explicit Changes(Rewrite& out) : out_(out) {}

  void flush() {
    if (last_) out_.change(last_->c, last_->change);
    last_.reset();
  }
  void push(int32_t c, int change = 0) {
    flush();
    last_ = {c, change};
  }
  // `before` becomes `after`: code points in place of each other, those left over new or dropped. As in the tokenizers
  // library, nothing is dropped where nothing was written yet; what follows then comes from places before.
  void replace(std::string_view before, std::string_view after) {
    auto left = static_cast<int>(count_code_points(before));
    for (size_t at = 0; at < after.size(); --left) {
      const CodePoint point = decode(after.data() + at);
      push(point.value, left > 0 ? 0 : 1);
      at += static_cast<size_t>(point.length);
    }
    if (left <= 0) return;
    if (last_) last_->change -= left;
    else if (out_.written() > 0)
      for (; left > 0 && !out_.at_end(); --left) out_.drop_next();
  }

 private:
  struct Change {
    int32_t c;
    int change;
  };
  Rewrite& out_;
  std::optional<Change> last_;
};

}  // namespace

Precompiled::Precompiled(std::string charsmap) : map_(std::move(charsmap)) {
  for (int c = 0; c < 128; ++c) {
    const char text = static_cast<char>(c);
    const auto found = map_.shortest({&text, 1});
    const bool is_one = !found || (found->becomes.size() == 1 && found->becomes[0] > 0);
    // A carriage return and a line feed are one cluster.
    const int becomes = c == '\r' || !is_one ? kNotAlone : found ? found->becomes[0] : c;
    ascii_[static_cast<size_t>(c)] = static_cast<signed char>(becomes);
  }
  is_plain_.resize(0x10000);
  for (int32_t c = 0x80; c < 0x10000; ++c) {
    if (properties_of(c).cluster_break() != ClusterBreak::other) continue;
    std::string text;
    append_utf8(text, c);
    is_plain_[static_cast<size_t>(c)] = !map_.shortest(text);
  }
}

// The bytes from `at` on that are ASCII, a cluster each, and become one such byte: not the last before what is no
// ASCII.
size_t Precompiled::ascii_run(std::string_view text, size_t at) const {
  size_t end = at;
  while (end < text.size() && text[end] >= 0 && ascii_[static_cast<size_t>(text[end])] != kNotAlone) ++end;
  return end - at - (end < text.size() && end > at && text[end] < 0);
}

// The bytes from `at` on that are code points which stay, a cluster each; `at` is not ASCII.
size_t Precompiled::plain_run(std::string_view text, size_t at) const {
  const auto is_plain = [this](int32_t c) { return c < 0x10000 && is_plain_[static_cast<size_t>(c)]; };
  const size_t begin = at;
  CodePoint point = decode(text.data() + at);
  while (is_plain(point.value)) {
    const size_t next = at + static_cast<size_t>(point.length);
    if (next == text.size() || text[next] >= 0) return next - begin;
    point = decode(text.data() + next);
    if (!is_plain(point.value) && properties_of(point.value).cluster_break() != ClusterBreak::other) break;
    at = next;
  }
  return at - begin;
}

void Precompiled::apply(AlignedText& text) const {
  const std::string_view old = text.text();
  const size_t most = 256 * old.size() + (1 << 16);
  std::optional<Rewrite> out;  // begun, with `changes`, at the first change
  std::optional<Changes> changes;
  const auto begin = [&](size_t at) {
    if (out) return;
    changes.emplace(out.emplace(text));
    out->keep(at);
  };
  const auto map = [&](size_t at, size_t length) {
    const auto found = map_.shortest(old.substr(at, length));
    if (!found) return false;
    begin(at);
    if (out->written() + found->becomes.size() > most)
      fail_input("the character map makes more than {} bytes of a text of {}", out->written(), old.size());
    changes->replace(old.substr(at, length), found->becomes);  // for all of the part, as in the tokenizers library
    return true;
  };
  const auto push_all = [&](std::string_view run) {
    for (size_t i = 0; i < run.size();) {
      const CodePoint point = decode(run.data() + i);
      changes->push(point.value);
      i += static_cast<size_t>(point.length);
    }
  };
  for (size_t at = 0; at < old.size();) {
    if (const size_t run = ascii_run(old, at); run > 0) {
      if (changes) changes->flush();
      const auto is_changed = [this](char c) { return ascii_[static_cast<size_t>(c)] != c; };
      if (!out && std::ranges::any_of(old.substr(at, run), is_changed)) begin(at);
      if (out && out->at() == at) out->map_ascii(ascii_, run);
      else if (out)
        for (const char c : old.substr(at, run)) changes->push(ascii_[static_cast<size_t>(c)]);
      at += run;
      continue;
    }
    if (const size_t run = old[at] < 0 ? plain_run(old, at) : 0; run > 0) {
      if (changes) changes->flush();
      if (out && out->at() == at) out->keep(run);
      else if (out) push_all(old.substr(at, run));
      at += run;
      continue;
    }
    const size_t end = cluster_end(old, at);
    if (end - at <= kLongestCluster && map(at, end - at)) {
      at = end;
      continue;
    }
    while (at < end) {
      const CodePoint point = decode(old.data() + at);
      if (!map(at, static_cast<size_t>(point.length)) && changes) changes->push(point.value);
      at += static_cast<size_t>(point.length);
    }
  }
  if (!out) return;
  changes->flush();
  out->finish();
}

void Precompiled::write(JsonWriter& json) const {
  json.member("type", "Precompiled");
  json.member("precompiled_charsmap", to_base64(map_.bytes()));
}

}  // namespace heddle::text
