#!/usr/bin/env python3
"""Compares what Heddle's tokenizers give, loaded from SentencePiece's .model files and tiktoken's rank files, with the ids
of SentencePiece and tiktoken: on random Unicode, on bytes that are not UTF-8 (after U+FFFD took their place), and on every
line of the data folder. Prints what differs and how often, and exits 1 if anything does. `make format-parity` is
the way to call it.

The files are those of tests/text/fixtures/make_formats.py, trained on the data folder with ten times the vocabulary and
SentencePiece's own character maps.
"""

import random
import sys
import tempfile
from itertools import chain
from pathlib import Path

import numpy as np
from parity_progress import Progress, compare_everything, parse_options, summarize
from parity_texts import Sources
from tokenizer_parity import columns, differing_texts, ours

import make_formats as formats


def make_files(folder, sources):
    lines = [line.decode(errors="replace") for line in sources.read_lines()] if sources.folder else []
    lines = [line for line in lines if len(line) < 2000 and "\0" not in line]
    formats.CORPUS = formats.CORPUS * 20 + random.Random(5).sample(lines, min(len(lines), 10_000))
    formats.SCALE, formats.OWN_RULES = (10 if lines else 1), False
    return formats.make_files(folder)


class Parity:
    """One file, ours and its own program's."""

    def __init__(self, name, path, program, show, folder):
        self.name, self.path, self.program, self.show = name, path, program, show
        self.peer = formats.Peer(path)
        self.saved = folder / f"{name}.json"
        ours(program, path, "ids", [], self.saved)

    def compare(self, texts, row):
        repaired = [text.decode(errors="replace") for text in texts]
        theirs = self.peer.encode(repaired)
        counts = np.fromiter((len(ids) for ids in theirs), np.int32, len(theirs))
        theirs = counts, np.fromiter(chain.from_iterable(theirs), np.int32)
        row["tokens"], row["differing"] = len(theirs[1]), {}
        self.count(repaired, columns(ours(self.program, self.path, "ids", texts), len(texts)), theirs, "", row["differing"])
        if row["chunk"] == 0:  # saved as a tokenizer.json and read again, on the first texts
            self.count(repaired, columns(ours(self.program, self.saved, "ids", texts), len(texts)), theirs, " after saving", row["differing"])

    def count(self, repaired, mine, theirs, when, amounts):
        for column in ("quick", "ids"):
            differing, amounts[column + when] = differing_texts(mine[column], theirs)
            for i in differing[:2]:
                self.report(column + when, repaired[i], [values[counts[:i].sum():counts[:i + 1].sum()].tolist()
                                                         for counts, values in (mine[column], theirs)])

    def report(self, what, text, sides):
        if self.show > 0:
            self.show -= 1
            first = next((k for k, (a, b) in enumerate(zip(*sides)) if a != b), min(map(len, sides)))
            print(f"{self.name}: {what} differ from the id {first} on for {text[:200]!r}\n  ours {sides[0][first:first + 20]}\n  peer "
                  f"{sides[1][first:first + 20]}", flush=True)


# Compared with all texts before the others are: both kinds of model, with byte fallback and without, and a rank file.
FIRST = ["unigram", "unigram_bytes", "bpe", "bpe_bytes", "cl100k_base"]


def main():
    options = parse_options(__doc__, "format-parity", "files")
    sources = Sources(options.seed, options.texts, options.data)
    files = make_files(options.folder, sources)
    names = options.only.split(",") if options.only else FIRST + [name for name in files if name not in FIRST]
    progress = Progress(options.folder / "progress.jsonl", ["sentencepiece", "tiktoken"])
    with tempfile.TemporaryDirectory() as folder:
        parities = {name: Parity(name, files[name], options.program, options.show, Path(folder)) for name in names}
        rows = []
        for first in (True, False):
            chosen = {name: files[name] for name in names if (name in FIRST) == first}
            rows += compare_everything(chosen, sources, progress, lambda name, texts, row: parities[name].compare(texts, row))
    sys.exit(summarize(rows, progress, options))


if __name__ == "__main__":
    main()
