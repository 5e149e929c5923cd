#pragma once
// A model that remembers what pieces became, for models whose tokenize() costs more than a look-up.

#include <memory>
#include <mutex>

#include "heddle/text/models/model.h"
#include "heddle/text/models/piece_cache.h"

namespace heddle::text {

class RememberingModel : public Model {
 public:
  void encode(const Pieces& pieces, std::vector<int32_t>& ids) const override;

 protected:
  explicit RememberingModel(Vocabulary vocabulary) : Model(std::move(vocabulary)) {}
  // The ids that tokenize() gives, for those who find them faster without places.
  virtual void append_ids(std::string_view piece, bool as_bytes, std::vector<int32_t>& ids) const;
  // What a model likes to remember of parts of pieces.
  PieceCache& cache_of_parts() const { return of_parts_.get(); }

 private:
  // Made when it is first asked for.
  class LazyCache {
   public:
    PieceCache& get() const {
      std::call_once(once_, [this] { cache_ = std::make_unique<PieceCache>(); });
      return *cache_;
    }

   private:
    mutable std::once_flag once_;
    mutable std::unique_ptr<PieceCache> cache_;
  };

  LazyCache of_characters_, of_bytes_, of_parts_;
};

}  // namespace heddle::text
