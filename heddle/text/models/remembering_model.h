#pragma once
// A model that remembers what pieces became, for models whose tokenize() costs more than a look-up.

#include "heddle/text/models/model.h"
#include "heddle/text/models/piece_cache.h"

namespace heddle::text {

class RememberingModel : public Model {
 public:
  void encode(const Pieces& pieces, std::vector<int32_t>& ids) const override;

 protected:
  explicit RememberingModel(Vocabulary vocabulary) : Model(std::move(vocabulary)), owner_(PieceCache::new_owner()) {}
  // The ids that tokenize() gives, for those who find them faster without places.
  virtual void append_ids(std::string_view piece, bool as_bytes, std::vector<int32_t>& ids) const;
  // Of this thread, for a model that reads no bytes: what it likes to remember of parts of pieces.
  PieceCache& cache_of_parts() const { return PieceCache::of_thread(2 * owner_ + 1); }

 private:
  uint64_t owner_;
};

}  // namespace heddle::text
