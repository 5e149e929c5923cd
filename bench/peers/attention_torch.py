"""Processor seconds of PyTorch's scaled_dot_product_attention, forward and backward, on the CPU.

    attention_torch.py PRECISION MASK HEADS WIDTH LENGTHS       MASK: full or causal; LENGTHS: as bench/attention_rate.cc

Sequences of several lengths are padded to the longest, with a mask over the padding; those of one length need none. Each
tensor is [batch, heads, length, width] as the kernels like it best, made before the clock runs. Prints one JSON object.
"""

import json
import resource
import statistics
import sys
import time

import torch


def lengths_of(text):
    lengths = []
    for part in text.split(","):
        count, length = part.split("x") if "x" in part else (1, part)
        lengths += [int(length)] * int(count)
    return lengths


def main():
    precision, mask, heads, width = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    lengths = lengths_of(sys.argv[5])
    torch.set_num_threads(1)
    torch.manual_seed(1)
    dtype = {"f32": torch.float32, "bf16": torch.bfloat16}[precision]
    longest = max(lengths)
    q, k, v = (torch.randn(len(lengths), heads, longest, width).to(dtype).requires_grad_() for _ in range(3))
    seed = torch.randn(len(lengths), heads, longest, width).to(dtype)
    padding = None
    if min(lengths) < longest:
        padding = torch.arange(longest)[None, :] < torch.tensor(lengths)[:, None]
        padding = torch.zeros(padding.shape, dtype=dtype).masked_fill(~padding, -torch.inf)[:, None, None, :]
        padding = padding.expand(-1, 1, longest, -1)
    forward, backward, clock, begin = [], [], [], time.perf_counter()
    while time.perf_counter() - begin < 2 or len(clock) < 4:
        for tensor in (q, k, v):
            tensor.grad = None
        began, first = time.perf_counter(), time.process_time()
        out = torch.nn.functional.scaled_dot_product_attention(q, k, v, attn_mask=padding, is_causal=mask == "causal")
        between = time.process_time()
        out.backward(seed)
        forward.append(between - first)
        backward.append(time.process_time() - between)
        clock.append(time.perf_counter() - began)
    padded = 1 - sum(lengths) / (longest * len(lengths))
    print(json.dumps({"forward": statistics.median(forward[1:]), "backward": statistics.median(backward[1:]),
                      "seconds": statistics.median(clock[1:]), "name": f"PyTorch {torch.__version__} SDPA", "padding": padded,
                      "peak_rss_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024}))


if __name__ == "__main__":
    main()
