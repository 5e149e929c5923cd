#pragma once
// What a refusal says: for tests that every bad input is answered with a sentence of ours.

#include <gtest/gtest.h>

#include <exception>
#include <string>

#include "heddle/base/error.h"

namespace heddle {

// The message of the heddle::Error of this kind that `call` throws; a failure when it throws none,
// or another one.
template <class Kind = InputError, class Call>
std::string sentence_of(Call&& call) {
  try {
    call();
  } catch (const Kind& error) {
    return error.what();
  } catch (const std::exception& error) {
    ADD_FAILURE() << "not a sentence of ours: " << error.what();
    return {};
  }
  ADD_FAILURE() << "nothing was refused";
  return {};
}

inline testing::AssertionResult contains(const std::string& text, const std::string& part) {
  if (text.find(part) != std::string::npos) return testing::AssertionSuccess();
  return testing::AssertionFailure() << "\"" << text << "\" lacks \"" << part << "\"";
}

}  // namespace heddle
