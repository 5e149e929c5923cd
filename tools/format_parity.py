#!/usr/bin/env python3
"""Compares what Heddle's tokenizers give, loaded from SentencePiece's .model files and tiktoken's rank files, with the ids
of SentencePiece and tiktoken: on random Unicode, on bytes that are not UTF-8 (after U+FFFD took their place), and on every
line of the data folder. Prints what differs and how often, and exits 1 if anything does. `make format-parity` is
the way to call it.

The files are those of tests/text/fixtures/make_formats.py, trained on the data folder with ten times the vocabulary and
SentencePiece's own character maps.
"""

import argparse
import importlib.metadata
import json
import random
import sys
import tempfile
import time
from itertools import chain
from pathlib import Path

import numpy as np
from tokenizer_parity import CHUNK, chunks, columns, data_lines, differing_texts, ours, random_text  # noqa: F401

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests/text/fixtures"))
import make_formats as formats  # noqa: E402


def make_files(folder, data):
    rng = random.Random(5)
    lines = [line.decode(errors="replace") for line in data_lines(data)] if data.exists() else []
    lines = [line for line in lines if len(line) < 2000 and "\0" not in line]
    formats.CORPUS = formats.CORPUS * 20 + rng.sample(lines, min(len(lines), 10_000))
    formats.SCALE, formats.OWN_RULES = (10 if lines else 1), False
    return formats.make_files(folder)


class Parity:
    def __init__(self, name, path, program, show):
        self.name, self.path, self.program, self.show = name, path, program, show
        self.peer = formats.Peer(path)
        self.texts = self.tokens = self.differing = self.differing_saved = 0

    def compare(self, texts, repaired, saved):
        mine = columns(ours(self.program, saved or self.path, "ids", texts), len(texts))
        theirs = self.peer.encode(repaired)
        counts = np.fromiter((len(ids) for ids in theirs), np.int32, len(theirs))
        theirs = counts, np.fromiter(chain.from_iterable(theirs), np.int32)
        for column in ("quick", "ids"):
            differing, amount = differing_texts(mine[column], theirs)
            if saved:
                self.differing_saved += amount
            else:
                self.differing += amount
            for i in differing[:2]:
                if self.show > 0:
                    self.show -= 1
                    sides = [values[counts[:i].sum():counts[:i + 1].sum()].tolist() for counts, values in (mine[column], theirs)]
                    first = next((k for k, (a, b) in enumerate(zip(*sides)) if a != b), min(map(len, sides)))
                    print(f"{self.name}: {column} differ from the id {first} on for {repaired[i][:200]!r}\n  ours "
                          f"{sides[0][first:first + 20]}\n  peer {sides[1][first:first + 20]}", flush=True)
        if not saved:
            self.texts += len(texts)
            self.tokens += len(theirs[1])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=ROOT / "build/heddle_tokenizer_answers", type=Path)
    parser.add_argument("--data", default=ROOT.parent / "shared/data", type=Path)
    parser.add_argument("--folder", default=ROOT / "build/format-parity", type=Path, help="for the files")
    parser.add_argument("--texts", default=1_000_000, type=int, help="random ones")
    parser.add_argument("--without-lines", action="store_true", help="random texts alone")
    parser.add_argument("--seed", default=1, type=int)
    parser.add_argument("--formats", default="", help="names with commas between; empty: all")
    parser.add_argument("--show", default=4, type=int, help="differences to show of each file")
    options = parser.parse_args()
    files = make_files(options.folder, options.data)
    chosen = options.formats.split(",") if options.formats else list(files)
    parities = [Parity(name, files[name], options.program, options.show) for name in chosen]
    start = time.time()
    rng = random.Random(options.seed)
    done = 0
    with tempfile.TemporaryDirectory() as folder:
        lines = [] if options.without_lines else data_lines(options.data)
        for texts in chain(chunks(random_text(rng) for _ in range(options.texts)), chunks(lines)):
            repaired = [text.decode(errors="replace") for text in texts]
            for parity in parities:
                parity.compare(texts, repaired, None)
                if done == 0:  # saved as a tokenizer.json and read again, on the first texts
                    written = Path(folder) / f"{parity.name}.json"
                    ours(options.program, parity.path, "ids", [], written)
                    parity.compare(texts, repaired, written)
            done += len(texts)
            print(f"{done:,} texts, {time.time() - start:.0f} s", file=sys.stderr, flush=True)
    versions = {name: importlib.metadata.version(name) for name in ("sentencepiece", "tiktoken")}
    print(json.dumps(versions | {"seed": options.seed, "random texts": options.texts}))
    for parity in parities:
        print(f"{parity.name:18} {parity.texts:9,} texts {parity.tokens:12,} tokens; differing: {parity.differing}, after saving "
              f"{parity.differing_saved}")
    sys.exit(any(parity.differing or parity.differing_saved for parity in parities))


if __name__ == "__main__":
    main()
