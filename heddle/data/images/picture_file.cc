#include "heddle/data/images/picture_file.h"

#include <spng.h>
#include <turbojpeg.h>

#include <algorithm>
#include <cmath>
#include <memory>

#include "heddle/base/error.h"
#include "heddle/base/file.h"

namespace heddle::data {
namespace {

constexpr std::string_view kPng("\x89PNG\r\n\x1A\n", 8), kJpeg("\xFF\xD8\xFF", 3);
constexpr size_t kMostChunkBytes = size_t{1} << 24;  // of a PNG's texts and profiles

// An empty picture of this size; InputError if it is none, or too large.
Image sized(int64_t width, int64_t height, const std::string& name, const ImageLimits& limits) {
  if (width < 1 || height < 1 || width > limits.most_pixels / height)
    fail_input("{} has {} × {} pixels; expected at least one, and {} at most", name, width, height, limits.most_pixels);
  return {.height = static_cast<int32_t>(height),
          .width = static_cast<int32_t>(width),
          .channels = 3,
          .pixels = std::vector<uint8_t>(static_cast<size_t>(3 * width * height))};
}

Image decode_png(std::string_view bytes, const std::string& name, const ImageLimits& limits) {
  const std::unique_ptr<spng_ctx, void (*)(spng_ctx*)> context(spng_ctx_new(0), spng_ctx_free);
  if (!context) fail_system("no memory to read {}", name);
  const auto check = [&](int code) {
    if (code != 0) fail_input("{} is no sound PNG file: {}", name, spng_strerror(code));
  };
  check(spng_set_chunk_limits(context.get(), kMostChunkBytes, kMostChunkBytes));
  check(spng_set_png_buffer(context.get(), bytes.data(), bytes.size()));
  spng_ihdr header{};
  check(spng_get_ihdr(context.get(), &header));
  Image image = sized(header.width, header.height, name, limits);
  check(spng_decode_image(context.get(), image.pixels.data(), image.pixels.size(), SPNG_FMT_RGB8, 0));
  return image;
}

Image decode_jpeg(std::string_view bytes, const std::string& name, const ImageLimits& limits) {
  const std::unique_ptr<void, int (*)(tjhandle)> decoder(tjInitDecompress(), tjDestroy);
  if (!decoder) fail_system("no memory to read {}", name);
  const auto* data = reinterpret_cast<const unsigned char*>(bytes.data());
  const auto check = [&](int code) {
    if (code != 0) fail_input("{} is no sound JPEG file: {}", name, tjGetErrorStr2(decoder.get()));
  };
  int width = 0, height = 0, sampling = 0, colours = 0;
  check(tjDecompressHeader3(decoder.get(), data, bytes.size(), &width, &height, &sampling, &colours));
  Image image = sized(width, height, name, limits);
  // Few scans: a small file can hold so many that it takes hours.
  check(tjDecompress2(decoder.get(), data, bytes.size(), image.pixels.data(), width, 0, height, TJPF_RGB,
                      TJFLAG_LIMITSCANS | TJFLAG_STOPONWARNING));
  return image;
}

}  // namespace

Image decode_picture(std::string_view bytes, const std::string& name, const ImageLimits& limits) {
  if (bytes.starts_with(kPng)) return decode_png(bytes, name, limits);
  if (bytes.starts_with(kJpeg)) return decode_jpeg(bytes, name, limits);
  fail_input("{} is neither PNG nor JPEG; convert it to one of these", name);
}

Image read_picture(const std::filesystem::path& file, const ImageLimits& limits) {
  return decode_picture(read_file(file, limits.most_file_bytes), file.string(), limits);
}

Image to_grey(const Image& image) {
  if (image.channels == 1) return image;
  Image grey = {image.height, image.width, 1, {}};
  for (size_t i = 0; i + 2 < image.pixels.size(); i += 3)
    grey.pixels.push_back(static_cast<uint8_t>(
        std::lround(0.299 * image.pixels[i] + 0.587 * image.pixels[i + 1] + 0.114 * image.pixels[i + 2])));
  return grey;
}

namespace {

bool is_named_as_picture(const std::filesystem::path& file) {
  std::string ending = file.extension().string();
  for (char& c : ending) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
  return ending == ".png" || ending == ".jpg" || ending == ".jpeg";
}

// Whether a folder right below `folder` has a picture.
bool has_classes(const std::filesystem::path& folder) {
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error))
    if (entry.is_directory())
      for (const auto& file : std::filesystem::directory_iterator(entry.path(), error))
        if (is_named_as_picture(file.path())) return true;
  return false;
}

}  // namespace

PictureFolder list_pictures(const std::filesystem::path& folder) {
  PictureFolder found;
  if (!std::filesystem::is_directory(folder))
    fail_input("{} is no folder; give one with a subfolder of pictures for each class", folder.string());
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    if (entry.is_directory()) found.classes.push_back(entry.path().filename().string());
  if (found.classes.empty())
    fail_input("{} has no subfolders; expected one with pictures for each class", folder.string());
  std::ranges::sort(found.classes);
  for (size_t label = 0; label < found.classes.size(); ++label) {
    const size_t before = found.files.size();
    for (const auto& entry : std::filesystem::directory_iterator(folder / found.classes[label])) {
      if (is_named_as_picture(entry.path())) found.files.emplace_back(entry.path(), static_cast<int32_t>(label));
    }
    if (found.files.size() == before)
      fail_input("{} has no .png, .jpg or .jpeg files", (folder / found.classes[label]).string());
    std::sort(found.files.begin() + static_cast<long>(before), found.files.end());
  }
  return found;
}

std::vector<std::filesystem::path> picture_folders(const std::filesystem::path& folder) {
  if (has_classes(folder)) return {folder.has_filename() ? folder : folder.parent_path()};
  std::vector<std::filesystem::path> found;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error))
    if (entry.is_directory() && has_classes(entry.path())) found.push_back(entry.path());
  std::ranges::sort(found);
  return found;
}

}  // namespace heddle::data
