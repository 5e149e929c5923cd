"""tokenizer-train: MB of text a second while a tokenizer is trained, ours against the fastest others; and how much memory
that takes, also on 2 GB of generated text."""

import gzip
import json
import os
import subprocess
from pathlib import Path

VOCABULARY = 30000
MEGABYTE = 10**6
# case: our type, the peer, MB of text (from the data at hand; "generated": made up)
CASES_AND_PEERS = {
    "tokenizer-train/bpe/gigatoken": ("bpe", "gigatoken", 60, "real"),
    "tokenizer-train/bpe/tokenizers": ("bpe", "tokenizers", 60, "real"),
    "tokenizer-train/unigram/sentencepiece": ("unigram", "sentencepiece", 60, "real"),
    "tokenizer-train/bpe-2gb/gigatoken": ("bpe", "gigatoken", 2000, "generated"),
}
CASES = list(CASES_AND_PEERS)
# Of the evaluation data, in this order, what is text: the first 60 MB of it.
SOURCES = ["newsgroups20/train.jsonl", "wikitext2/train.txt", "imdb_small/train.tsv", "dialogue_daily/train.jsonl",
           "ptb/train.txt", "label_errors/imdb_dev.jsonl", "jigsaw_toxic/train.tsv", "multi30k/train.fr",
           "multi30k/train.de", "multi30k/train.en", "dialogue_sgd/train.jsonl", "hate_speech_offensive/train.tsv",
           "newsgroups20/valid.jsonl", "tatoeba_retrieval/valid.tsv", "paradetox/train.jsonl", "imdb_small/valid.tsv",
           "wikitext2/valid.txt", "ag_news/train.tsv", "snli_small/train.tsv", "tinyshakespeare/train.txt",
           "stsb/train.fr.tsv", "stsb/train.de.tsv", "rte/train.tsv", "sst2/train.tsv"]


def strings(value):
    """All texts of a JSON value that have a space."""
    if isinstance(value, str):
        if " " in value:
            yield value
    elif isinstance(value, (dict, list)):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from strings(inner)


def texts(file):
    data = gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()
    for line in data.decode(errors="replace").split("\n"):
        if ".jsonl" in file.name:
            yield from strings(json.loads(line)) if line else ()
        elif ".tsv" in file.name:
            yield from (field for field in line.split("\t") if " " in field)
        else:
            yield line


def write_real(folder, out, size):
    """What there is of the sources, up to `size` bytes."""
    written = 0
    with open(out, "w", encoding="utf-8") as file:
        for source in SOURCES:
            for path in (folder / source, folder / (source + ".gz")):
                for text in texts(path) if path.exists() and written < size else ():
                    file.write(text + "\n")
                    written += len(text.encode()) + 1
                    if written >= size:
                        break


def write_generated(out, size):
    """Made-up words of up to five million kinds, the r-th as frequent as 1/r (Zipf's law); frequent ones are short."""
    import numpy as np

    kinds, letters = 5_000_000, np.frombuffer(b"etaoinshrdlcumwfgypb", dtype=np.uint8)
    random, written = np.random.default_rng(1), 0
    with open(out, "wb") as file:
        while written < size:
            ranks = np.minimum(kinds ** random.random(2_000_000), kinds - 1).astype(np.int64)
            columns, kept, rest = [letters[ranks % 20]], [np.ones(len(ranks), bool)], ranks // 20
            for place in range(1, 6):
                kept.append(rest > 0)
                columns.append(letters[(rest * 7 + place) % 20])
                rest //= 20
            columns.append(np.where(np.arange(len(ranks)) % 16 == 15, ord("\n"), ord(" ")).astype(np.uint8))
            kept.append(np.ones(len(ranks), bool))
            block = np.stack(columns, 1)[np.stack(kept, 1)].tobytes()
            file.write(block)
            written += len(block)


class TrainTokenizer:
    def __init__(self, case, tools):
        self.type, self.peer_name, megabytes, kind = CASES_AND_PEERS[case]
        self.tools = tools
        size, data = megabytes * MEGABYTE, Path(tools.data).parent
        writers = {"real": lambda part: write_real(data, part, size), "generated": lambda part: write_generated(part, size)}
        self.text = self._written(f"text-{kind}-{megabytes}.txt", writers[kind])
        if self.text.stat().st_size < 0.9 * size:  # the data is not at hand
            kind = "generated"
            self.text = self._written(f"text-generated-{megabytes}.txt", writers[kind])
        self.megabytes = self.text.stat().st_size / MEGABYTE
        self.data = f"{self.megabytes:.0f} MB, {kind}"

    def _written(self, name, write):
        """A file that is made once."""
        file = self.tools.root / "build/bench" / name
        if not file.exists():
            file.parent.mkdir(parents=True, exist_ok=True)
            write(file.with_suffix(".part"))
            file.with_suffix(".part").rename(file)
        return file

    def close(self):
        pass

    def ours(self):
        """Of the whole process, from its start."""
        command = [str(self.tools.build / "heddle"), "tokenizer", "train", "--type", self.type, "--vocab-size", str(VOCABULARY),
                   "--threads", str(self.tools.threads), "--out", str(self.text.with_suffix(".tokenizer.json")), str(self.text)]
        return self._run(command)

    def peer(self):
        """What the peer says of its own training, without the start of Python."""
        command = [self.tools.python, "bench/peers/train_tokenizer_peer.py", "--peer", self.peer_name, "--text", str(self.text),
                   "--vocab", str(VOCABULARY), "--threads", str(self.tools.threads)]
        return self._run(command)

    def _run(self, command):
        import time

        start = time.monotonic()
        process = subprocess.Popen(command, cwd=self.tools.root, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        said = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.monotonic() - start
        if status != 0:
            raise SystemExit(f"{' '.join(command)} failed")
        found = {"value": self.megabytes / seconds, "peak_rss_bytes": usage.ru_maxrss * 1024}
        for line in said.splitlines():  # peers talk, too
            if line.startswith("{"):
                answer = json.loads(line)
                found |= {"value": self.megabytes / answer["seconds"], "name": answer["name"]}
        return found

    unit, less_is_better, precision = "MB/s", False, None
