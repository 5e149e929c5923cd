// Translates lines from stdin with a model that `heddle train` made: consumer MODEL_DIR < lines > lines

#include <exception>
#include <iostream>
#include <string>

#include "heddle/task/translator.h"

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: consumer MODEL_DIR < lines > lines\n";
    return 2;
  }
  try {
    const auto translator = heddle::task::Translator::load(argv[1]);
    for (std::string line; std::getline(std::cin, line);) std::cout << translator.translate(line) << std::endl;
    return 0;
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
