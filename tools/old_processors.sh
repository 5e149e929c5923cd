#!/usr/bin/env bash
# Translates the lines of a file as old processors would, in qemu's emulation of them, and compares with what this one
# gives: Nehalem (SSE4, 2008) and Haswell (AVX2, 2013). The emulation is slow: a few lines are enough.
#   tools/old_processors.sh MODEL FILE [BUILD]
set -euo pipefail
if [ $# -lt 2 ]; then
  echo "usage: tools/old_processors.sh MODEL FILE [BUILD]" >&2
  exit 2
fi
model=$1 lines=$2 program=${3:-build}/heddle
command -v qemu-x86_64 >/dev/null || { echo "old_processors.sh needs qemu; run: apt-get install qemu-user" >&2; exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

export OMP_WAIT_POLICY=passive  # else the program starts itself again, outside the emulation

answer() { # name, how to run
  local name=$1
  shift
  "$@" "$program" --version | grep -o "here [A-Z0-9]*" | sed "s/here/$name runs at/"
  "$@" "$program" translate --model "$model" --threads 1 <"$lines" >"$work/$name"
}
answer this_processor env
answer Nehalem qemu-x86_64 -cpu Nehalem
answer Haswell qemu-x86_64 -cpu Haswell
for name in Nehalem Haswell; do
  cmp "$work/this_processor" "$work/$name" || { echo "$name gives other answers" >&2; exit 1; }
done
echo "$(wc -l <"$lines") lines: the same answers on all three"
