"""The texts that tools/tokenizer_parity.py and tools/format_parity.py compare, in chunks of 20,000: random ones, each chunk
drawn from a seed of its own so that it can be made again alone, and the distinct lines of a data folder."""

import gzip
import random
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests/text/fixtures"))
import make_pipelines as small  # noqa: E402

CHUNK = 20_000
SUFFIXES = {".tsv", ".txt", ".jsonl", ".json", ".conll", ".md", ".csv", ".en", ".de", ".fr"}
EMOJI_AND_MARKS = ["\u200d", "\ufe0f", "\u20e3", "👩", "🏽", "🇩", "🇪", "❤", "a", "\u0301", "\u0489", "נ", "\u05b8", "ก", "\u0e33", "가", "\u1100", "\u11a8"]
BAD_BYTES = [b"", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xc0\xaf", b"\xe2\x82", b"\xf0\x9f\x98"]


def data_lines(folder):
    """The distinct lines of all text files, with their bytes as they are, in the order they first come."""
    lines = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and SUFFIXES.intersection(path.suffixes):
            content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
            lines.update(dict.fromkeys(content.split(b"\n")))
    return list(lines)


def random_text(rng):
    """A text as bytes, mostly of 1 to 40 characters."""
    kind = rng.randrange(1000)
    if kind < 600:  # words, marks, composed characters, Hangul, spaces, special tokens, odd things
        return small.random_line(rng, 5).encode()
    if kind < 720:
        return "".join(chr(rng.choice(small.ALL)) for _ in range(rng.randint(0, 14))).encode()
    if kind < 850:
        return "".join(chr(rng.choice(small.ASSIGNED)) for _ in range(rng.randint(1, 20))).encode()
    if kind < 910:  # invalid UTF-8: valid text with bytes changed, cut out or put in
        text = bytearray(small.random_line(rng, 6).encode())
        for _ in range(rng.randint(1, 4)):
            at = rng.randint(0, len(text))
            text[at:at + rng.randint(0, 2)] = rng.choice([bytes([rng.randrange(256)]), *BAD_BYTES])
        return bytes(text)
    if kind < 940:
        return rng.randbytes(rng.randint(1, 24))
    if kind < 965:  # one thing many times
        return (small.random_line(rng)[:rng.randint(1, 3)] * rng.randint(1, 60)).encode()
    if kind < 995:  # emoji, joiners, variation selectors, flags, bases with many marks
        return "".join(rng.choice(EMOJI_AND_MARKS) for _ in range(rng.randint(1, 24))).encode()
    return "".join(small.random_line(rng) for _ in range(rng.randint(5, 60))).encode()


def random_chunk(seed, number, size=CHUNK):
    rng = random.Random(f"{seed} {number}")
    return [random_text(rng) for _ in range(size)]


class Sources:
    """Chunks by number of "random", and of "data" where there is a folder."""

    def __init__(self, seed, texts, folder):
        self.seed, self.texts, self.folder, self.lines = seed, texts, folder, None

    def names(self):
        return ["random", "data"] if self.folder else ["random"]

    def read_lines(self):
        if self.lines is None:
            self.lines = data_lines(self.folder)
        return self.lines

    def count(self, source):
        return self.texts if source == "random" else len(self.read_lines())

    def chunk(self, source, number):
        first, last = number * CHUNK, min((number + 1) * CHUNK, self.count(source))
        return random_chunk(self.seed, number, last - first) if source == "random" else self.read_lines()[first:last]
