#include "heddle/lab/tasks/agreement_translation.h"

#include <fmt/format.h>

namespace heddle::lab {

std::string AgreementTranslation::name(int32_t id) const {
  if (id == kStart) return "start";
  if (id == kEnd) return "end";
  if (id < kOpening) return fmt::format("topic {}", id - kTopic);
  if (id < kClosing) return fmt::format("opening {}", id - kOpening);
  if (id < kFirstWord) return fmt::format("closing {}", id - kClosing);
  int word = id - kFirstWord;
  if (word < plain) return fmt::format("p{}", word);
  if ((word -= plain) < ambiguous) return fmt::format("a{}", word);
  if ((word -= ambiguous) < plain) return fmt::format("P{}", word);
  word -= plain;
  return fmt::format("A{} of {}", word / 2, word % 2);
}

AgreementTranslation::Batch AgreementTranslation::batch(RandomStream& random, int64_t sequences) const {
  const auto below = [&](int bound) { return static_cast<int32_t>(random.below(static_cast<uint64_t>(bound))); };
  const int words = plain + ambiguous;
  Batch made;
  std::vector<int32_t> source, target;
  for (int64_t s = 0; s < sequences; ++s) {
    const int32_t topic = below(2), opening = below(2), length = shortest + below(longest - shortest + 1);
    source = {kTopic + topic};
    target = {kOpening + opening};
    made.kinds.push_back(Kind::opening);
    for (int32_t i = 0; i < length; ++i) {
      const bool is_plain = below(2) == 0;
      const int32_t word = is_plain ? below(plain) : plain + below(ambiguous);
      source.push_back(kFirstWord + word);
      // Plain words are translated by words, ambiguous ones by either of two.
      target.push_back(kFirstWord + words + (is_plain ? word : plain + 2 * (word - plain) + topic));
      made.kinds.push_back(is_plain ? Kind::plain : Kind::ambiguous);
    }
    source.push_back(kEnd);
    target.push_back(kClosing + opening);
    made.kinds.push_back(Kind::closing);
    made.tokens.source.add(s, source);
    made.tokens.target_in.add_shifted(s, kStart, target);
    made.tokens.target_out.add(s, target);
  }
  return made;
}

}  // namespace heddle::lab
