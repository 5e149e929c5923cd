"""What both parity scripts share: their options, a file that remembers chunk by chunk what was compared, so that a run that
was stopped goes on where it was, and the summary of it."""

import argparse
import hashlib
import importlib.metadata
import json
import multiprocessing
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

from parity_texts import CHUNK, ROOT, Sources


def parse_options(description, folder, what):
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=ROOT / "build/heddle_tokenizer_answers", type=Path)
    parser.add_argument("--data", default=ROOT.parent / "shared/data", type=Path, help="folder of texts, to train on and to compare")
    parser.add_argument("--no-data", action="store_true", help="random texts alone, on small tokenizers")
    parser.add_argument("--folder", type=Path, help=f"for the tokenizers and the progress (default build/{folder}; with --no-data build/{folder}-small)")
    parser.add_argument("--texts", default=1_000_000, type=int, help="random ones")
    parser.add_argument("--seed", default=1, type=int)
    parser.add_argument("--only", default="", help=f"names of {what} with commas between; empty: all")
    parser.add_argument("--show", default=4, type=int, help="differences to show of each")
    parser.add_argument("--result", type=Path, help="a JSON file for the summary")
    options = parser.parse_args()
    if options.no_data:
        options.data = None
    elif not options.data.is_dir():
        sys.exit(f"{Path(sys.argv[0]).name}: no folder {options.data}, whose lines the tokenizers are trained on and compared; name it with "
                 "--data, or compare small tokenizers on random texts alone with --no-data")
    options.folder = options.folder or ROOT / f"build/{folder}{'-small' if options.no_data else ''}"
    options.folder.mkdir(parents=True, exist_ok=True)
    return options


class Progress:
    """A line of JSON for every compared chunk: which tokenizer (its file's hash), which texts, how many values differ."""

    def __init__(self, path, packages):
        self.path = path
        self.versions = {name: importlib.metadata.version(name) for name in packages}
        self.rows = {}
        for line in path.read_text().splitlines() if path.exists() else ():
            row = json.loads(line)
            if row["versions"] == self.versions:
                self.rows[self.key(row)] = row

    @staticmethod
    def key(row):
        return row["name"], row["hash"], row["source"], row["seed"], row["chunk"], row["texts"]

    def is_done(self, row):
        """Whether it was compared before without a difference."""
        found = self.rows.get(self.key(row))
        return found is not None and not any(found["differing"].values())

    def add(self, row):
        row["versions"] = self.versions
        self.rows[self.key(row)] = row
        with self.path.open("a") as file:
            file.write(json.dumps(row) + "\n")


def compare_everything(files, sources, progress, compare):
    """Compares the files (by name) chunk by chunk with all that they were not compared with yet, and gives the rows of all
    chunks. compare(name, texts, row) fills in a row's tokens and differing. Each core takes a chunk at a time, in a process
    of its own in which both sides have one thread: so none waits for the part of the work that is not shared out."""
    start, rows, waiting = time.time(), [], []
    hashes = {name: hashlib.sha256(path.read_bytes()).hexdigest()[:16] for name, path in files.items()}
    for source in sources.names() if files else ():
        total = sources.count(source)
        for number in range(-(-total // CHUNK)):
            new = [{"name": name, "hash": hashes[name], "source": source, "chunk": number, "texts": min(CHUNK, total - number * CHUNK),
                    "seed": sources.seed if source == "random" else None} for name in files]
            rows += new
            new = [row for row in new if not progress.is_done(row)]
            waiting += [new] if new else []
    context = multiprocessing.get_context("fork")
    cores = context.Queue()
    for core in os.sched_getaffinity(0):
        cores.put(core)
    with ProcessPoolExecutor(cores.qsize(), context, start_worker, (cores, sources, compare)) as pool:
        futures = [pool.submit(compare_chunk, chunk) for chunk in waiting]
        try:
            for done, future in enumerate(as_completed(futures), 1):
                for row in future.result():
                    progress.add(row)
                print(f"{', '.join(files)}: {done:,} of {len(waiting):,} chunks, {time.time() - start:.0f} s", file=sys.stderr, flush=True)
        finally:
            pool.shutdown(cancel_futures=True)
    return [progress.rows[progress.key(row)] for row in rows]


def start_worker(cores, *both):
    """Of a process: its core, and what it needs beside rows, which it has of the process that it was forked from."""
    global worker
    worker = both
    os.sched_setaffinity(0, {cores.get()})  # so that whatever it starts uses one thread
    os.environ["TOKENIZERS_PARALLELISM"] = "false"


def compare_chunk(rows):
    sources, compare = worker
    texts = sources.chunk(rows[0]["source"], rows[0]["chunk"])
    for row in rows:
        compare(row["name"], texts, row)
    return rows


def summarize(rows, progress, options, extra=None):
    """Prints a line for each tokenizer and writes options.result. Whether anything differs."""
    summary = {}
    for row in rows:
        entry = summary.setdefault(row["name"], {"random strings": 0, "data lines": 0, "tokens": 0, "differing": {}})
        entry["random strings" if row["source"] == "random" else "data lines"] += row["texts"]
        entry["tokens"] += row["tokens"]
        for what, amount in row["differing"].items():
            entry["differing"][what] = entry["differing"].get(what, 0) + amount
    for name, differing in (extra or {}).items():
        summary[name]["differing"] |= differing
    for name, entry in summary.items():
        print(f"{name:18} {entry['random strings']:9,} random strings {entry['data lines']:9,} lines {entry['tokens']:12,} tokens; differing: " +
              ", ".join(f"{what} {number}" for what, number in entry["differing"].items()))
    if options.result:
        head = {"command": f"make {'format-parity' if 'format' in sys.argv[0] else 'parity'}", "versions": progress.versions, "seed": options.seed}
        body = ",\n".join(f"  {json.dumps(name)}: {json.dumps(entry)}" for name, entry in summary.items())
        options.result.write_text(json.dumps(head)[:-1] + ',\n "compared": {\n' + body + "\n}}\n")
    return any(number for entry in summary.values() for number in entry["differing"].values())
