"""hooks: instructions of a training step with named points that nobody looks at, against a build without any.

Counted by callgrind on one thread, kernels at their AVX2 level: the difference of 12 steps and 2, so that neither the
start nor the first growth of memory counts. Ratio: with points by without.
"""

import re
import subprocess
import tempfile

CASES = ["hooks/unused"]
STEPS = (2, 12)


class Hooks:
    precision, unit, less_is_better = None, "instructions a step", True

    def __init__(self, case, tools):
        self.tools, self.data = tools, "translator of width 64, 2+2 layers, 42 + 38 tokens a step"

    def close(self):
        pass

    def _instructions(self, program, steps):
        with tempfile.TemporaryDirectory() as folder:
            done = subprocess.run(["valgrind", "--tool=callgrind", f"--callgrind-out-file={folder}/out",
                                   str(self.tools.build / program), str(steps)], check=True, stderr=subprocess.PIPE, text=True)
        return int(re.search(r"Collected : (\d+)", done.stderr)[1])

    def _per_step(self, program):
        few, many = (self._instructions(program, steps) for steps in STEPS)
        return {"value": (many - few) / (STEPS[1] - STEPS[0]), "peak_rss_bytes": 1}  # memory is valgrind's

    def ours(self):
        return self._per_step("heddle_hooks")

    def peer(self):
        return self._per_step("heddle_hooks_without") | {"name": "the same without named points"}
