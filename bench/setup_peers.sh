#!/usr/bin/env bash
# Installs what Heddle is measured against into build/peers: PyTorch, and the trainers of tokenizers, from PyPI.
# Only `make bench` and the scripts that make test fixtures need it; nothing else uses Python.
set -euo pipefail
cd "$(dirname "$0")/.."
peers=build/peers
if [ -x "$peers/venv/bin/python" ] &&
  "$peers/venv/bin/python" -c 'import torch, tokenizers, sentencepiece, gigatoken' 2>/dev/null; then
  exit 0
fi
mkdir -p "$peers"
python3 -m venv "$peers/venv" || {
  echo "setup_peers.sh: python3 -m venv failed; install it with: apt-get install python3-venv" >&2
  exit 1
}
"$peers/venv/bin/pip" install --quiet torch numpy tokenizers sentencepiece gigatoken
