#include "heddle/text/word_vectors/vector_file.h"

#include "heddle/base/error.h"
#include "heddle/base/utf8.h"
#include "heddle/text/word_vectors/vector_binary.h"
#include "heddle/text/word_vectors/vector_text.h"

namespace heddle::text {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF", kGzip = "\x1F\x8B", kZstd = "\x28\xB5\x2F\xFD",
                           kFastTextModel = "\xBA\x16\x4F\x2F";

void refuse_other_kinds(const std::string& name, std::string_view bytes) {
  if (bytes.empty()) fail_input("{}: the file is empty; expected words and their vectors", name);
  if (bytes.starts_with(kGzip) || bytes.starts_with(kZstd))
    fail_input("{}: the file is compressed; vectors are mapped into memory, so unpack it first (gunzip, unzstd)", name);
  if (bytes.starts_with(kFastTextModel))
    fail_input("{}: this is a fastText model (.bin); give its vectors as text (.vec)", name);
}

// The bytes of the first vector, were the file binary. Those of numbers hold bytes that no text has: control
// characters, or what is not UTF-8.
bool looks_binary(std::string_view bytes, const VectorHeader& header) {
  const std::string_view records = bytes.substr(header.bytes);
  const size_t space = records.find(' ');
  if (space == records.npos) return false;
  constexpr size_t kLooked = 4096;
  const auto width = static_cast<size_t>(header.width);
  const std::string_view vector = records.substr(space + 1, std::min(width, kLooked / sizeof(float)) * sizeof(float));
  for (size_t at = 0; at < vector.size();) {
    const CodePoint point = read_code_point(vector, at);
    const bool cut = at + 4 > vector.size();  // a character may reach beyond what is looked at
    if (point.value < 0 && !cut) return true;
    if (point.value >= 0 && point.value < ' ' && point.value != '\n' && point.value != '\t' && point.value != '\r')
      return true;
    at += static_cast<size_t>(point.length);
  }
  return false;
}

}  // namespace

WordVectors read_word_vectors(const std::filesystem::path& path, VectorFormat format) {
  const std::string name = path.string();
  auto file = std::make_shared<const MappedFile>(path);
  std::string_view bytes(reinterpret_cast<const char*>(file->bytes().data()), file->bytes().size());
  refuse_other_kinds(name, bytes);
  const auto header = read_vector_header(bytes);
  const bool binary =
      format == VectorFormat::binary || (format == VectorFormat::guess && header && looks_binary(bytes, *header));
  if (!binary) {
    if (bytes.starts_with(kByteOrderMark))
      return read_text_vectors(name, bytes.substr(3), read_vector_header(bytes.substr(3)));
    return read_text_vectors(name, bytes, header);
  }
  if (!header) fail_input("{}:1: word2vec's binary format begins with the line \"COUNT WIDTH\"; this does not", name);
  return read_binary_vectors(name, std::move(file), *header);
}

}  // namespace heddle::text
