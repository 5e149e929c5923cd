"""train-mt: target tokens a second while training a translator, ours against PyTorch on the CPU."""

import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

# Steps so that a run takes some ten seconds on two cores, at the largest size a minute.
SIZES = {
    "d128": dict(width=128, heads=4, layers=4, ffn=256, warmup=3, steps=16),
    "d256": dict(width=256, heads=4, layers=3, ffn=1024, warmup=2, steps=8),
    "d512": dict(width=512, heads=8, layers=6, ffn=2048, warmup=2, steps=6),
}
DROPOUT, VOCABULARY, BATCH_TOKENS = 0.1, 10000, 4096
CASES = [f"train-mt/{size}/{precision}" for precision in ("f32", "bf16") for size in SIZES]


class TrainMt:
    def __init__(self, case, tools):
        _, size, self.precision = case.split("/")
        self.size, self.tools = SIZES[size], tools
        self.folder = Path(tempfile.mkdtemp(prefix="heddle-train-mt-"))
        self._prepare()

    def close(self):
        shutil.rmtree(self.folder, ignore_errors=True)

    def _prepare(self):
        """Text, one tokenizer, and its ids for the peer."""
        self.data = self.tools.parallel_text(self.folder / "data")
        tokenizer = self.folder / "tokenizer.json"
        texts = [str(self.folder / "data" / f"train.{side}") for side in ("source", "target")]
        self.tools.heddle("tokenizer", "train", "--type", "bpe", "--vocab-size", str(VOCABULARY), "--out", str(tokenizer), *texts)
        self.vocab = len(json.loads(tokenizer.read_text())["model"]["vocab"])
        for side, text in zip(("source", "target"), texts):
            with open(text) as lines, open(self.folder / f"{side}.ids", "w") as ids:
                self.tools.heddle("tokenizer", "encode", "--ids", "--tokenizer", str(tokenizer), stdin=lines, stdout=ids)
        self.tokenizer = tokenizer
        self.pairs = self._attention_pairs()

    def _attention_pairs(self):
        """Visible query-key pairs for each target token of the text: encoder, decoder over itself and over the source."""
        with open(self.folder / "source.ids") as source, open(self.folder / "target.ids") as target:
            lengths = [(len(a.split()), len(b.split())) for a, b in zip(source, target)]
        pairs = sum(s * s + t * (t + 1) // 2 + t * s for s, t in lengths)
        return pairs / sum(t for _, t in lengths)

    def training(self, out):
        """What our program is called with for this case."""
        s = self.size
        keys = {"data.dir": self.folder / "data", "tokenizer.file": self.tokenizer, "model.width": s["width"],
                "model.heads": s["heads"], "model.ffn": s["ffn"], "model.encoder_layers": s["layers"],
                "model.decoder_layers": s["layers"], "model.dropout": DROPOUT, "train.batch_tokens": BATCH_TOKENS,
                "train.precision": self.precision, "train.max_steps": s["warmup"] + s["steps"]}
        sets = [part for key, value in keys.items() for part in ("--set", f"{key}={value}")]
        return ["train", "bench/train_mt.toml", "--out", str(out), "--threads", str(self.tools.threads), *sets]

    def ours(self):
        out = self.folder / "run"
        s = self.size
        shutil.rmtree(out, ignore_errors=True)
        self.tools.heddle(*self.training(out))
        lines = [json.loads(line) for line in (out / "metrics.jsonl").read_text().splitlines()]
        first, last = lines[s["warmup"] - 1], lines[-1]
        self.counted = {key: last[key] - first[key] for key in ("source_tokens", "target_tokens")}
        seconds = last["seconds"] - first["seconds"]
        return {"value": self.counted["target_tokens"] / seconds, "peak_rss_bytes": last["peak_rss_bytes"],
                "flops": self._flops() / seconds}

    def peer(self):
        s = self.size
        command = [self.tools.python, "bench/peers/train_mt_torch.py", "--source", self.folder / "source.ids",
                   "--target", self.folder / "target.ids", "--vocab", self.vocab, "--begin", 1,
                   "--threads", self.tools.threads, "--dropout", DROPOUT, "--precision", self.precision,
                   "--batch_tokens", BATCH_TOKENS]
        for key in ("width", "heads", "layers", "ffn", "warmup", "steps"):
            command += ["--" + key, s[key]]
        found = json.loads(subprocess.run([str(part) for part in command], check=True, stdout=subprocess.PIPE,
                                          cwd=self.tools.root).stdout)
        name = f"{found['name']}, {self.tools.threads} threads, {100 * found['padding']:.1f} % padding"
        return {"value": found["tokens_per_second"], "peak_rss_bytes": found["peak_rss_bytes"], "name": name}

    def _flops(self):
        """Counted work: forward and backward (three times the forward) of real tokens and visible attention pairs."""
        s, d = self.size, self.size["width"]
        encoder = s["layers"] * (4 * d * d + 2 * d * s["ffn"] + 2 * d * d)  # and the decoder's keys and values of it
        decoder = s["layers"] * (6 * d * d + 2 * d * s["ffn"]) + d * self.vocab
        attention = s["layers"] * 2 * d * self.pairs  # q·k and weights·v
        return 6 * (encoder * self.counted["source_tokens"] + (decoder + attention) * self.counted["target_tokens"])

    unit, less_is_better = "target tokens/s", False
