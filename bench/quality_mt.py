"""quality-mt: BLEU of a translator after the same minutes of training, PyTorch's beside ours.

Ours is a folder that `heddle train recipes/translate/multi30k_en_de.toml` wrote; the peer gets its text, tokenizer, sizes
and decoding, and 50 minutes. Of both the checkpoint that translates the validation text best (greedily) is judged with
beam 5. Too long for `make bench`; called by hand:
  build/peers/venv/bin/python bench/quality_mt.py --run RUN --data MULTI30K --out build/bench/quality [--minutes 50 | --steps N]
With --steps, those that the minutes hold on a quiet machine (a trial of two minutes says how many), both may be trained
side by side, and beside other work.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

from run import Tools

ROOT = Path(__file__).resolve().parent.parent


def bleu(tools, folder, data, beam):
    return json.loads(tools.heddle("eval", "--model", str(folder), "--source", str(data / "valid.source"), "--reference",
                                   str(data / "valid.target"), "--beam", str(beam), "--json"))["bleu"]


def best_snapshot(tools, run, snapshots, data, out):
    """Each snapshot becomes a model folder beside the run's own configuration; the best greedy one stays."""
    folder, scores = out / "model", {}
    folder.mkdir(exist_ok=True)
    for name in ("config.json", "config.toml", "tokenizer.json"):
        shutil.copy(run / name, folder / name)
    for path in snapshots:
        shutil.copy(path, folder / "model.safetensors")
        scores[path.stem] = bleu(tools, folder, data, 1)
    best = max(scores, key=scores.get)
    shutil.copy(out / f"{best}.safetensors", folder / "model.safetensors")
    return folder, scores


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--run", required=True, type=Path)
    p.add_argument("--data", default=os.environ.get("HEDDLE_BENCH_DATA", "../shared/data/multi30k"))
    p.add_argument("--build", default="build")
    p.add_argument("--out", required=True, type=Path)
    length = p.add_mutually_exclusive_group()
    length.add_argument("--minutes", type=float, default=50)
    length.add_argument("--steps", type=int)
    p.add_argument("--precision", choices=["f32", "bf16"], default="bf16")
    o = p.parse_args()
    tools, config = Tools(o.build, o.data), json.loads((o.run / "config.json").read_text())["heddle"]
    train = tomllib.loads((o.run / "config.toml").read_text())["train"]
    o.out.mkdir(parents=True)
    text = o.out / "data"
    if tools.parallel_text(text) != "multi30k en-de":
        sys.exit(f"{o.data}: no Multi30k (valid.en is missing)")
    for side in ("source", "target"):
        with open(text / f"train.{side}") as lines, open(o.out / f"{side}.ids", "w") as ids:
            tools.heddle("tokenizer", "encode", "--ids", "--tokenizer", str(o.run / "tokenizer.json"), stdin=lines, stdout=ids)
    command = [tools.python, "bench/peers/quality_mt_torch.py", "--source", o.out / "source.ids", "--target",
               o.out / "target.ids", "--out", o.out, "--vocab", config["vocab_size"], "--begin", 1, "--width", config["width"],
               "--heads", config["heads"], "--layers", config["encoder_layers"], "--ffn", config["ffn"], "--batch_tokens",
               train["batch_tokens"], "--threads", tools.threads, "--snapshots", 9, "--seed", train["seed"], "--dropout",
               config["dropout"], "--inner_dropout", config["ffn_dropout"], "--precision", o.precision]
    command += ["--steps", o.steps] if o.steps else ["--minutes", o.minutes]
    with open(o.out / "log", "w") as log:
        subprocess.run([str(part) for part in command], check=True, stdout=log, cwd=tools.root)
    peer = json.loads((o.out / "log").read_text().splitlines()[-1])
    folder, scores = best_snapshot(tools, o.run, sorted(o.out.glob("*.safetensors")), text, o.out)
    ours = bleu(tools, o.run, text, 5)
    peer |= {} if o.steps else {"minutes": o.minutes}
    peer |= {"greedy_bleu": scores, "bleu": bleu(tools, folder, text, 5), "threads": tools.threads}
    print(json.dumps({"case": "quality-mt/d128", "ours": ours, "peer": peer, "difference": ours - peer["bleu"]}, indent=1))


if __name__ == "__main__":
    main()
