#include "heddle/data/images/array_file.h"

#include <array>
#include <charconv>
#include <cstring>
#include <string_view>

#include "heddle/base/error.h"
#include "heddle/data/byte_source.h"

namespace heddle::data {
namespace {

constexpr size_t kArrayBlock = size_t{1} << 18;
constexpr int32_t kCifarSide = 32;
constexpr size_t kLongestNpyHeader = size_t{1} << 16;

// Reads what a header claims, and no more.
class ArrayReader {
 public:
  explicit ArrayReader(const std::filesystem::path& file) : name_(file.string()), source_(ByteSource::open(file)) {}

  const std::string& name() const { return name_; }

  // Fills `to`; false at the end of the file, InputError inside.
  bool read(void* to, size_t bytes) {
    size_t got = 0;
    while (got < bytes) {
      const size_t more = source_->read(static_cast<char*>(to) + got, bytes - got);
      if (more == 0 && got == 0) return false;
      if (more == 0) fail_input("{} is cut short: {} bytes are missing", name_, bytes - got);
      got += more;
    }
    return true;
  }
  // Memory grows with what is there, whatever was claimed.
  template <class Byte>
  void read_all(std::vector<Byte>& to, size_t bytes) {
    while (to.size() < bytes) {
      const size_t from = to.size(), step = std::min(bytes - from, std::max(kArrayBlock, from));
      to.resize(from + step);
      if (!read(to.data() + from, step)) fail_input("{} is cut short: it has {} of {} bytes", name_, from, bytes);
    }
    char rest = 0;
    if (read(&rest, 1)) fail_input("{} goes on behind the {} bytes that its header names", name_, bytes);
  }

 private:
  std::string name_;
  std::unique_ptr<ByteSource> source_;
};

// Π shape · bytes of a value; InputError beyond the limit.
size_t bytes_of(const std::vector<int64_t>& shape, int64_t size, const std::string& name, const ImageLimits& limits) {
  int64_t bytes = size;
  for (int64_t length : shape) {
    if (length < 0 || (length > 0 && bytes > limits.most_bytes / length))
      fail_input("{} claims a shape of {} values, over {} bytes", name, fmt::join(shape, " × "), limits.most_bytes);
    bytes *= length;
  }
  return static_cast<size_t>(bytes);
}

// The text after `key` in a header such as {'descr': '<f4', 'shape': (3, 4), }.
std::string_view npy_value(std::string_view header, std::string_view key, const std::string& name) {
  const size_t at = header.find(key);
  const size_t colon = at == std::string_view::npos ? at : header.find(':', at + key.size());
  if (colon == std::string_view::npos) fail_input("{}: the header of the .npy file has no {}", name, key);
  const size_t from = header.find_first_not_of(' ', colon + 1);
  return from == std::string_view::npos ? std::string_view() : header.substr(from);
}

std::vector<int64_t> npy_shape(std::string_view text, const std::string& name) {
  const size_t end = text.find(')');
  if (!text.starts_with('(') || end == std::string_view::npos) fail_input("{}: the .npy file has no shape", name);
  std::vector<int64_t> shape;
  for (size_t at = 1; at < end;) {
    int64_t length = 0;
    const auto [stop, error] = std::from_chars(text.data() + at, text.data() + end, length);
    if (error != std::errc()) fail_input("{}: \"{}\" is no shape", name, text.substr(0, end + 1));
    shape.push_back(length);
    at = std::min(text.find_first_not_of(", ", static_cast<size_t>(stop - text.data())), end);
  }
  return shape;
}

int64_t npy_size(std::string_view type) {
  for (std::string_view known : {"f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "b1"})
    if (type == known) return known[1] - '0';
  return 0;
}

template <class T>
void append_as_f64(const std::vector<std::byte>& bytes, std::vector<double>& out) {
  for (size_t at = 0; at < bytes.size(); at += sizeof(T)) {
    T value;
    std::memcpy(&value, bytes.data() + at, sizeof value);
    out.push_back(static_cast<double>(value));
  }
}

}  // namespace

ByteArray read_idx(const std::filesystem::path& file, const ImageLimits& limits) {
  constexpr uint8_t kBytes = 0x08;
  ArrayReader reader(file);
  std::array<uint8_t, 4> magic{};
  if (!reader.read(magic.data(), 4) || magic[0] != 0 || magic[1] != 0 || magic[3] == 0)
    fail_input("{} is no IDX file: it does not begin with 0, 0, a type and a number of dimensions", reader.name());
  if (magic[2] != kBytes) fail_input("{} holds values of type {:#x}; expected bytes (0x8)", reader.name(), magic[2]);
  ByteArray array;
  for (int i = 0; i < magic[3]; ++i) {
    std::array<uint8_t, 4> length{};
    if (!reader.read(length.data(), 4)) fail_input("{} is cut short inside its header", reader.name());
    array.shape.push_back(int64_t{length[0]} << 24 | length[1] << 16 | length[2] << 8 | length[3]);
  }
  reader.read_all(array.values, bytes_of(array.shape, 1, reader.name(), limits));
  return array;
}

std::vector<LabelledImage> read_idx_images(const std::filesystem::path& images, const std::filesystem::path& labels,
                                           const ImageLimits& limits) {
  const ByteArray pixels = read_idx(images, limits), classes = read_idx(labels, limits);
  if (pixels.shape.size() != 3 || classes.shape.size() != 1 || pixels.shape[0] != classes.shape[0])
    fail_input("{} is of shape {}, {} of {}; expected [images, height, width] and [images]", images.string(),
               fmt::join(pixels.shape, " × "), labels.string(), fmt::join(classes.shape, " × "));
  const auto height = static_cast<int32_t>(pixels.shape[1]), width = static_cast<int32_t>(pixels.shape[2]);
  const long size = static_cast<long>(height) * width;
  std::vector<LabelledImage> out;
  for (size_t i = 0; i < classes.values.size(); ++i) {
    const auto from = pixels.values.begin() + static_cast<long>(i) * size;
    out.push_back({{height, width, 1, {from, from + size}}, classes.values[i]});
  }
  return out;
}

std::vector<LabelledImage> read_cifar(const std::filesystem::path& file, int32_t classes, bool fine,
                                      const ImageLimits& limits) {
  constexpr size_t kPlane = size_t{kCifarSide} * kCifarSide;
  ArrayReader reader(file);
  std::vector<LabelledImage> out;
  std::vector<uint8_t> row((fine ? 2 : 1) + 3 * kPlane);
  while (reader.read(row.data(), row.size())) {
    const int32_t label = row[fine ? 1 : 0];
    if (label >= classes)
      fail_input("{}: image {} has the label {}; expected one below {}", reader.name(), out.size(), label, classes);
    if (std::ssize(out) >= limits.most_bytes / std::ssize(row))
      fail_input("{} has more than {} bytes of images", reader.name(), limits.most_bytes);
    Image image = {kCifarSide, kCifarSide, 3, std::vector<uint8_t>(3 * kPlane)};
    const uint8_t* planes = row.data() + (fine ? 2 : 1);
    for (size_t pixel = 0; pixel < kPlane; ++pixel)
      for (size_t channel = 0; channel < 3; ++channel)
        image.pixels[3 * pixel + channel] = planes[channel * kPlane + pixel];
    out.push_back({std::move(image), label});
  }
  return out;
}

NumpyArray read_npy(const std::filesystem::path& file, const ImageLimits& limits) {
  ArrayReader reader(file);
  std::array<uint8_t, 12> start{};
  if (!reader.read(start.data(), 8) || std::memcmp(start.data(), "\x93NUMPY", 6) != 0)
    fail_input("{} is no .npy file: it does not begin with \\x93NUMPY", reader.name());
  const size_t length_bytes = start[6] == 1 ? 2 : 4;
  if (!reader.read(start.data() + 8, length_bytes)) fail_input("{} is cut short inside its header", reader.name());
  size_t length = start[8] | size_t{start[9]} << 8;
  if (length_bytes == 4) length |= size_t{start[10]} << 16 | size_t{start[11]} << 24;
  if (start[6] < 1 || start[6] > 3 || length > kLongestNpyHeader)
    fail_input("{} is of version {} with a header of {} bytes; expected version 1, 2 or 3, and {} bytes at most",
               reader.name(), start[6], length, kLongestNpyHeader);
  std::string header(length, '\0');
  if (!reader.read(header.data(), length)) fail_input("{} is cut short inside its header", reader.name());
  const std::string_view type = npy_value(header, "'descr'", reader.name());
  NumpyArray array;
  const bool little = type.starts_with("'<") || type.starts_with("'|");
  if (type.size() >= 5 && type[4] == '\'') array.type = type.substr(2, 2);
  const int64_t size = npy_size(array.type);
  if (!little || size == 0)
    fail_input("{} holds {}; expected little-endian numbers, such as '<f4'", reader.name(), type.substr(0, 8));
  if (!npy_value(header, "'fortran_order'", reader.name()).starts_with("False"))
    fail_input("{} is in Fortran's order; save numpy.ascontiguousarray(…)", reader.name());
  array.shape = npy_shape(npy_value(header, "'shape'", reader.name()), reader.name());
  reader.read_all(array.bytes, bytes_of(array.shape, size, reader.name(), limits));
  return array;
}

std::vector<double> numbers_of(const NumpyArray& array) {
  std::vector<double> out;
  const std::string& type = array.type;
  if (type == "f4") append_as_f64<float>(array.bytes, out);
  else if (type == "f8") append_as_f64<double>(array.bytes, out);
  else if (type == "i1") append_as_f64<int8_t>(array.bytes, out);
  else if (type == "i2") append_as_f64<int16_t>(array.bytes, out);
  else if (type == "i4") append_as_f64<int32_t>(array.bytes, out);
  else if (type == "i8") append_as_f64<int64_t>(array.bytes, out);
  else if (type == "u1" || type == "b1") append_as_f64<uint8_t>(array.bytes, out);
  else if (type == "u2") append_as_f64<uint16_t>(array.bytes, out);
  else if (type == "u4") append_as_f64<uint32_t>(array.bytes, out);
  else if (type == "u8") append_as_f64<uint64_t>(array.bytes, out);
  else fail_input("an array of {} cannot be read as numbers; save it as f4", type);
  return out;
}

}  // namespace heddle::data
