"""reader: rows of a compressed file against the decompressor alone, in MB of unpacked text a second.

The peer is the same decompressor (ISA-L, zstd) with nothing behind it; 1 would be rows for nothing. The files are those of
the evaluation data, repeated until they are some 80 MB unpacked; without them JSON lines made from the demo's text.
"""

import gzip
import json
import resource
import shutil
import subprocess
import tempfile
from pathlib import Path

# case: (file of the evaluation data, how it is compressed)
FILES = {"reader/jsonl-gzip": ("newsgroups20/train.jsonl.gz", "gzip"),
         "reader/jsonl-zstd": ("newsgroups20/train.jsonl.gz", "zstd"),
         "reader/jsonl-short-values-gzip": ("dialogue_sgd/train.jsonl.gz", "gzip"),
         "reader/text-gzip": ("wikitext2/train.txt.gz", "gzip")}
CASES = list(FILES)
BYTES = 80_000_000


class Reader:
    unit, less_is_better, precision = "MB/s", False, None

    def __init__(self, case, tools):
        self.tools = tools
        self.folder = Path(tempfile.mkdtemp(prefix="heddle-reader-"))
        name, packing = FILES[case]
        source = Path(tools.data).parent / name
        suffix = ".txt" if case == "reader/text-gzip" else ".jsonl"
        text, self.data = self._text(source, suffix)
        self.file = self.folder / f"rows{suffix}.{'gz' if packing == 'gzip' else 'zst'}"
        text *= max(1, BYTES // len(text))
        if packing == "gzip":
            self.file.write_bytes(gzip.compress(text, 6))
        else:
            subprocess.run(["zstd", "-q", "-3", "-o", self.file], input=text, check=True)

    def _text(self, source, suffix):
        if source.exists():
            return gzip.decompress(source.read_bytes()), f"{source.parent.name} repeated"
        self.tools.heddle("demo", "data", "--out", str(self.folder / "demo"))
        lines = (self.folder / "demo" / "train.source").read_text().splitlines()
        rows = lines if suffix == ".txt" else [json.dumps({"id": i, "text": line}) for i, line in enumerate(lines)]
        return "".join(row + "\n" for row in rows).encode(), "demo dates repeated"

    def close(self):
        shutil.rmtree(self.folder, ignore_errors=True)

    def _rate(self, kind):
        done = subprocess.run([str(self.tools.build / "heddle_reader_rate"), kind, str(self.file)], check=True,
                              stdout=subprocess.PIPE)
        found = json.loads(done.stdout)
        return {"value": found["megabytes_a_second"], "processor_seconds": found["processor_seconds"],
                "peak_rss_bytes": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024}

    def ours(self):
        return self._rate("rows")

    def peer(self):
        found = self._rate("unpacked")
        return {**found, "name": f"the decompressor alone, {found['processor_seconds']:.3f} s of the processor"}
