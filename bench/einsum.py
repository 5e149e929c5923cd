"""einsum: expressions in f32, ours against torch.einsum; and attention written as einsum against our own fused kernel.

The expressions are those that Transformers are made of, a chain whose order matters, and one that is no matrix product.
einsum/attention: "bqhd,bkhd->bhqk", softmax, "bhqk,bkhd->bqhd" (ours) against the fused attention (the peer).
"""

import json
import os
import subprocess

EXPRESSIONS = {
    "scores": ("bqhd,bkhd->bhqk", ["8x256x8x64", "8x256x8x64"]),
    "mix": ("bhqk,bkhd->bqhd", ["8x8x256x256", "8x256x8x64"]),
    "projection": ("bte,hde->bhtd", ["8x256x512", "8x64x512"]),
    "chain": ("ij,jk,kl,lm->im", ["64x1024", "1024x32", "32x1024", "1024x64"]),
    "bilinear": ("bn,anm,bm->ba", ["256x128", "64x128x128", "256x128"]),
    "products": ("bij,bij->bi", ["64x256x256", "64x256x256"]),
}
CASES = [f"einsum/{name}" for name in EXPRESSIONS] + ["einsum/attention"]
ATTENTION = "8x256x8x64"


class Einsum:
    precision, unit, less_is_better = "f32", "us", True

    def __init__(self, case, tools):
        self.name, self.tools = case.split("/")[1], tools
        self.expression, self.shapes = EXPRESSIONS.get(self.name, ("attention", [ATTENTION]))
        self.data = f"{self.expression} {' '.join(self.shapes)}"

    def close(self):
        pass

    def _program(self):
        return self._json([str(self.tools.build / "heddle_einsum_rate"), self.expression, *self.shapes])

    def _json(self, command):
        environment = {**os.environ, "OMP_NUM_THREADS": str(self.tools.threads)}
        return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, cwd=self.tools.root,
                                         env=environment).stdout)

    def ours(self):
        self.found = self._program()
        return {"value": 1e6 * self.found["seconds"], "peak_rss_bytes": self.found["peak_rss_bytes"]}

    def peer(self):
        if self.name == "attention":
            return {"value": 1e6 * self.found["fused_seconds"], "peak_rss_bytes": self.found["peak_rss_bytes"],
                    "name": f"fused attention (softmax between the einsums takes {1e6 * self.found['softmax_seconds']:.0f} us)"}
        found = self._json([self.tools.python, "bench/peers/einsum_torch.py", self.expression, *self.shapes])
        return {"value": 1e6 * found["seconds"], "peak_rss_bytes": found["peak_rss_bytes"], "name": found["name"]}
