#pragma once
// Reading a tokenizer.json: a place in it, asked for what must stand there. Every answer that is missing or of the
// wrong kind is an InputError that names the file, the path and what was expected.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <fmt/format.h>

namespace heddle::text {

class JsonDocument;

class JsonView {
 public:
  bool is_null() const;
  bool is_text() const;
  bool is_list() const;
  bool is_object() const;

  // Members of an object. A member that is null counts as absent.
  bool has(const char* key) const;
  JsonView at(const char* key) const;  // must be there
  std::optional<JsonView> find(const char* key) const;
  void each_member(const std::function<void(const std::string& key, JsonView value)>& use) const;

  // Elements of a list; each_member and size serve objects too.
  size_t size() const;
  JsonView item(size_t index) const;

  const std::string& text() const;
  bool flag() const;
  double number() const;
  // A whole number from `least` to `most`.
  int64_t integer(int64_t least, int64_t most) const;
  int32_t one_code_point() const;  // a string of one character

  std::string text_or(const char* key, std::string otherwise) const;
  bool flag_or(const char* key, bool otherwise) const;

  // The part's "type".
  const std::string& type() const { return at("type").text(); }

  template <class... Args>
  [[noreturn]] void fail(fmt::format_string<Args...> what, Args&&... args) const {
    fail_with(fmt::format(what, std::forward<Args>(args)...));
  }

 private:
  friend class JsonDocument;
  JsonView(const JsonDocument& document, const void* node) : document_(&document), node_(node) {}
  [[noreturn]] void fail_with(const std::string& what) const;

  const JsonDocument* document_;
  const void* node_;
};

// The file; views of it live as long as it does.
class JsonDocument {
 public:
  // Throws InputError for what is not JSON, or nested deeper than any tokenizer.json.
  JsonDocument(std::string_view text, std::string source);
  ~JsonDocument();
  JsonDocument(const JsonDocument&) = delete;
  JsonDocument& operator=(const JsonDocument&) = delete;

  JsonView root() const;

 private:
  friend class JsonView;
  struct Tree;

  std::string source_;
  std::unique_ptr<Tree> tree_;
};

}  // namespace heddle::text
