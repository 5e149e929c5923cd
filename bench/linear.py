"""linear-attention: how the time and memory of linear attention grow with the length, ours against our own full
attention.

Forward and backward of one causal self-attention on one thread, 1k to 64k tokens (full attention to 8k). The value is
the exponent that fits the times, log against log; that of memory, and the length from which on linear attention is
faster, stand in `data`.
"""

import json
import math
import subprocess

CASES = ["linear-attention/elu", "linear-attention/performer"]
LENGTHS = [1024 * 2**i for i in range(7)]
FULL = [256, 512, *LENGTHS[:4]]


def exponent(sizes, values):
    """The slope of a straight line through the logarithms."""
    x, y = [math.log(v) for v in sizes], [math.log(v) for v in values]
    mean_x, mean_y = sum(x) / len(x), sum(y) / len(y)
    return sum((a - mean_x) * (b - mean_y) for a, b in zip(x, y)) / sum((a - mean_x) ** 2 for a in x)


def crossover(lengths, linear, full):
    """Where the two curves meet, on a straight line between measured lengths; None: nowhere among them."""
    gaps = [math.log(l / f) for l, f in zip(linear, full)]
    for i, gap in enumerate(gaps):
        if gap <= 0 and i == 0:
            return lengths[0]
        if gap <= 0:
            share = gaps[i - 1] / (gaps[i - 1] - gap)
            return round(lengths[i - 1] * (lengths[i] / lengths[i - 1]) ** share)
    return None


class Linear:
    precision, unit, less_is_better = None, "(exponent of time)", True

    def __init__(self, case, tools):
        self.kind, self.tools, self.data = case.split("/")[1], tools, ""

    def close(self):
        pass

    def _at(self, kind, length):
        command = [str(self.tools.build / "heddle_attention_length"), kind, str(length)]
        return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)

    def _over(self, kind, lengths):
        found = [self._at(kind, length) for length in lengths]
        return [f["seconds"] for f in found], [f["bytes"] for f in found]

    def ours(self):
        short = FULL[:2]
        self.short, _ = self._over(self.kind, short)
        self.times, memory = self._over(self.kind, LENGTHS)
        self.memory = exponent(LENGTHS, memory)
        return {"value": exponent(LENGTHS, self.times), "peak_rss_bytes": memory[-1]}

    def peer(self):
        times, memory = self._over("softmax", FULL)
        meets = crossover(FULL, self.short + self.times, times)
        table = ", ".join(f"{n}: {1e3 * s:.2f} ms" for n, s in zip(FULL[:2] + LENGTHS, self.short + self.times))
        full = ", ".join(f"{n}: {1e3 * s:.2f} ms" for n, s in zip(FULL, times))
        self.data = f"memory exponent {self.memory:.2f}; faster from n = {meets}; {table}; full attention {full}"
        print(self.data, flush=True)
        return {"value": exponent(FULL[2:], times[2:]), "peak_rss_bytes": memory[-1], "name": "full attention"}
