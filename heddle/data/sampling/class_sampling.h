#pragma once
// Which examples an epoch shows, and in which order, where classes are uneven.
//
// All are functions of the labels and a key, so that the same seed gives the same order at any number of threads.
// Labels are class numbers from 0; results are indices of examples.

#include <cstdint>
#include <span>
#include <vector>

#include "heddle/base/random.h"

namespace heddle::data {

// Every example once, in random order.
std::vector<int64_t> uniform_order(int64_t examples, RandomKey key);

// `draws` examples with replacement: first a class, each with the same probability, then an example of it.
std::vector<int64_t> class_balanced_order(std::span<const int32_t> labels, int64_t draws, RandomKey key);

// Every class as often as the largest (over) or the smallest (under), in random order. Over-sampling shows every
// example before it repeats one; under-sampling draws without replacement.
std::vector<int64_t> over_sampled_order(std::span<const int32_t> labels, RandomKey key);
std::vector<int64_t> under_sampled_order(std::span<const int32_t> labels, RandomKey key);

// A part for every example: part p gets fractions[p] of every class, to within one example, and of all to within
// one example a class. Throws InputError unless the fractions are positive and their sum is 1.
std::vector<int32_t> stratified_parts(std::span<const int32_t> labels, std::span<const double> fractions,
                                      RandomKey key);

// Batches of `size` that hold every class: `per_class` examples of each, the rest drawn in the proportions of the
// data. Every example is in the epoch at least once; small classes are repeated in new order. Throws InputError where a
// batch is too small for all classes.
std::vector<std::vector<int64_t>> every_class_batches(std::span<const int32_t> labels, int64_t size, int64_t per_class,
                                                      RandomKey key);

}  // namespace heddle::data
