"""The peers of encode: one of the libraries on PyPI that encode text, from texts in memory to ids in memory.

    encode_peer.py NAME TOKENIZER FILE PASSES      NAME: tokenizers, fastokens, gigatoken, gigatoken-files, tokie, sentencepiece

FILE holds documents with "<|endoftext|>" between them. The clock stands while libraries are imported and files are read
and cut; gigatoken's and tokie's file interfaces read and cut within it, which is what they are fastest at. Each library is
asked for ids in the form that costs it least (flat buffers where it has them). Rates are MB of text a second of the clock, and
(…_processor) of the processor, all threads together. Prints one JSON object, or {"name", "error"} where a library cannot read
the tokenizer.
"""

import importlib.metadata
import json
import os
import resource
import sys
import time

SEPARATOR = "<|endoftext|>"


def tokenizers(path, file, texts):
    from tokenizers import Tokenizer
    tokenizer = Tokenizer.from_file(path)
    return lambda: tokenizer.encode_batch_fast(texts, add_special_tokens=False), lambda found: [e.ids for e in found]


def fastokens(path, file, texts):
    import numpy
    from fastokens._native import Tokenizer
    tokenizer = Tokenizer.from_file(path)

    def rows(found):
        ids, ends = (numpy.frombuffer(part, kind) for part, kind in zip(found, (numpy.uint32, numpy.uint64)))
        return [ids[ends[i]:ends[i + 1]] for i in range(len(texts))]

    return lambda: tokenizer.encode_batch_flat(texts), rows


def gigatoken(path, file, texts):
    import gigatoken
    from gigatoken.gigatoken_rs import BytesSource
    tokenizer = gigatoken.Tokenizer(path)
    source = BytesSource(SEPARATOR.join(texts).encode(), SEPARATOR)
    return lambda: tokenizer.encode_batch(source), list


def gigatoken_files(path, file, texts):
    import gigatoken
    from gigatoken.gigatoken_rs import TextFileSource
    tokenizer = gigatoken.Tokenizer(path)
    return lambda: tokenizer.encode_files(TextFileSource([file], SEPARATOR)), list


def tokie(path, file, texts):
    import tokie
    tokenizer = tokie.Tokenizer.from_json(path)

    def rows(found):
        ids, ends = found
        return [ids[ends[i]:ends[i + 1]] for i in range(len(ends) - 1)]

    return lambda: tokenizer.encode_files([file], SEPARATOR.encode()), rows


def sentencepiece(path, file, texts):
    import sentencepiece
    tokenizer = sentencepiece.SentencePieceProcessor(model_file=path.removesuffix("json") + "model")
    threads = len(os.sched_getaffinity(0))
    return lambda: tokenizer.encode(texts, out_type=int, num_threads=threads), list


def measure(name, path, file, passes):
    with open(file, encoding="utf-8", newline="") as content:
        texts = [text for text in content.read().split(SEPARATOR) if text]
    encode, rows = globals()[name.replace("-", "_")](path, file, texts)
    size, rates, processor_rates = sum(len(text.encode()) for text in texts), [], []
    for _ in range(passes):
        start, start_processor = time.perf_counter(), time.process_time()
        found = encode()
        rates.append(size / 1e6 / (time.perf_counter() - start))
        processor_rates.append(size / 1e6 / (time.process_time() - start_processor))
    import numpy
    checksum = tokens = 0
    for row in rows(found):
        row = numpy.asarray(row, numpy.uint64)
        places = numpy.arange(tokens + 1, tokens + 1 + len(row), dtype=numpy.uint64)
        tokens += len(row)
        checksum += int((places * (row + numpy.uint64(1))).sum()) + tokens
    return {"cold": rates[0], "warm": max(rates[1:], default=rates[0]), "cold_processor": processor_rates[0],
            "warm_processor": max(processor_rates[1:], default=processor_rates[0]), "tokens": tokens, "checksum": checksum % 2**64}


def main():
    name, path, file, passes = sys.argv[1:]
    try:
        found = measure(name, path, file, int(passes))
    except BaseException as error:  # a panic in Rust is no Exception
        if isinstance(error, KeyboardInterrupt):
            raise
        found = {"error": str(error)[:200]}
    version = importlib.metadata.version(name.split("-")[0])
    print(json.dumps({"name": f"{name} {version}", "peak_rss_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024} | found))


if __name__ == "__main__":
    main()
