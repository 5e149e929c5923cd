// The examples of docs/data.md: every command in a block ```console is run, in order, and must say what the page says.

#include "tests/app/page_examples.h"

namespace heddle::app {
namespace {

TEST(DataPage, ItsExamplesSayWhatItShows) { expect_page_holds("data.md", Folder(), 8); }

}  // namespace
}  // namespace heddle::app
