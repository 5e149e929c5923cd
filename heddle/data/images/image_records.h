#pragma once
// Files of many images as rows, to look at a data set as a whole: how many, of which classes, which twice.

#include <memory>

#include "heddle/data/readers/record_reader.h"

namespace heddle::data {

// IDX of three dimensions: column "image"; of one: column "label"; CIFAR-10's binary format: both. An image is written
// as its size and a hash of its pixels, "28 × 28 × 1 #9f86d081884c7d65"; a row's line is its number, from 1. A folder
// with a subfolder of PNG and JPEG files for each class has both columns too; labels are the names of the subfolders.
std::unique_ptr<RecordReader> open_images(const std::filesystem::path& file);

}  // namespace heddle::data
