// The examples of docs/einsum.md.

#include "tests/app/page_examples.h"

namespace heddle::app {
namespace {

TEST(EinsumPage, ItsExamplesSayWhatItShows) { expect_page_holds("einsum.md", Folder(), 6); }

}  // namespace
}  // namespace heddle::app
