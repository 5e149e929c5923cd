"""The peer of translate: the same weights decoded by PyTorch on the CPU, beam search with a key-value cache.

Sources are batched by length, caches are reordered by index_select, cross-attention's keys and values are projected once
a source and shared by its beams (they are its query rows), sentences that are done leave the batch; the rule that ends a
sentence is Heddle's own. Reads a folder that `heddle train` wrote (pre-norm, relu, sinusoidal positions, tied
embeddings) and ids, one sentence a line. Prints one JSON object; answers' ids go to --answers.
"""

import argparse
import json
import math
import resource
import struct
import time
from pathlib import Path

BORN = time.perf_counter()

import torch  # noqa: E402  (what a user waits for, too)
from torch.nn import functional as F  # noqa: E402

PAD, BEGIN, END = 0, 1, 2


def read_weights(path):
    with open(path, "rb") as file:
        size = struct.unpack("<Q", file.read(8))[0]
        header = json.loads(file.read(size))
        body = file.read()
    header.pop("__metadata__", None)
    tensors = {}
    for name, entry in header.items():
        first, last = entry["data_offsets"]
        tensors[name] = torch.frombuffer(bytearray(body[first:last]), dtype=torch.float32).reshape(entry["shape"])
    return tensors


class Translator:
    def __init__(self, folder):
        config = json.loads((Path(folder) / "config.json").read_text())["heddle"]
        self.w = read_weights(Path(folder) / "model.safetensors")
        self.width, self.heads = config["width"], config["heads"]
        self.encoder_layers, self.decoder_layers = config["encoder_layers"], config["decoder_layers"]
        position = torch.arange(config["max_length"]).unsqueeze(1)
        rate = torch.exp(torch.arange(0, self.width, 2) * (-math.log(10000.0) / self.width))
        self.positions = torch.zeros(config["max_length"], self.width)
        self.positions[:, 0::2], self.positions[:, 1::2] = torch.sin(position * rate), torch.cos(position * rate)

    def norm(self, name, x):
        return F.layer_norm(x, (self.width,), self.w[name + ".norm.weight"], self.w[name + ".norm.bias"])

    def linear(self, name, x):
        return F.linear(x, self.w[name + ".weight"], self.w[name + ".bias"])

    def split(self, x, parts):
        """[batch, length, parts * width] -> parts of [batch, heads, length, head width]."""
        return [p.unflatten(2, (self.heads, -1)).transpose(1, 2) for p in x.chunk(parts, dim=2)]

    def attended(self, name, mixed):
        return self.linear(name + ".output", mixed.transpose(1, 2).flatten(2))

    def feed_forward(self, name, x):
        hidden = F.relu(self.linear(name + ".first", self.norm(name, x)))
        return x + self.linear(name + ".second", hidden)

    def embed(self, ids, first):
        return self.w["embedding.weight"][ids] * self.width**0.5 + self.positions[first : first + ids.shape[1]]

    def encode(self, ids):
        """Keys and values of the sources for every decoder layer, and which of them are real."""
        real = (ids != PAD)[:, None, None, :]
        x = self.embed(ids, 0)
        for i in range(self.encoder_layers):
            name = f"encoder.layers.{i}.self_attention"
            q, k, v = self.split(self.linear(name + ".qkv", self.norm(name, x)), 3)
            x = x + self.attended(name, F.scaled_dot_product_attention(q, k, v, attn_mask=real))
            x = self.feed_forward(f"encoder.layers.{i}.feed_forward", x)
        x = self.norm("encoder", x)
        names = [f"decoder.layers.{i}.cross_attention.key_value" for i in range(self.decoder_layers)]
        return [self.split(self.linear(name, x), 2) for name in names], real

    def step(self, tokens, position, cache, memory, real, beam):
        """tokens [sentences * beam] -> log-probabilities [sentences * beam, vocabulary]; the cache grows by one."""
        x = self.embed(tokens[:, None], position)
        for i in range(self.decoder_layers):
            name = f"decoder.layers.{i}.self_attention"
            q, k, v = self.split(self.linear(name + ".qkv", self.norm(name, x)), 3)
            if cache[i] is not None:
                k, v = torch.cat([cache[i][0], k], dim=2), torch.cat([cache[i][1], v], dim=2)
            cache[i] = (k, v)
            x = x + self.attended(name, F.scaled_dot_product_attention(q, k, v))
            name = f"decoder.layers.{i}.cross_attention"
            rows = self.linear(name + ".query", self.norm(name, x)).view(-1, beam, self.width)
            q = self.split(rows, 1)[0]
            mixed = F.scaled_dot_product_attention(q, *memory[i], attn_mask=real)
            x = x + self.attended(name, mixed).view(-1, 1, self.width)
            x = self.feed_forward(f"decoder.layers.{i}.feed_forward", x)
        x = self.norm("decoder", x)[:, 0]
        return F.log_softmax(F.linear(x, self.w["embedding.weight"], self.w["output.bias"]), dim=1)


def divisor(length, alpha):
    return ((5 + length) / 6) ** alpha


def beam_search(model, sources, beam, alpha):
    """The best answer of each source, as ids."""
    width = max(len(s) for s in sources)
    ids = torch.tensor([s + [PAD] * (width - len(s)) for s in sources])
    memory, real = model.encode(ids)
    longest = [2 * len(s) + 20 for s in sources]
    answers, best = [None] * len(sources), [-math.inf] * len(sources)
    live = list(range(len(sources)))
    scores = torch.full((len(live), beam), -math.inf)
    scores[:, 0] = 0
    tokens = torch.full((len(live) * beam,), BEGIN)
    history = torch.empty(len(live) * beam, 0, dtype=torch.long)
    cache = [None] * model.decoder_layers
    for length in range(1, max(longest) + 1):
        logp = model.step(tokens, length - 1, cache, memory, real, beam)
        logp[:, [PAD, BEGIN]] = -math.inf
        total = scores.view(-1, 1) + logp
        values, places = total.view(len(live), -1).topk(2 * beam, dim=1)
        parents, chosen = places // logp.shape[1], places % logp.shape[1]
        values_, parents_, chosen_ = values.tolist(), parents.tolist(), chosen.tolist()
        rows, next_tokens, next_scores, kept = [], [], [], []
        for s, sentence in enumerate(live):
            picked = []
            for rank in range(2 * beam):
                value, parent, token = values_[s][rank], parents_[s][rank], chosen_[s][rank]
                if token == END:
                    if rank < beam and value / divisor(length, alpha) > best[sentence]:
                        best[sentence] = value / divisor(length, alpha)
                        answers[sentence] = history[s * beam + parent].tolist() + [END]
                elif len(picked) < beam:
                    picked.append((value, s * beam + parent, token))
            bound = picked[0][0] / max(divisor(length + 1, alpha), divisor(longest[sentence], alpha))
            if length >= longest[sentence] and answers[sentence] is None:
                answers[sentence] = history[picked[0][1]].tolist() + [picked[0][2]]
            if length >= longest[sentence] or best[sentence] >= bound:
                continue
            kept.append(s)
            for value, row, token in picked:
                next_scores.append(value)
                rows.append(row)
                next_tokens.append(token)
        if not kept:
            break
        order, tokens = torch.tensor(rows), torch.tensor(next_tokens)
        scores = torch.tensor(next_scores).view(len(kept), beam)
        history = torch.cat([history.index_select(0, order), tokens[:, None]], dim=1)
        cache = [(k.index_select(0, order), v.index_select(0, order)) for k, v in cache]
        if len(kept) < len(live):
            stay = torch.tensor(kept)
            memory = [[part.index_select(0, stay) for part in layer] for layer in memory]
            real = real.index_select(0, stay)
            live = [live[s] for s in kept]
    return answers


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--model", required=True)
    p.add_argument("--source", required=True)
    p.add_argument("--answers", required=True)
    for name in ("beam", "threads", "batch_tokens"):
        p.add_argument("--" + name, type=int, required=True)
    p.add_argument("--alpha", type=float, required=True)
    o = p.parse_args()
    torch.set_num_threads(o.threads)
    with torch.inference_mode(), open(o.source) as lines:
        model = Translator(o.model)
        sources = [[int(i) for i in line.split()] for line in lines]
        beam_search(model, sources[:1], o.beam, o.alpha)
        first = time.perf_counter() - BORN
        order = sorted(range(len(sources)), key=lambda i: len(sources[i]))
        answers = [None] * len(sources)
        began = time.perf_counter()
        batch = []
        for i in order + [None]:
            if batch and (i is None or (len(batch) + 1) * len(sources[i]) > o.batch_tokens):
                for j, answer in zip(batch, beam_search(model, [sources[j] for j in batch], o.beam, o.alpha)):
                    answers[j] = answer
                batch = []
            batch.append(i)
        seconds = time.perf_counter() - began
    with open(o.answers, "w") as file:
        file.writelines(" ".join(map(str, answer)) + "\n" for answer in answers)
    print(json.dumps({"sentences_per_second": len(sources) / seconds, "first_answer_seconds": first,
                      "peak_rss_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
                      "name": "PyTorch " + torch.__version__}))


if __name__ == "__main__":
    main()
