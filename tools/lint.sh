#!/usr/bin/env bash
# Holds the library and the program against the checks of .clang-tidy; LINT_JOBS at once (all processors). Or only the
# files that are named: tools/lint.sh heddle/ops/linear.cc
set -euo pipefail
cd "$(dirname "$0")/.."

tidy=$(command -v clang-tidy-16 || command -v clang-tidy || true)
if [ -z "$tidy" ]; then
  echo "make lint needs clang-tidy and clang's OpenMP header; run: apt-get install clang-tidy-16 libomp-16-dev" >&2
  exit 1
fi

# How each file is compiled, without precompiled headers, which only g++ reads.
cmake --preset lint >/dev/null
if [ $# -eq 0 ]; then
  mapfile -t files < <(git ls-files 'heddle/*.cc' 'app/*.cc')
else
  files=("$@")
fi
# One SIMD level is enough: the code of all levels is the same.
printf '%s\0' "${files[@]}" | xargs -0 -n 1 -P "${LINT_JOBS:-$(nproc)}" "$tidy" -p build/lint --quiet \
  --extra-arg=-Wno-unknown-warning-option --extra-arg=-DHWY_COMPILE_ONLY_STATIC
