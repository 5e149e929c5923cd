// heddle_tokenizer_answers TOKENIZER ids|all [WRITTEN] < texts > answers: what a tokenizer answers on many texts, for
// tools/tokenizer_parity.py. With WRITTEN, the tokenizer is saved there, and the one read back answers.
//
// A text is its length (4 bytes, little-endian, like all numbers here) and its bytes. The answers:
//   ids   columns over all texts: how many ids encode() gives for each, these ids; how many encode_full() gives, those,
//         their offsets in bytes, their offsets in characters
//   all   for each text its length in bytes and, of the text and of its pair with the next one, every column of the
//         Encoding and of what overflowed; then the ids decoded, without special tokens and with them

#include <fmt/format.h>

#include <cstdio>
#include <span>

#include "heddle/base/error.h"
#include "heddle/base/thread_loop.h"
#include "heddle/text/tokenizer.h"

namespace {

using heddle::text::Encoding;
using heddle::text::Offsets;
using heddle::text::OffsetUnit;
using heddle::text::Tokenizer;
using Numbers = std::vector<int32_t>;

std::vector<std::string> read_texts() {
  std::vector<std::string> texts;
  for (uint32_t length; std::fread(&length, sizeof(length), 1, stdin) == 1;) {
    texts.emplace_back(length, '\0');
    if (std::fread(texts.back().data(), 1, length, stdin) != length)
      heddle::fail_input("the texts end within number {}", texts.size());
  }
  return texts;
}

template <class T>
void write(std::span<const T> values) {
  std::fwrite(values.data(), sizeof(T), values.size(), stdout);
}

void push(Numbers& numbers, const std::vector<Offsets>& offsets) {
  for (const Offsets& place : offsets) {
    numbers.push_back(static_cast<int32_t>(place.begin));
    numbers.push_back(static_cast<int32_t>(place.end));
  }
}

template <class Answer>
auto each_text(const std::vector<std::string>& texts, Answer&& answer) {
  std::vector<decltype(answer(size_t{0}))> answers(texts.size());
  heddle::parallel_for(std::ssize(texts), 64, [&](int64_t begin, int64_t end, int) {
    for (auto i = static_cast<size_t>(begin); i < static_cast<size_t>(end); ++i) answers[i] = answer(i);
  });
  return answers;
}

void answer_ids(const Tokenizer& tokenizer, const std::vector<std::string>& texts) {
  struct Answer {
    Numbers quick, ids, bytes, characters;
  };
  const auto answers = each_text(texts, [&](size_t i) {
    Answer answer;
    answer.quick = tokenizer.encode(texts[i]);
    const Encoding full = tokenizer.encode_full(texts[i]);
    answer.ids = full.ids;
    push(answer.bytes, full.offsets);
    push(answer.characters, tokenizer.encode_full(texts[i], true, OffsetUnit::characters).offsets);
    return answer;
  });
  const auto write_column = [&](Numbers Answer::*column, bool with_counts) {
    Numbers counts, values;
    for (const Answer& answer : answers) {
      counts.push_back(static_cast<int32_t>((answer.*column).size()));
      values.insert(values.end(), (answer.*column).begin(), (answer.*column).end());
    }
    if (with_counts) write<int32_t>(counts);
    write<int32_t>(values);
  };
  write_column(&Answer::quick, true);
  write_column(&Answer::ids, true);
  write_column(&Answer::bytes, false);
  write_column(&Answer::characters, false);
}

void push(std::string& out, std::span<const int32_t> numbers) {
  out.append(reinterpret_cast<const char*>(numbers.data()), numbers.size_bytes());
}

void push(std::string& out, const Encoding& encoding) {
  Numbers offsets;
  push(offsets, encoding.offsets);
  push(out, Numbers{static_cast<int32_t>(encoding.size())});
  for (const Numbers* column : {&encoding.ids, static_cast<const Numbers*>(&offsets), &encoding.type_ids,
                                &encoding.words, &encoding.special_mask, &encoding.attention_mask, &encoding.sequences})
    push(out, *column);
  for (const std::string& token : encoding.tokens) out += token + '\n';
  push(out, Numbers{static_cast<int32_t>(encoding.overflowing.size())});
  for (const Encoding& part : encoding.overflowing) push(out, part);
}

void answer_all(const Tokenizer& tokenizer, const std::vector<std::string>& texts) {
  const auto answers = each_text(texts, [&](size_t i) {
    std::string out;
    const Encoding single = tokenizer.encode_full(texts[i], true, OffsetUnit::characters);
    push(out, single);
    push(out, tokenizer.encode_pair(texts[i], texts[(i + 1) % texts.size()], true, OffsetUnit::characters));
    out += tokenizer.decode(single.ids) + '\n' + tokenizer.decode(single.ids, false);
    return out;
  });
  for (const std::string& answer : answers) {
    const auto length = static_cast<uint32_t>(answer.size());
    write<uint32_t>(std::span(&length, 1));
    write<char>(answer);
  }
}

int run(int argc, char** argv) {
  if (argc < 3 || argc > 4) heddle::fail_input("usage: heddle_tokenizer_answers TOKENIZER ids|all [WRITTEN] < texts");
  Tokenizer tokenizer = Tokenizer::load(argv[1]);
  if (argc == 4) {
    tokenizer.save(argv[3]);
    tokenizer = Tokenizer::load(argv[3]);
  }
  const auto texts = read_texts();
  if (std::string_view(argv[2]) == "ids") answer_ids(tokenizer, texts);
  else answer_all(tokenizer, texts);
  if (std::fflush(stdout) != 0) heddle::fail_input("the answers could not be written");
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {
    fmt::print(stderr, "heddle_tokenizer_answers: {}\n", error.what());
    return 1;
  }
}
