"""encode: text to ids on two threads, in MB of text a second, from texts in memory to ids in memory; ours against the
fastest of the libraries that encode the same text to the same ids.

encode/MODEL-TEXT-cold is the first pass of a fresh process, encode/MODEL-TEXT-warm the best of those after it, both of one
run of each side. Beside it "processor_ratio" compares MB a second of the processor, the best of each side: what else runs on
the machine counts less there.

bpe        byte-level BPE of 30,000 tokens with GPT-2's pattern; against fastokens, gigatoken (in memory and by its file
           interface) and tokie
wordpiece  BERT's uncased pipeline, 30,000 tokens; against tokenizers and tokie
unigram    SentencePiece's pipeline with its nmt_nfkc map, 30,000 tokens; against tokenizers, tokie and SentencePiece

english    60 MB (wordpiece and unigram 12 MB) in documents of 20 kB: the English texts of the data folder once, as they
           stand, then their paragraphs in random order until there is enough
rare       12 MB of words that hardly repeat: made-up names in camelCase and snake_case, hexadecimal numbers, compounds
cjk        12 MB of the Chinese sentences of the data folder, in random order again and again
"""

import csv
import gzip
import io
import json
import os
import random
import subprocess
from pathlib import Path

MODELS = {"bpe": ["fastokens", "gigatoken", "gigatoken-files", "tokie"], "wordpiece": ["tokenizers", "tokie"],
          "unigram": ["tokenizers", "tokie", "sentencepiece"]}
TEXTS = ["english", "rare", "cjk"]
CASES = [f"encode/{model}-{text}-{pass_}" for model in MODELS for text in TEXTS for pass_ in ("cold", "warm")]
SEPARATOR, DOCUMENT, PASSES, SLOW = "<|endoftext|>", 20_000, 4, {"tokenizers", "sentencepiece"}


def read(path):
    return (gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()).decode(errors="replace")


def column(path, name):
    csv.field_size_limit(1 << 30)
    return [row[name] for row in csv.DictReader(io.StringIO(read(path)), delimiter="\t", quoting=csv.QUOTE_NONE) if row.get(name)]


def english_paragraphs(data):
    texts = read(data / "wikitext2/train.txt.gz").split("\n")
    texts += [json.loads(line)["text"] for line in read(data / "newsgroups20/train.jsonl.gz").splitlines()]
    texts += [turn["text"] for line in read(data / "dialogue_daily/train.jsonl.gz").splitlines() for turn in json.loads(line)["turns"]]
    texts += read(data / "multi30k/train.en.gz").split("\n")
    for folder in ("imdb_small", "jigsaw_toxic", "ag_news"):
        texts += column(data / folder / "train.tsv.gz", "text")
    return [text.strip() for text in texts if text.strip()]


def chinese_sentences(data):
    sentences = column(data / "tatoeba_zh_en/train.tsv.gz", "zh")
    for name in ("premise", "hypothesis"):
        sentences += column(data / "ocnli/train.tsv.gz", name)
    for name in ("sentence1", "sentence2"):
        sentences += column(data / "stsb/train.zh.tsv", name)
    return sentences


def rare_word(rng, parts):
    kind = rng.randrange(5)
    if kind == 0:
        return "".join(rng.choice(parts).title() for _ in range(rng.randint(2, 3)))
    if kind == 1:
        return "_".join(rng.choice(parts) for _ in range(rng.randint(2, 3)))
    if kind == 2:
        return f"{rng.getrandbits(64):x}"
    if kind == 3:
        return "".join(rng.choice(parts) for _ in range(2))
    return "".join(rng.choice("bcdfghklmnprstvw") + rng.choice("aeiou") for _ in range(rng.randint(2, 6)))


def documents(paragraphs, size, joint):
    """Paragraphs joined to documents of 20 kB, `size` bytes in all; what is too long for one is cut."""
    part, length, total = [], 0, 0
    for paragraph in paragraphs:
        part.append(paragraph)
        length += len(paragraph.encode()) + len(joint.encode())
        if length >= DOCUMENT:
            yield joint.join(part).encode()[:DOCUMENT].decode(errors="ignore")
            total += DOCUMENT
            part, length = [], 0
            if total >= size:
                return


def repeated(paragraphs, rng, shuffled_first):
    if not shuffled_first:
        yield from paragraphs
    while True:
        yield from rng.sample(paragraphs, len(paragraphs))


def make_texts(folder, data, needed):
    rng = random.Random(11)
    makers = {"english": lambda: documents(repeated(english_paragraphs(data), rng, False), 60_000_000, "\n"),
              "cjk": lambda: documents(repeated(chinese_sentences(data), rng, True), 12_000_000, ""),
              "rare": lambda: documents((rare_word(rng, parts) for _ in iter(int, 1)), 12_000_000, " ")}
    parts = sorted({word for word in " ".join(english_paragraphs(data)[:20_000]).lower().split() if word.isalpha() and len(word) > 3})
    for text in needed:
        path = folder / f"{text}.txt"
        if not path.exists():
            made = list(makers[text]())
            path.write_bytes(SEPARATOR.join(made).encode())
            if text == "english":
                (folder / "english-12.txt").write_bytes(SEPARATOR.join(made[::5]).encode())


# Tokenizers


def train_bpe(path, texts):
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer, tokenizer.decoder = pre_tokenizers.ByteLevel(add_prefix_space=False), decoders.ByteLevel()
    tokenizer.train_from_iterator(texts, trainers.BpeTrainer(vocab_size=30_000, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
                                                             special_tokens=[SEPARATOR], show_progress=False))
    tokenizer.save(str(path))


def train_wordpiece(path, texts):
    from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer, tokenizer.pre_tokenizer = normalizers.BertNormalizer(), pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    tokenizer.train_from_iterator(texts, trainers.WordPieceTrainer(vocab_size=30_000, special_tokens=special, show_progress=False))
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    tokenizer.save(str(path))


def train_unigram(path, texts):
    """By SentencePiece, whose .model it reads itself; the same as a tokenizer.json for the others."""
    import sentencepiece
    from sentencepiece import sentencepiece_model_pb2
    from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers
    sentences = [line for text in texts for line in text.split("\n") if 0 < len(line.encode()) < 4000]
    sentencepiece.SentencePieceTrainer.train(sentence_iterator=iter(sentences), model_prefix=str(path.with_suffix("")), vocab_size=30_000,
                                             hard_vocab_limit=False, max_sentence_length=10_000, num_threads=2, minloglevel=2)
    model = sentencepiece_model_pb2.ModelProto.FromString(path.with_suffix(".model").read_bytes())
    tokenizer = Tokenizer(models.Unigram([(piece.piece, piece.score) for piece in model.pieces], model.trainer_spec.unk_id, False))
    tokenizer.normalizer = normalizers.Sequence([normalizers.Precompiled(model.normalizer_spec.precompiled_charsmap),
                                                 normalizers.Replace(Regex(" {2,}"), " "), normalizers.Strip()])
    tokenizer.pre_tokenizer, tokenizer.decoder = pre_tokenizers.Metaspace(), decoders.Metaspace()
    tokenizer.save(str(path))


def make_tokenizer(folder, model, text):
    """Chinese has tokenizers of its own, trained on as much Chinese as English; made-up words have those of English."""
    path = folder / f"{model}-{'cjk' if text == 'cjk' else 'english'}.json"
    if not path.exists():
        texts = (folder / "english-12.txt").read_bytes().decode().split(SEPARATOR)
        if text == "cjk":
            chinese = (folder / "cjk.txt").read_bytes().decode().split(SEPARATOR)[:150]  # nearly every sentence once
            texts = texts[:150] + [part + mark for document in chinese for part in document.split("。") for mark in "。"]
        {"bpe": train_bpe, "wordpiece": train_wordpiece, "unigram": train_unigram}[model](path, texts)
    return path


class Encode:
    unit, less_is_better, precision = "MB/s", False, None
    measured = {}  # of this process: cold and warm are of the same runs

    def __init__(self, case, tools):
        model, text, self.which = case.removeprefix("encode/").split("-")
        self.key, self.tools, self.peers = (model, text), tools, MODELS[model]
        data = Path(tools.data).parent
        if not (data / "wikitext2").exists():
            raise SystemExit(f"encode needs the data folder with wikitext2 and others beside {tools.data}")
        folder = tools.root / "build/bench/encode"
        folder.mkdir(parents=True, exist_ok=True)
        make_texts(folder, data, ["english", text])
        self.tokenizer = make_tokenizer(folder, model, text)
        self.text = folder / ("english-12.txt" if text == "english" and model != "bpe" else f"{text}.txt")
        self.data = f"{self.text.name}, {self.text.stat().st_size / 1e6:.0f} MB"
        self.runs = {"ours": 0, "peer": 0}

    def close(self):
        pass

    def _run(self, side, measure):
        """The next run of this side: made now, or by the other case of the same pair."""
        found = Encode.measured.setdefault((self.key, side), [])
        if self.runs[side] == len(found):
            found.append(measure())
        self.runs[side] += 1
        return found[self.runs[side] - 1]

    def ours(self):
        def measure():
            command = [self.tools.build / "heddle_encode_rate", self.tokenizer, self.text, self.tools.threads, PASSES]
            return json.loads(subprocess.run([str(part) for part in command], check=True, stdout=subprocess.PIPE).stdout)
        found = self._run("ours", measure)
        return {"value": found[self.which], "processor": found[f"{self.which}_processor"], "peak_rss_bytes": found["peak_rss_bytes"]}

    def peer(self):
        checksum = Encode.measured[self.key, "ours"][0]["checksum"]

        def measure():
            answers = []
            for name in self.peers:
                command = [self.tools.python, "bench/peers/encode_peer.py", name, self.tokenizer, self.text, 2 if name in SLOW else PASSES]
                done = subprocess.run([str(part) for part in command], check=True, stdout=subprocess.PIPE, cwd=self.tools.root,
                                      stderr=subprocess.DEVNULL, env=os.environ | {"RAYON_NUM_THREADS": str(self.tools.threads)})
                answers.append(json.loads(done.stdout.splitlines()[-1]))
                print("  " + note(answers[-1], checksum), flush=True)
            return answers
        answers = [answer for answer in self._run("peer", measure) if "error" not in answer]
        best = max(answers, key=lambda answer: answer[self.which])
        return {"value": best[self.which], "processor": max(answer[f"{self.which}_processor"] for answer in answers),
                "peak_rss_bytes": best["peak_rss_bytes"],
                "name": best["name"] + ("" if best["checksum"] == checksum else ", other ids")}


def note(answer, checksum):
    if "error" in answer:
        return f"{answer['name']}: {answer['error']}"
    same = "the same ids" if answer["checksum"] == checksum else f"other ids ({answer['tokens']} tokens)"
    return (f"{answer['name']}: cold {answer['cold']:.1f}, warm {answer['warm']:.1f} MB/s, of the processor "
            f"{answer['cold_processor']:.1f} and {answer['warm_processor']:.1f}, {same}")
