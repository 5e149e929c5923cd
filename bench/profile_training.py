"""Where the time of a training step goes: shares of the processor's time at the sizes of train-mt, by `perf record`.

Steps alone: samples of reading, starting and saving are left out. Called by hand (Debian's linux-perf):
  build/peers/venv/bin/python bench/profile_training.py [--case d256/bf16] [--data MULTI30K]
"""

import argparse
import re
import subprocess
from collections import Counter

import train_mt
from run import Tools

# The first pattern that a sample's symbol and library hold. What oneDNN generates has neither.
GROUPS = [
    ("Linux: page faults, threads, files", r"\[kernel\.kallsyms\]"),
    ("waiting for other threads (OpenMP)", r"libgomp"),
    ("matrix products (oneDNN)", r"\[unknown\]|libdnnl|jit"),
    ("attention, forward and backward", r"attention"),
    ("cross-entropy", r"cross_entropy|ForwardSlice|BackwardSlice|log_softmax"),
    ("activations, with bias and dropout", r"bias_activation"),
    ("norms, residuals, with bias and dropout", r"norm|residual"),
    ("embedding", r"gather|embed|scatter"),
    ("other passes over memory (bfloat16 copies, sums, AdamW)", r"run_chunks|parallel_for|narrow|optimizer|adam|mem(set|cpy|move)"),
]
NOT_A_STEP = re.compile(r"Checkpoint|checkpoint|safetensors|Tokenizer|tokenizer|TranslationSet|initialize|LineReader|xxh|XXH|json")


def group_of(stack):
    leaf = stack[0]
    for name, pattern in GROUPS:
        if re.search(pattern, leaf):
            return name
    return "all else"


def samples(text):
    for block in text.split("\n\n"):
        frames = [line.strip().split(" ", 1)[-1] for line in block.splitlines() if line.strip()]
        if frames and not any(NOT_A_STEP.search(frame) for frame in frames):
            yield frames


def profile(case, tools):
    bench = train_mt.TrainMt(f"train-mt/{case}", tools)
    bench.size = {**bench.size, "steps": 10240 // bench.size["width"]}  # so that steps outweigh the start
    try:
        record = bench.folder / "perf.data"
        program = [str(tools.build / "heddle"), *bench.training(bench.folder / "run")]
        subprocess.run(["perf", "record", "-q", "-e", "cpu-clock", "-F", "299", "-g", "-o", str(record), "--", *program],
                       check=True, cwd=tools.root, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        text = subprocess.run(["perf", "script", "-i", str(record), "-F", "ip,sym,dso"], check=True, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
    finally:
        bench.close()
    return Counter(group_of(stack) for stack in samples(text))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--case", default="", help="only cases that hold this, such as d256/bf16")
    parser.add_argument("--build", default="build")
    parser.add_argument("--data", default="../shared/data/multi30k")
    options = parser.parse_args()
    tools = Tools(options.build, options.data)
    for case in (case.removeprefix("train-mt/") for case in train_mt.CASES):
        if options.case in case:
            counts = profile(case, tools)
            total = sum(counts.values())
            print(f"{case}: {total} samples")
            for name, count in counts.most_common():
                print(f"  {100 * count / total:5.1f} %  {name}")


if __name__ == "__main__":
    main()
