"""Runs the benchmark cases whose name holds CASE, ours and the peer's in turn, and appends one JSON
object a case to build/bench/results.jsonl. `make bench CASE=train-mt` is the way to call it."""

import argparse
import gzip
import json
import os
import statistics
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import attention  # noqa: E402
import einsum  # noqa: E402
import encode  # noqa: E402
import hooks  # noqa: E402
import linear  # noqa: E402
import moe  # noqa: E402
import reader  # noqa: E402
import tiles  # noqa: E402
import train_mt  # noqa: E402
import train_tokenizer  # noqa: E402
import translate  # noqa: E402
import window  # noqa: E402

SUITES = {"attention": (attention.Attention, attention.CASES),
          "einsum": (einsum.Einsum, einsum.CASES), "hooks": (hooks.Hooks, hooks.CASES),
          "linear-attention": (linear.Linear, linear.CASES),
          "moe": (moe.Moe, moe.CASES),
          "tiles": (tiles.Tiles, tiles.CASES), "window": (window.Window, window.CASES),
          "train-mt": (train_mt.TrainMt, train_mt.CASES),
          "translate": (translate.Translate, translate.CASES),
          "tokenizer-train": (train_tokenizer.TrainTokenizer, train_tokenizer.CASES),
          "encode": (encode.Encode, encode.CASES), "reader": (reader.Reader, reader.CASES)}


class Tools:
    """Where things are, and how the program is called."""

    def __init__(self, build, data):
        self.root = Path(__file__).resolve().parent.parent
        self.build, self.data = Path(build).resolve(), data
        self.python = str(self.root / "build/peers/venv/bin/python")
        self.threads = len(os.sched_getaffinity(0))

    def heddle(self, *arguments, stdin=None, stdout=subprocess.PIPE):
        done = subprocess.run([str(self.build / "heddle"), *arguments], cwd=self.root, stdin=stdin, stdout=stdout,
                              stderr=subprocess.PIPE, text=True)
        if done.returncode != 0:
            sys.exit(f"heddle {' '.join(arguments)} failed:\n{done.stderr}")
        return done.stdout

    def peak(self):
        """GFLOP/s of the best of three large products, by precision."""
        return json.loads(subprocess.run([str(self.build / "heddle_peak")], check=True, stdout=subprocess.PIPE).stdout)

    def parallel_text(self, folder):
        """train and valid .source and .target: Multi30k's English and German where they are at hand,
        else the demo's generated text."""
        folder.mkdir(parents=True)
        data = Path(self.data)
        if (data / "valid.en").exists():
            for split in ("train", "valid"):
                for language, side in (("en", "source"), ("de", "target")):
                    plain, packed = data / f"{split}.{language}", data / f"{split}.{language}.gz"
                    text = plain.read_bytes() if plain.exists() else gzip.decompress(packed.read_bytes())
                    (folder / f"{split}.{side}").write_bytes(text)
            return "multi30k en-de"
        self.heddle("demo", "data", "--out", str(folder))
        return "demo dates"


def spread(values):
    return {"median": statistics.median(values), "least": min(values), "most": max(values), "runs": len(values)}


def shown(value):
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def measure(case, suite, tools, runs):
    bench = suite(case, tools)
    ours, peer, peaks = [], [], []
    try:
        for _ in range(runs):
            if bench.precision:  # else products do not matter
                peaks.append(tools.peak()[f"{bench.precision}_gflops"])
            ours.append(bench.ours())
            peer.append(bench.peer())
    finally:
        bench.close()
    mine, theirs = spread([r["value"] for r in ours]), spread([r["value"] for r in peer])
    rss = [statistics.median(r["peak_rss_bytes"] for r in side) for side in (ours, peer)]
    share = statistics.median(r["flops"] / 1e9 / p for r, p in zip(ours, peaks)) if "flops" in ours[0] else None
    by_processor = {"processor_ratio": spread([a["processor"] / b["processor"] for a, b in zip(ours, peer)])} if "processor" in ours[0] else {}
    ratio = (lambda a, b: b / a) if bench.less_is_better else (lambda a, b: a / b)  # above 1: ours is better
    return {"case": case, "ours": mine["median"], "peer": theirs["median"], "peer_name": peer[0]["name"], "unit": bench.unit,
            "ratio": ratio(mine["median"], theirs["median"]), "peak_share": share, "peak_rss_ratio": rss[1] / rss[0],
            "ours_peak_rss_bytes": rss[0], "ours_spread": mine, "peer_spread": theirs,
            "ratio_spread": spread([ratio(a["value"], b["value"]) for a, b in zip(ours, peer)]),
            **by_processor, "data": bench.data, "threads": tools.threads, "peak_gflops": statistics.median(peaks) if peaks else None}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--case", default="", help="only cases whose name holds this")
    parser.add_argument("--build", default="build")
    parser.add_argument("--data", default=os.environ.get("HEDDLE_BENCH_DATA", "../shared/data/multi30k"))
    parser.add_argument("--runs", type=int, default=3, help="of each side, in turn")
    options = parser.parse_args()
    tools = Tools(options.build, options.data)
    out = tools.root / "build/bench/results.jsonl"
    out.parent.mkdir(parents=True, exist_ok=True)
    chosen = [(case, suite) for suite, cases in SUITES.values() for case in cases
              if options.case in case]
    if not chosen:
        sys.exit(f"no case holds \"{options.case}\"; there are: " + ", ".join(c for _, cases in SUITES.values() for c in cases))
    for case, suite in chosen:
        result = measure(case, suite, tools, options.runs)
        with open(out, "a") as lines:
            lines.write(json.dumps(result) + "\n")
        share = f"{100 * result['peak_share']:.0f} % of peak, " if result["peak_share"] is not None else ""
        if "processor_ratio" in result:
            share += f"by the processor's time {result['processor_ratio']['median']:.2f}, "
        print(f"{case}: {shown(result['ours'])} {result['unit']}, {result['peer_name']} {shown(result['peer'])}; ratio "
              f"{result['ratio']:.2f} ({result['ratio_spread']['least']:.2f} to {result['ratio_spread']['most']:.2f}), "
              f"{share}memory ratio {result['peak_rss_ratio']:.2f}", flush=True)


if __name__ == "__main__":
    main()
