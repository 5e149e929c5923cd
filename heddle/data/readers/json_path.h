#pragma once
// Where in a JSON value something lies: keys and places separated by dots, "*" for every place of a list.
//
//   text            {"text": …}
//   meta.lang       {"meta": {"lang": …}}
//   turns.*.text    {"turns": [{"text": …}, {"text": …}]}
//   turns.0.text    of the first one only
//   a\.b            a key with a dot in it

#include <string>
#include <string_view>
#include <vector>

namespace heddle::data {

// The steps of a path; InputError for an empty one.
std::vector<std::string> json_path(std::string_view path);

}  // namespace heddle::data
