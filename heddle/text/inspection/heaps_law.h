#pragma once
// How the number of different words grows with a text, and Heaps' law fitted to it (Heaps 1978): after n words there
// are about V(n) = k n^β different ones. β near 1: every word is new; near 0: all have been seen.

#include <cstdint>
#include <vector>

namespace heddle::text {

struct HeapsLaw {
  double k = 0, beta = 0;
  double fit = 0;  // R² of the logarithms: 1, the points lie on the law
  double at(double n) const;
};

// A curve of points that lie at equal ratios of n, so that a long text has few.
class GrowthCurve {
 public:
  struct Point {
    int64_t seen, distinct;
  };

  // The next item was seen; `distinct` of them are different so far.
  void add(int64_t distinct) {
    last_ = {last_.seen + 1, distinct};
    if (last_.seen >= next_) keep_last();
  }
  // The points, and where the text ends.
  std::vector<Point> points() const;
  // Least squares over the logarithms of the points from the tenth item on; zero where fewer than three are there.
  HeapsLaw fitted() const;

 private:
  void keep_last();

  std::vector<Point> kept_;
  Point last_ = {0, 0};
  int64_t next_ = 1;
};

}  // namespace heddle::text
