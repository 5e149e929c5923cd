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
  // Whether the same piece always becomes the same; else nothing is remembered.
  virtual bool is_deterministic() const { return true; }

 private:
  uint64_t owner_;
};

}  // namespace heddle::text
