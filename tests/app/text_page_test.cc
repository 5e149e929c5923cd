// The examples of docs/text.md, in a folder with a SentencePiece model and a rank file.

#include "tests/app/page_examples.h"
#include "tests/places/places.h"

namespace heddle::app {
namespace {

TEST(TextPage, ItsExamplesSayWhatItShows) {
  const Folder folder;
  const fs::path formats = source_path("tests/text/fixtures/formats");
  fs::copy(formats / "unigram.model", folder / "spm.model");
  fs::copy(formats / "cl100k_base.tiktoken", folder / "cl100k_base.tiktoken");
  expect_page_holds("text.md", folder, 12);
}

}  // namespace
}  // namespace heddle::app
