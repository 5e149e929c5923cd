"""Seconds that torch.einsum takes: einsum_torch.py EXPRESSION SHAPE... Prints one JSON object; bench/einsum.py runs it."""

import json
import os
import resource
import statistics
import sys
import time

import torch


def main():
    torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
    torch.manual_seed(1)
    operands = [torch.randn([int(size) for size in shape.split("x")]) for shape in sys.argv[2:]]
    times, begin = [], time.perf_counter()
    with torch.no_grad():
        while time.perf_counter() - begin < 1 or len(times) < 4:
            began = time.perf_counter()
            torch.einsum(sys.argv[1], *operands)
            times.append(time.perf_counter() - began)
    print(json.dumps({"seconds": statistics.median(times[1:]), "name": f"PyTorch {torch.__version__}",
                      "peak_rss_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024}))


if __name__ == "__main__":
    main()
