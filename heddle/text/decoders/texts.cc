#include "heddle/text/decoders/texts.h"

#include "heddle/text/decoders/replace_all.h"

namespace heddle::text {

std::vector<std::string> MetaspaceDecoder::decode(std::vector<std::string> tokens) const {
  std::string replacement;
  append_utf8(replacement, options_.replacement);
  for (size_t i = 0; i < tokens.size(); ++i)
    tokens[i] = replace_all(tokens[i], replacement, i == 0 && options_.prepend != PrependScheme::never ? "" : " ");
  return tokens;
}

std::vector<std::string> ReplaceDecoder::decode(std::vector<std::string> tokens) const {
  for (std::string& token : tokens) {
    std::string result;
    size_t done = 0;
    pattern_.find_all(token, [&](size_t begin, size_t end) {
      result.append(token, done, begin - done).append(content_);
      done = end;
    });
    token = result.append(token, done);
  }
  return tokens;
}

void ReplaceDecoder::write(JsonWriter& json) const {
  json.member("type", "Replace");
  json.key("pattern");
  pattern_.write(json);
  json.member("content", content_);
}

std::vector<std::string> StripDecoder::decode(std::vector<std::string> tokens) const {
  for (std::string& token : tokens) {
    size_t begin = 0, end = token.size();
    for (size_t i = 0; i < start_ && begin < token.size(); ++i) {
      const CodePoint point = text::decode(token.data() + begin);
      if (point.value != content_) break;
      begin += static_cast<size_t>(point.length);
    }
    for (size_t i = 0; i < stop_ && end > begin; ++i) {
      const CodePoint point = decode_before(token, end);
      if (point.value != content_) break;
      end -= static_cast<size_t>(point.length);
    }
    token = token.substr(begin, end - begin);
  }
  return tokens;
}

void StripDecoder::write(JsonWriter& json) const {
  std::string content;
  append_utf8(content, content_);
  json.member("type", "Strip");
  json.member("content", content);
  json.member("start", start_);
  json.member("stop", stop_);
}

std::vector<std::string> FuseDecoder::decode(std::vector<std::string> tokens) const {
  std::string fused;
  for (const std::string& token : tokens) fused += token;
  return {fused};
}

void FuseDecoder::write(JsonWriter& json) const { json.member("type", "Fuse"); }

std::vector<std::string> DecoderSequence::decode(std::vector<std::string> tokens) const {
  for (const DecoderPtr& decoder : decoders_) tokens = decoder->decode(std::move(tokens));
  return tokens;
}

void DecoderSequence::write(JsonWriter& json) const {
  json.member("type", "Sequence");
  json.key("decoders");
  json.begin_list();
  for (const DecoderPtr& decoder : decoders_) {
    json.begin_object();
    decoder->write(json);
    json.end_object();
  }
  json.end_list();
}

}  // namespace heddle::text
