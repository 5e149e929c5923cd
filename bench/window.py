"""window: how the time and memory of attention through a window of 256 grow with the length, against full attention.

Forward and backward of one causal sequence, 2 heads of 64, on one thread, 1k to 64k tokens (full attention to 8k); the
processor's time. The value is the exponent that fits the times, log against log; that of memory, and the length from which
on the window is faster, stand in `data`.
"""

from attention import rate
from linear import FULL, LENGTHS, crossover, exponent

CASES = ["window/256"]
HEADS, WIDTH = 2, 64


class Window:
    precision, unit, less_is_better = None, "(exponent of time)", True

    def __init__(self, case, tools):
        self.tools, self.data = tools, ""
        self.mask = f"causal & window({case.split('/')[1]})"

    def close(self):
        pass

    def _over(self, mask, lengths):
        found = [rate(self.tools, mask, str(length), HEADS, WIDTH) for length in lengths]
        return [f["forward"] + f["backward"] for f in found], [f["bytes"] for f in found]

    def ours(self):
        short, _ = self._over(self.mask, FULL[:2])
        times, memory = self._over(self.mask, LENGTHS)
        self.memory, self.times = exponent(LENGTHS, memory), short + times
        return {"value": exponent(LENGTHS, times), "peak_rss_bytes": memory[-1]}

    def peer(self):
        times, memory = self._over("causal", FULL)
        table = ", ".join(f"{n}: {1e3 * s:.2f} ms" for n, s in zip(FULL[:2] + LENGTHS, self.times))
        full = ", ".join(f"{n}: {1e3 * s:.2f} ms" for n, s in zip(FULL, times))
        self.data = (f"memory exponent {self.memory:.2f}; faster from n = {crossover(FULL, self.times, times)}; {table}; "
                     f"full attention {full}")
        print(self.data, flush=True)
        return {"value": exponent(FULL[2:], times[2:]), "peak_rss_bytes": memory[-1], "name": "full attention"}
