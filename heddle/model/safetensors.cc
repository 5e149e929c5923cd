#include "heddle/model/safetensors.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstring>

#include "heddle/base/json_text.h"

namespace heddle::model {
namespace {

using OrderedJson = nlohmann::ordered_json;  // for writing; its look-up is a search

constexpr uint64_t kLongestHeader = 100'000'000;
constexpr int kHeaderDepth = 3;  // {name: {"shape": []}}

struct Format {
  DType dtype;
  const char* name;
};
constexpr Format kFormats[] = {{DType::f64, "F64"}, {DType::f32, "F32"}, {DType::bf16, "BF16"}, {DType::f16, "F16"},
                               {DType::i8, "I8"},   {DType::u8, "U8"},   {DType::i32, "I32"},   {DType::i64, "I64"}};

const char* format_name(DType dtype) { return std::ranges::find(kFormats, dtype, &Format::dtype)->name; }

struct Entry {
  std::string name;
  DType dtype;
  Shape shape;
  uint64_t begin, end;
};

struct HeaderParser {
  std::string file;

  template <class... Args>
  [[noreturn]] void fail(fmt::format_string<Args...> what, Args&&... args) const {
    fail_input("{}: {}; the file is damaged or no safetensors file", file,
               fmt::format(what, std::forward<Args>(args)...));
  }

  uint64_t number(const nlohmann::json& value, const std::string& name) const {
    if (!value.is_number_unsigned()) fail("the tensor {} has a size that is no whole number", name);
    return value.get<uint64_t>();
  }

  Entry entry(const std::string& name, const nlohmann::json& info, uint64_t bytes_left) const {
    if (!info.is_object() || !info.contains("dtype") || !info.contains("shape") || !info.contains("data_offsets") ||
        !info["dtype"].is_string() || !info["shape"].is_array() || !info["data_offsets"].is_array() ||
        info["data_offsets"].size() != 2)
      fail("the tensor {} lacks dtype, shape or data_offsets", name);
    const auto type = info["dtype"].get<std::string>();
    const auto format = std::ranges::find(kFormats, type, [](const Format& f) { return std::string(f.name); });
    if (format == std::end(kFormats)) fail("the tensor {} has the unknown dtype {}", name, type);
    if (info["shape"].size() > static_cast<size_t>(Shape::kMaxRank))
      fail("the tensor {} has {} dimensions, at most {} are read", name, info["shape"].size(), Shape::kMaxRank);
    uint64_t bytes = static_cast<uint64_t>(size_of(format->dtype));
    int64_t sizes[Shape::kMaxRank] = {};
    int rank = 0;
    for (const nlohmann::json& size : info["shape"]) {
      const uint64_t value = number(size, name);
      if (__builtin_mul_overflow(bytes, value, &bytes) || value > bytes_left)
        fail("the tensor {} claims more bytes than the file has", name);
      sizes[rank++] = static_cast<int64_t>(value);
    }
    const uint64_t begin = number(info["data_offsets"][0], name), end = number(info["data_offsets"][1], name);
    if (begin > end || end > bytes_left || end - begin != bytes)
      fail("the tensor {} has a byte range that does not fit its shape", name);
    const Shape shape = rank == 0 ? Shape{1} : Shape(std::span<const int64_t>(sizes, static_cast<size_t>(rank)));
    return {name, format->dtype, shape, begin, end};
  }

  void check_metadata(const nlohmann::json& metadata) const {
    const auto is_text = [](const nlohmann::json& value) { return value.is_string(); };
    if (!metadata.is_object() || !std::ranges::all_of(metadata, is_text)) fail("its __metadata__ is no map of texts");
  }
};

// The numbers in the mapped file; a copy where the file puts them off their alignment.
Tensor view_of(std::byte* data, const Entry& entry) {
  const auto address = reinterpret_cast<uintptr_t>(data);
  if (address % static_cast<uintptr_t>(size_of(entry.dtype)) == 0)
    return Tensor::borrow(data, entry.shape, entry.dtype);
  Tensor copy = Tensor::zeros(entry.shape, entry.dtype);
  std::memcpy(copy.raw(), data, static_cast<size_t>(copy.bytes()));
  return copy;
}

}  // namespace

void save_safetensors(const std::filesystem::path& file, const std::vector<NamedTensor>& tensors) {
  OrderedJson header = OrderedJson::object();
  header["__metadata__"] = {{"format", "pt"}};
  int64_t offset = 0;
  for (const NamedTensor& named : tensors) {
    OrderedJson shape = OrderedJson::array();
    for (int i = 0; i < named.tensor.shape().rank(); ++i) shape.push_back(named.tensor.shape()[i]);
    header.get_ref<OrderedJson::object_t&>().emplace_back(
        named.name, OrderedJson{{"dtype", format_name(named.tensor.dtype())},
                                {"shape", shape},
                                {"data_offsets", {offset, offset + named.tensor.bytes()}}});
    offset += named.tensor.bytes();
  }
  std::string text = header.dump();
  text.resize((text.size() + 7) / 8 * 8, ' ');
  const uint64_t length = text.size();
  AtomicFile out(file);
  out.write(&length, 8);
  out.write(text);
  for (const NamedTensor& named : tensors) out.write(named.tensor.raw(), named.tensor.bytes());
  out.commit();
}

Safetensors::Safetensors(const std::filesystem::path& file) : file_(file), mapped_(std::make_unique<MappedFile>(file)) {
  const HeaderParser parser{file.string()};
  const auto bytes = mapped_->bytes();
  uint64_t length = 0;
  if (bytes.size() < 8) parser.fail("it has only {} bytes", bytes.size());
  std::memcpy(&length, bytes.data(), 8);
  if (length > kLongestHeader || length > bytes.size() - 8) parser.fail("its header claims {} bytes", length);
  const auto* text = reinterpret_cast<const char*>(bytes.data()) + 8;
  if (length == 0 || text[0] != '{') parser.fail("its header is no JSON object");
  if (const std::string problem = json_problem({text, length}, kHeaderDepth); !problem.empty())
    parser.fail("its header {}", problem);
  const nlohmann::json header = nlohmann::json::parse(text, text + length, nullptr, false);
  const uint64_t left = bytes.size() - 8 - length;
  std::vector<Entry> entries;
  for (const auto& [name, info] : header.items()) {
    if (name == "__metadata__") parser.check_metadata(info);
    else entries.push_back(parser.entry(name, info, left));
  }
  std::ranges::sort(entries, {}, [](const Entry& entry) { return std::pair(entry.begin, entry.end); });
  uint64_t covered = 0;
  for (const Entry& entry : entries) {
    if (entry.begin != covered) parser.fail("the tensor {} overlaps another or leaves a hole", entry.name);
    covered = entry.end;
    auto* data = const_cast<std::byte*>(bytes.data()) + 8 + length + entry.begin;
    tensors_.emplace(entry.name, view_of(data, entry));
  }
  if (covered != left) parser.fail("{} bytes behind the last tensor belong to nothing", left - covered);
}

std::vector<std::string> Safetensors::names() const {
  std::vector<std::string> names;
  for (const auto& [name, tensor] : tensors_) names.push_back(name);
  return names;
}

Tensor Safetensors::at(const std::string& name) const {
  const auto found = tensors_.find(name);
  if (found == tensors_.end()) fail_input("{} has no tensor {}; it belongs to another model", file_.string(), name);
  return found->second;
}

}  // namespace heddle::model
