#pragma once
// Attention over packed sequences that never stores the score matrix.
//
//   out_i = Σ_j p_ij v_j,  p_i = softmax_j(cap(scale·q_i·k_j) + Σ terms + Σ biases),  over all j that the masks allow.
//
// Scores are made tile by tile with a running maximum and sum (Milakov & Gimelshein 2018; Dao et al.
// 2022); the backward pass makes them again from the saved log-sum. Keys may come from several
// sources under one softmax, packed or paged, and several query sequences may read the same keys (beams).
// float runs the fast path, double the reference.

#include <cstdint>
#include <span>
#include <vector>

#include "heddle/kernels/dropout.h"
#include "heddle/kernels/mask.h"

namespace heddle::kernels {

// Where the keys and values of one source lie. Key sequence s has `length[s]` rows; its row j is
// begin[s] + j, or through a block table block_table[block_begin[s] + j / block_rows]·block_rows
// + j % block_rows.
template <class T>
struct KeySource {
  const T* keys = nullptr;    // row r at keys + r·key_stride: [key_heads, key_width]
  const T* values = nullptr;  // row r at values + r·value_stride: [key_heads, value_width]
  int64_t key_stride = 0, value_stride = 0;
  std::span<const int32_t> begin, length;  // per key sequence
  std::span<const int32_t> block_table, block_begin;
  int32_t block_rows = 1;
  std::span<const int32_t> of_query;     // key sequence of each query sequence; empty: the same number
  std::span<const int32_t> query_start;  // absolute position of each query sequence's first row; empty: 0
  std::span<const int32_t> key_start;    // of each key sequence's first row; empty: 0
  Mask mask;
  std::span<const Mask> head_masks;  // one for each query head, in place of `mask`; empty: the same for all
  // What masks may ask for: the document of each packed query row and of each key (key_number()); one of them empty:
  // all are one. `documents_ascend`: in every sequence, so that tiles are judged by their ends.
  std::span<const int32_t> query_document, key_document;
  bool documents_ascend = false;
  std::span<const int32_t> real_length;  // per key sequence: keys from here on are padding; empty: none is

  const Mask& mask_of(int head) const { return head_masks.empty() ? mask : head_masks[static_cast<size_t>(head)]; }
  int64_t key_sequence(int64_t query_sequence) const {
    return of_query.empty() ? query_sequence : of_query[static_cast<size_t>(query_sequence)];
  }
  int64_t row(int64_t sequence, int64_t j) const {
    const auto s = static_cast<size_t>(sequence);
    if (block_table.empty()) return begin[s] + j;
    if (block_rows == 1) return block_table[static_cast<size_t>(block_begin[s] + j)];  // spares two divisions
    return int64_t{block_table[static_cast<size_t>(block_begin[s] + j / block_rows)]} * block_rows + j % block_rows;
  }
  // Of a sequence's first key among all of them, as they are told apart: by rows, or by places in the block table.
  int64_t key_number(int64_t sequence) const {
    const auto s = static_cast<size_t>(sequence);
    return block_table.empty() ? begin[s] : int64_t{block_begin[s]} * block_rows;
  }
  // Of a query sequence whose rows are [first_row, first_row + rows).
  MaskFacts facts(int64_t query_sequence, int64_t first_row, int64_t rows) const {
    const auto of_queries = static_cast<size_t>(query_sequence), s = static_cast<size_t>(key_sequence(query_sequence));
    MaskFacts facts;
    facts.query_start = query_start.empty() ? 0 : query_start[of_queries];
    facts.key_start = key_start.empty() ? 0 : key_start[s];
    if (!query_document.empty() && !key_document.empty()) {
      facts.query_document = query_document.subspan(static_cast<size_t>(first_row), static_cast<size_t>(rows));
      facts.key_document = key_document.subspan(static_cast<size_t>(key_number(static_cast<int64_t>(s))),
                                                static_cast<size_t>(length[s]));
      facts.documents_ascend = documents_ascend;
    }
    if (!real_length.empty()) facts.padding_begin = facts.key_start + real_length[s];
    return facts;
  }
};

// Where a term's tile lies: head, the absolute positions of its first query and key, and its size.
struct ScoreTile {
  int64_t sequence, source;
  int head;
  int64_t query, key;  // absolute positions of the first row and column
  int64_t rows, columns;
  int64_t stride;               // of the score tile
  int64_t query_stride;         // between the query vectors
  int64_t gradient_stride = 0;  // between their gradients, in a backward pass
};

// Something added to the scores: ALiBi, T5 bias, Shaw, Transformer-XL, CoPE, adaptive span. A query's keys of one
// source come tile by tile, or all at once: in the forward pass from the last to the first, in the backward pass from
// the first to the last. In a backward pass add() of a source's tile comes before its backward(), on the same thread
// and without another tile of that source between them; terms in their order, and back in the opposite one.
template <class T>
class ScoreTerm {
 public:
  virtual ~ScoreTerm() = default;
  // score[i·stride + j] += …; q is the tile's first query vector (not scaled).
  virtual void add(const ScoreTile& tile, const T* q, T* score) const = 0;
  // dscore arrives; dq receives this term's part (added). A term that reads the scores in add() adds their gradient to
  // dscore. Own gradients go into lane `lane` of the term, which its owner adds up in a fixed order.
  virtual void backward(const ScoreTile& tile, const T* q, T* dscore, T* dq, int lane) const = 0;
};

// Sees the whole scores and weights of one (sequence, head): runs the composed path.
template <class T>
class AttentionProbe {
 public:
  virtual ~AttentionProbe() = default;
  // May change what it is shown; [rows, columns], columns over all sources end to end; scores of pairs
  // that are not allowed are -infinity.
  virtual void scores(int64_t sequence, int head, int64_t rows, int64_t columns, T* scores) = 0;
  virtual void weights(int64_t sequence, int head, int64_t rows, int64_t columns, T* weights) = 0;
};

template <class T>
struct AttentionPlan {
  int query_heads = 1, key_heads = 1;  // query_heads is a multiple of key_heads
  int64_t key_width = 0, value_width = 0;
  T scale = 1;
  T soft_cap = 0;  // c > 0: scores become c·tanh(score / c)
  std::span<const ScoreTerm<T>* const> terms;
  // Of the weights: key for the site (the head is mixed in), `example` per query sequence. The
  // decision's row is the absolute query position, its column the absolute key position.
  Dropout dropout;
  AttentionProbe<T>* probe = nullptr;
};

template <class T>
struct AttentionQueries {
  const T* q = nullptr;  // row r at q + r·stride: [query_heads, key_width]
  int64_t stride = 0;
  std::span<const int32_t> offsets;  // [query sequences + 1]
};

// Working memory, owned by the caller; grows only for a larger shape.
class AttentionScratch {
 public:
  // `count` elements for `lane`; the same memory at each call.
  template <class T>
  T* take(int lane, int64_t count) {
    return static_cast<T*>(bytes(lane, count * static_cast<int64_t>(sizeof(T))));
  }
  // Makes room for `lanes` threads before a parallel loop.
  void prepare(int lanes) {
    if (memory_.size() < static_cast<size_t>(lanes)) memory_.resize(static_cast<size_t>(lanes));
  }

 private:
  void* bytes(int lane, int64_t count) {
    auto& memory = memory_[static_cast<size_t>(lane)];
    if (static_cast<int64_t>(memory.size()) < count + 64) memory.resize(static_cast<size_t>(count + 64));
    const size_t past = reinterpret_cast<uintptr_t>(memory.data()) % 64;
    return memory.data() + (64 - past) % 64;
  }
  std::vector<std::vector<std::byte>> memory_;
};

// out row r at out + r·out_stride: [query_heads, value_width]; log_sum [rows, query_heads], in double: among scores of
// some hundreds its rounding would be that of the weights which the backward pass makes of it.
void attention(const AttentionPlan<float>& plan, const AttentionQueries<float>& queries,
               std::span<const KeySource<float>> sources, float* out, int64_t out_stride, double* log_sum,
               AttentionScratch& scratch);
void attention(const AttentionPlan<double>& plan, const AttentionQueries<double>& queries,
               std::span<const KeySource<double>> sources, double* out, int64_t out_stride, double* log_sum,
               AttentionScratch& scratch);

template <class T>
struct KeyGradients {
  T* dkeys = nullptr;
  T* dvalues = nullptr;
  int64_t key_stride = 0, value_stride = 0;
};

template <class T>
struct AttentionGradients {
  const T* out = nullptr;  // as attention() left it
  const double* log_sum = nullptr;
  const T* dout = nullptr;
  int64_t out_stride = 0, dout_stride = 0;
  T* dq = nullptr;  // overwritten
  int64_t dq_stride = 0;
  std::span<const KeyGradients<T>> sources;  // added to, by the rows of the keys
};

void attention_backward(const AttentionPlan<float>& plan, const AttentionQueries<float>& queries,
                        std::span<const KeySource<float>> sources, const AttentionGradients<float>& gradients,
                        AttentionScratch& scratch);
void attention_backward(const AttentionPlan<double>& plan, const AttentionQueries<double>& queries,
                        std::span<const KeySource<double>> sources, const AttentionGradients<double>& gradients,
                        AttentionScratch& scratch);

}  // namespace heddle::kernels
