"""translate: a trained translator at work, ours against the same weights in PyTorch with a key-value cache.

translate/throughput: sentences a second, 1,000 lines of validation text, beam 5. Ours is the whole program, from its start
to its last answer; the peer's clock runs while it decodes ids that are read already.
translate/first-answer: milliseconds from the start of the program to the answer of one line.
The model: HEDDLE_BENCH_MODEL, a folder that `heddle train` wrote; without it one is trained for a minute.
"""

import json
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

CASES = ["translate/throughput", "translate/first-answer"]
LINES, BEAM, BATCH_TOKENS = 1000, 5, 4096


class Translate:
    precision = "f32"

    def __init__(self, case, tools):
        self.case, self.tools = case, tools
        self.folder = Path(tempfile.mkdtemp(prefix="heddle-translate-"))
        self.unit = "sentences/s" if case == "translate/throughput" else "ms"
        self.less_is_better = self.unit == "ms"
        self._prepare()

    def close(self):
        shutil.rmtree(self.folder, ignore_errors=True)

    def _prepare(self):
        self.data = self.tools.parallel_text(self.folder / "data")
        self.model = os.environ.get("HEDDLE_BENCH_MODEL") or str(self.folder / "run")
        if not Path(self.model).exists():
            self.tools.heddle("train", "bench/train_mt.toml", "--out", self.model, "--set",
                              f"data.dir={self.folder / 'data'}", "--set", "model.width=128", "--set", "model.ffn=256",
                              "--set", "train.max_steps=400")
        config = json.loads((Path(self.model) / "config.json").read_text())["heddle"]
        if config["norm_place"] != "pre" or config["ffn_kind"] != "relu" or config["position"] != "sinusoidal":
            raise SystemExit(f"{self.model}: the peer only knows pre-norm, relu and sinusoidal positions")
        wanted = LINES if self.unit != "ms" else 1
        lines = (self.folder / "data" / "valid.source").read_text().splitlines()[:wanted]
        self.source, self.ids = self.folder / "source", self.folder / "ids"
        self.source.write_text("".join(line + "\n" for line in lines))
        self.lines = len(lines)
        with open(self.source) as text, open(self.ids, "w") as ids:
            self.tools.heddle("tokenizer", "encode", "--ids", "--tokenizer", f"{self.model}/tokenizer.json", stdin=text,
                              stdout=ids)

    def ours(self):
        with open(self.source) as text, open(self.folder / "ours", "w") as answers:
            began = time.perf_counter()
            process = subprocess.Popen([str(self.tools.build / "heddle"), "translate", "--model", self.model, "--beam",
                                        str(BEAM), "--threads", str(self.tools.threads)], stdin=text, stdout=answers,
                                       stderr=subprocess.DEVNULL, cwd=self.tools.root)
            _, status, usage = os.wait4(process.pid, 0)
            seconds = time.perf_counter() - began
        if status != 0:
            raise SystemExit(f"heddle translate ended with status {status}")
        return {"value": 1000 * seconds if self.less_is_better else self.lines / seconds,
                "peak_rss_bytes": usage.ru_maxrss * 1024}

    def peer(self):
        alpha = self._alpha()
        command = [self.tools.python, "bench/peers/translate_torch.py", "--model", self.model, "--source", self.ids,
                   "--answers", self.folder / "peer.ids", "--beam", BEAM, "--threads", self.tools.threads,
                   "--batch_tokens", BATCH_TOKENS, "--alpha", alpha]
        found = json.loads(subprocess.run([str(part) for part in command], check=True, stdout=subprocess.PIPE,
                                          cwd=self.tools.root).stdout)
        value = 1000 * found["first_answer_seconds"] if self.less_is_better else found["sentences_per_second"]
        return {"value": value, "peak_rss_bytes": found["peak_rss_bytes"],
                "name": f"{found['name']}, {self.tools.threads} threads, {100 * self._equal_answers():.1f} % equal answers"}

    def _alpha(self):
        config = Path(self.model) / "config.toml"
        for line in config.read_text().splitlines() if config.exists() else []:
            if line.startswith("alpha ="):
                return float(line.split("=")[1])
        return 0.6

    def _equal_answers(self):
        """Both did the same work: the share of lines with the same translation."""
        with open(self.folder / "peer.ids") as ids, open(self.folder / "peer", "w") as text:
            self.tools.heddle("tokenizer", "decode", "--tokenizer", f"{self.model}/tokenizer.json", stdin=ids, stdout=text)
        with open(self.folder / "ours") as a, open(self.folder / "peer") as b:
            return sum(x.strip() == y.strip() for x, y in zip(a, b)) / self.lines
