"""moe: a mixture of 8 experts, 2 for each token, against the dense network of the size that is active for a token.

Forward and backward of the feed-forward network alone, 4,096 tokens of width 512, experts of inner width 1,024, f32, on
one thread: processor time, a step of each in turn, so that others on the machine count less.
"""

import json
import subprocess

CASES = ["moe/relu", "moe/swiglu"]


class Moe:
    precision, unit, less_is_better = None, "ms of one thread", True

    def __init__(self, case, tools):
        self.kind, self.tools = case.split("/")[1], tools
        self.data = "4096 tokens, width 512, 8 experts of 1024, top 2, forward and backward"

    def close(self):
        pass

    def ours(self):
        command = [str(self.tools.build / "heddle_experts"), self.kind]
        self.found = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
        return {"value": 1e3 * self.found["experts"], "peak_rss_bytes": self.found["experts_bytes"]}

    def peer(self):
        return {"value": 1e3 * self.found["dense"], "peak_rss_bytes": self.found["dense_bytes"], "name": "dense of equal active size"}
