#pragma once
// PNG and JPEG files, by libspng and libjpeg-turbo.

#include <filesystem>
#include <string_view>

#include "heddle/data/images/image.h"

namespace heddle::data {

// The picture as red, green and blue, 8 bits each; transparency is dropped. The kind is told by the first bytes. Throws
// InputError for what is neither, is damaged, or is larger than the limits allow.
Image read_picture(const std::filesystem::path& file, const ImageLimits& limits = {});
// The same from bytes; `name` is for errors.
Image decode_picture(std::string_view bytes, const std::string& name, const ImageLimits& limits = {});

// A picture in shades of grey (Rec. 601: 0.299 red, 0.587 green, 0.114 blue).
Image to_grey(const Image& image);

// The pictures below `folder`, a subfolder for each class (ImageNet's layout); classes are numbered in the order of
// their names. Throws InputError where there is no such subfolder or no picture in one.
struct PictureFolder {
  std::vector<std::string> classes;
  std::vector<std::pair<std::filesystem::path, int32_t>> files;  // with their class, sorted
};
PictureFolder list_pictures(const std::filesystem::path& folder);

// The folders that list_pictures() can read among `folder` itself and its subfolders ("train", "valid"), sorted; empty
// where these are no pictures in classes.
std::vector<std::filesystem::path> picture_folders(const std::filesystem::path& folder);

}  // namespace heddle::data
