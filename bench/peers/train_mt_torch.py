"""The peer of train-mt: the same translator trained by PyTorch on the CPU.

The same pairs of token ids, batches by length within the same budget of (padded) target positions, the same
sizes, dropout and label smoothing. What PyTorch offers to be fast on a CPU is used: its fused
attention, fused AdamW, logits of real tokens only. Padding is what its batches need; target tokens
are counted without it. Prints one JSON object.
"""

import argparse
import json
import random
import resource
import time
import warnings

import torch
from torch import nn
from torch.nn import functional as F

PAD = 0
warnings.filterwarnings("ignore", message="enable_nested_tensor")


def read_pairs(source, target, longest):
    with open(source) as a, open(target) as b:
        for x, y in zip(a, b):
            x, y = [int(i) for i in x.split()], [int(i) for i in y.split()]
            if x and y and len(x) <= longest and len(y) <= longest:
                yield x, y


def plan(pairs, budget, generator):
    """Batches of similar length of at most `budget` padded target positions, in mixed order."""
    order = sorted(range(len(pairs)), key=lambda i: (len(pairs[i][1]), len(pairs[i][0])))
    batches, batch = [], []
    for i in order:
        if batch and (len(batch) + 1) * len(pairs[i][1]) > budget:
            batches.append(batch)
            batch = []
        batch.append(i)
    batches.append(batch)
    generator.shuffle(batches)
    return batches


def padded(rows):
    width = max(len(row) for row in rows)
    return torch.tensor([row + [PAD] * (width - len(row)) for row in rows])


class Translator(nn.Module):
    def __init__(self, o):
        super().__init__()
        self.width = o.width
        self.embedding = nn.Embedding(o.vocab, o.width)
        position = torch.arange(512).unsqueeze(1)
        rate = torch.exp(torch.arange(0, o.width, 2) * (-9.210340371976184 / o.width))
        table = torch.zeros(512, o.width)
        table[:, 0::2], table[:, 1::2] = torch.sin(position * rate), torch.cos(position * rate)
        self.register_buffer("positions", table)
        self.dropout = nn.Dropout(o.dropout)
        self.body = nn.Transformer(o.width, o.heads, o.layers, o.layers, o.ffn, o.dropout,
                                   batch_first=True, norm_first=True)
        self.bias = nn.Parameter(torch.zeros(o.vocab))

    def embed(self, ids):
        return self.dropout(self.embedding(ids) * self.width**0.5 + self.positions[: ids.shape[1]])

    def forward(self, source, target):
        hidden = source == PAD
        causal = nn.Transformer.generate_square_subsequent_mask(target.shape[1], dtype=torch.bool,
                                                                device="cpu")
        # No key mask over the target: what is padded lies behind every real token, and causality hides it.
        states = self.body(self.embed(source), self.embed(target), tgt_mask=causal, tgt_is_causal=True,
                           src_key_padding_mask=hidden, memory_key_padding_mask=hidden)
        return states


def train_step(model, optimizer, pairs, batch, o):
    """One step on the pairs of a batch; the loss, and which target positions are real [sentences, longest]."""
    source = padded([pairs[i][0] for i in batch])
    target_in = padded([[o.begin] + pairs[i][1][:-1] for i in batch])
    target_out = padded([pairs[i][1] for i in batch])
    real = target_out != PAD
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=o.precision == "bf16"):
        states = model(source, target_in)
        logits = F.linear(states[real], model.embedding.weight, model.bias)
        loss = F.cross_entropy(logits.float(), target_out[real], label_smoothing=0.1)
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    return loss, real


def main():
    p = argparse.ArgumentParser()
    for name in ("source", "target"):
        p.add_argument("--" + name, required=True)
    for name in ("vocab", "begin", "width", "heads", "layers", "ffn", "batch_tokens", "warmup", "steps", "threads"):
        p.add_argument("--" + name, type=int, required=True)
    p.add_argument("--dropout", type=float, required=True)
    p.add_argument("--precision", choices=["f32", "bf16"], required=True)
    o = p.parse_args()
    torch.manual_seed(1)
    torch.set_num_threads(o.threads)
    pairs = list(read_pairs(o.source, o.target, 128))
    batches = plan(pairs, o.batch_tokens, random.Random(1))
    model = Translator(o)
    model.train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, betas=(0.9, 0.98), weight_decay=0.0, fused=True)
    tokens, positions, began = 0, 0, 0.0
    for step in range(o.warmup + o.steps):
        if step == o.warmup:
            tokens, positions, began = 0, 0, time.perf_counter()
        loss, real = train_step(model, optimizer, pairs, batches[step % len(batches)], o)
        tokens += int(real.sum())
        positions += real.numel()
    print(json.dumps({"tokens_per_second": tokens / (time.perf_counter() - began),
                      "peak_rss_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
                      "loss": loss.item(), "padding": 1 - tokens / positions, "name": "PyTorch " + torch.__version__}))


if __name__ == "__main__":
    main()
