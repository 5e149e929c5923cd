"""The peer of quality-mt: the recipe's translator trained by PyTorch for some minutes, stored as a model folder.

The model, dropout places, label smoothing, optimizer and learning rate are those of recipes/translate/multi30k_en_de.toml;
warm-up and cosine are stretched over the minutes that there are. Weights start as Heddle's do (Xavier, embeddings of
standard deviation width^-1/2). Snapshots are written in Heddle's layout, so that the same decoder and the same BLEU judge
both. Minutes count training alone: a step during which the process was stopped does not count. --steps in place of
--minutes: as many as the minutes hold, counted before, so that other work may go on beside. Prints one JSON object.
"""

import argparse
import json
import math
import random
import statistics
import struct
import time
from pathlib import Path

import torch
from torch import nn

from train_mt_torch import Translator, plan, read_pairs, train_step

PEAK_RATE, WARM_UP = 3e-3, 0.09


def initialize(model, dropout, inner_dropout):
    for weight in model.body.parameters():
        if weight.dim() > 1:
            nn.init.xavier_uniform_(weight)
    nn.init.normal_(model.embedding.weight, std=model.width**-0.5)
    model.dropout.p = dropout
    for layer in [*model.body.encoder.layers, *model.body.decoder.layers]:
        for name, module in layer.named_children():
            if isinstance(module, nn.MultiheadAttention):
                module.dropout = inner_dropout
                nn.init.zeros_(module.in_proj_bias)
                nn.init.zeros_(module.out_proj.bias)
            elif isinstance(module, nn.Dropout):
                module.p = inner_dropout if name == "dropout" else dropout  # "dropout" is the feed-forward's
        nn.init.zeros_(layer.linear1.bias)
        nn.init.zeros_(layer.linear2.bias)


def attention_weights(name, module, norm):
    width = module.embed_dim
    cross = name.endswith("cross_attention")
    parts = {"query": slice(0, width), "key_value": slice(width, 3 * width)} if cross else {"qkv": slice(0, 3 * width)}
    for part, rows in parts.items():
        yield f"{name}.{part}.weight", module.in_proj_weight[rows]
        yield f"{name}.{part}.bias", module.in_proj_bias[rows]
    yield f"{name}.output.weight", module.out_proj.weight
    yield f"{name}.output.bias", module.out_proj.bias
    yield f"{name}.norm.weight", norm.weight
    yield f"{name}.norm.bias", norm.bias


def named_weights(model):
    yield "embedding.weight", model.embedding.weight
    yield "output.bias", model.bias
    for side, stack in (("encoder", model.body.encoder), ("decoder", model.body.decoder)):
        yield f"{side}.norm.weight", stack.norm.weight
        yield f"{side}.norm.bias", stack.norm.bias
        for i, layer in enumerate(stack.layers):
            name = f"{side}.layers.{i}"
            yield from attention_weights(f"{name}.self_attention", layer.self_attn, layer.norm1)
            if side == "decoder":
                yield from attention_weights(f"{name}.cross_attention", layer.multihead_attn, layer.norm2)
            norm = layer.norm3 if side == "decoder" else layer.norm2
            for part, module in (("first", layer.linear1), ("second", layer.linear2), ("norm", norm)):
                yield f"{name}.feed_forward.{part}.weight", module.weight
                yield f"{name}.feed_forward.{part}.bias", module.bias


def write_weights(model, path):
    header, body, at = {"__metadata__": {"format": "pt"}}, [], 0
    for name, weight in named_weights(model):
        data = weight.detach().float().contiguous().numpy().tobytes()
        header[name] = {"dtype": "F32", "shape": list(weight.shape), "data_offsets": [at, at + len(data)]}
        body.append(data)
        at += len(data)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + b"".join(body))


def rate_at(progress):
    if progress < WARM_UP:
        return PEAK_RATE * progress / WARM_UP
    return PEAK_RATE * 0.5 * (1 + math.cos(math.pi * (progress - WARM_UP) / (1 - WARM_UP)))


class Clock:
    """Seconds of training; a step of more than 20 usual ones was a pause, and counts as a usual one."""

    def __init__(self):
        self.seconds, self.paused, self.steps = 0.0, 0.0, []

    def add(self, seconds):
        usual = statistics.median(self.steps[-200:]) if len(self.steps) >= 20 else seconds
        counted = usual if seconds > 20 * usual else seconds
        self.steps.append(counted)
        self.seconds += counted
        self.paused += seconds - counted


def main():
    p = argparse.ArgumentParser()
    for name in ("source", "target", "out"):
        p.add_argument("--" + name, required=True)
    for name in ("vocab", "begin", "width", "heads", "layers", "ffn", "batch_tokens", "threads", "snapshots", "seed"):
        p.add_argument("--" + name, type=int, required=True)
    for name in ("dropout", "inner_dropout"):
        p.add_argument("--" + name, type=float, required=True)
    length = p.add_mutually_exclusive_group(required=True)
    length.add_argument("--minutes", type=float)
    length.add_argument("--steps", type=int)
    p.add_argument("--precision", choices=["f32", "bf16"], required=True)
    o = p.parse_args()
    torch.manual_seed(o.seed)
    torch.set_num_threads(o.threads)
    pairs = list(read_pairs(o.source, o.target, 128))
    model = Translator(o)
    initialize(model, o.dropout, o.inner_dropout)
    model.train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.0, betas=(0.9, 0.98), eps=1e-9, weight_decay=0.0, fused=True)
    generator, clock, batches = random.Random(o.seed), Clock(), []
    out, tokens, epochs, written, recent = Path(o.out), 0, 0, 0, []
    out.mkdir(parents=True, exist_ok=True)

    def progress():
        return len(clock.steps) / o.steps if o.steps else clock.seconds / (60 * o.minutes)

    while progress() < 1:
        began = time.perf_counter()
        if not batches:
            batches, epochs = plan(pairs, o.batch_tokens, generator), epochs + 1
        for group in optimizer.param_groups:
            group["lr"] = rate_at(progress())
        loss, real = train_step(model, optimizer, pairs, batches.pop(), o)
        tokens += int(real.sum())
        recent.append(loss.item())
        clock.add(time.perf_counter() - began)
        if len(recent) == 50:
            print(json.dumps({"step": len(clock.steps), "seconds": round(clock.seconds), "loss": sum(recent) / 50,
                              "tokens_per_second": round(tokens / clock.seconds)}), flush=True)
            recent.clear()
        # Snapshots over the second half, the last at the end; writing them costs no counted time.
        if 2 * progress() - 1 >= (written + 1) / o.snapshots:
            written += 1
            write_weights(model, out / f"{written}.safetensors")
    print(json.dumps({"steps": len(clock.steps), "epochs": epochs, "target_tokens": tokens, "training_seconds": clock.seconds,
                      "paused_seconds": clock.paused, "snapshots": written, "precision": o.precision,
                      "name": "PyTorch " + torch.__version__}))


if __name__ == "__main__":
    main()
