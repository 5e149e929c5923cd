#include "heddle/data/images/image_records.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>

#include "heddle/base/error.h"
#include "heddle/data/images/array_file.h"
#include "heddle/data/images/picture_file.h"
#include "heddle/data/readers/format.h"

namespace heddle::data {
namespace {

std::string digest(int64_t height, int64_t width, int64_t channels, const uint8_t* pixels) {
  return fmt::format("{} × {} × {} #{:016x}", height, width, channels,
                     XXH3_64bits(pixels, static_cast<size_t>(height * width * channels)));
}

// A folder for each class, one picture in memory at a time.
class PictureRecords : public RecordReader {
 public:
  explicit PictureRecords(const std::filesystem::path& folder)
      : RecordReader(folder), pictures_(list_pictures(folder)) {
    columns_ = {"label", "image"};
  }

  bool next(Record& record) override {
    record.clear();
    if (row_ == pictures_.files.size()) return false;
    const auto& [file, label] = pictures_.files[row_];
    const Image image = read_picture(file);
    shown_ = digest(image.height, image.width, image.channels, image.pixels.data());
    record.add_column(pictures_.classes[static_cast<size_t>(label)]);
    record.add_column(shown_);
    record.line = static_cast<int64_t>(++row_);
    return true;
  }
  int64_t broken_lines() const override { return 0; }
  int64_t first_broken_line() const override { return 0; }

 private:
  PictureFolder pictures_;
  std::string shown_;
  size_t row_ = 0;
};

class ImageRecords : public RecordReader {
 public:
  explicit ImageRecords(const std::filesystem::path& file) : RecordReader(file) {
    if (plain_name(file).ends_with(".bin")) take_cifar();
    else take_idx();
  }

  bool next(Record& record) override {
    record.clear();
    if (row_ == rows()) return false;
    if (!labels_.empty()) record.add_column(labels_[row_]);
    if (!images_.empty()) record.add_column(images_[row_]);
    record.line = static_cast<int64_t>(++row_);
    return true;
  }
  int64_t broken_lines() const override { return 0; }
  int64_t first_broken_line() const override { return 0; }

 private:
  size_t rows() const { return std::max(labels_.size(), images_.size()); }

  void take_cifar() {
    columns_ = {"label", "image"};
    for (const auto& [image, label] : read_cifar(file_)) {
      labels_.push_back(std::to_string(label));
      images_.push_back(digest(image.height, image.width, image.channels, image.pixels.data()));
    }
  }

  void take_idx() {
    const ByteArray array = read_idx(file_);
    if (array.shape.size() == 1) {
      columns_ = {"label"};
      for (uint8_t label : array.values) labels_.push_back(std::to_string(label));
    } else if (array.shape.size() == 3) {
      columns_ = {"image"};
      const int64_t height = array.shape[1], width = array.shape[2];
      for (int64_t i = 0; i < array.shape[0]; ++i)
        images_.push_back(digest(height, width, 1, array.values.data() + i * height * width));
    } else {
      fail_input("{} has {} dimensions; expected 3 (images) or 1 (labels)", file_.string(), array.shape.size());
    }
  }

  std::vector<std::string> labels_, images_;
  size_t row_ = 0;
};

}  // namespace

std::unique_ptr<RecordReader> open_images(const std::filesystem::path& file) {
  if (std::filesystem::is_directory(file)) return std::make_unique<PictureRecords>(file);
  return std::make_unique<ImageRecords>(file);
}

}  // namespace heddle::data
