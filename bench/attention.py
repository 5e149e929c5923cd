"""attention: forward and backward of full attention, ours against PyTorch's scaled_dot_product_attention on the CPU.

ragged: 128 sentences with lengths as in Multi30k, which we take packed and PyTorch padded with a mask; equal: one
sequence of 4,096, causal. 8 heads of 64. f32 and bf16: ours does attention in f32 in both, which is what training in
bf16 runs. One thread each, the processor's time, so that others on the machine count less.
"""

import json
import random
import subprocess

CASES = [f"attention/{shape}/{precision}" for shape in ("ragged", "equal") for precision in ("f32", "bf16")]
HEADS, WIDTH = 8, 64


def ragged():
    """Lengths of 128 sentences: a long tail over a mean of 13 tokens."""
    draw = random.Random(3)
    return ",".join(str(min(60, max(4, int(draw.lognormvariate(2.5, 0.4))))) for _ in range(128))


def rate(tools, mask, lengths, heads=HEADS, width=WIDTH):
    command = [str(tools.build / "heddle_attention_rate"), mask, str(heads), str(width), lengths]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)


class Attention:
    precision, unit, less_is_better = None, "ms of one thread", True

    def __init__(self, case, tools):
        _, shape, self.numbers = case.split("/")
        self.tools = tools
        self.mask, self.lengths = ("full", ragged()) if shape == "ragged" else ("causal", "4096")
        self.data = f"8 heads of 64, {'128 sentences' if shape == 'ragged' else '4096 tokens causal'}, forward and backward"

    def close(self):
        pass

    def ours(self):
        found = rate(self.tools, self.mask, self.lengths)
        return {"value": 1e3 * (found["forward"] + found["backward"]), "peak_rss_bytes": found["peak_rss_bytes"]}

    def peer(self):
        command = [self.tools.python, "bench/peers/attention_torch.py", self.numbers, self.mask, str(HEADS), str(WIDTH),
                   self.lengths]
        found = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, cwd=self.tools.root).stdout)
        return {"value": 1e3 * (found["forward"] + found["backward"]), "peak_rss_bytes": found["peak_rss_bytes"],
                "name": f"{found['name']}, {100 * found['padding']:.0f} % padding"}
