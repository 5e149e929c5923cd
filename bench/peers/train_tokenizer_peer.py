"""Trains a tokenizer of another library on a file of text and says how long that took, as JSON."""

import argparse
import json
import os
import tempfile
import time


def gigatoken(options):
    import gigatoken

    yield f"gigatoken {version('gigatoken')}"
    yield gigatoken.train_bpe(gigatoken.TextFileSource([options.text], separator="\n"), options.vocab, ["<pad>"])


def tokenizers(options):
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers

    yield f"tokenizers {version('tokenizers')}"
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = trainers.BpeTrainer(vocab_size=options.vocab, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
                                  show_progress=False)
    yield tokenizer.train([options.text], trainer)


def sentencepiece(options):
    import sentencepiece

    yield f"SentencePiece {version('sentencepiece')}"
    with tempfile.TemporaryDirectory() as folder:
        yield sentencepiece.SentencePieceTrainer.train(
            input=options.text, model_prefix=f"{folder}/model", vocab_size=options.vocab, model_type="unigram",
            num_threads=options.threads, max_sentence_length=1 << 20, minloglevel=2)


def version(package):
    from importlib.metadata import version

    return version(package)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peer", choices=["gigatoken", "tokenizers", "sentencepiece"], required=True)
    parser.add_argument("--text", required=True)
    parser.add_argument("--vocab", type=int, required=True)
    parser.add_argument("--threads", type=int, required=True)
    options = parser.parse_args()
    os.environ["RAYON_NUM_THREADS"] = str(options.threads)
    steps = globals()[options.peer](options)
    name = next(steps)  # loaded
    start = time.monotonic()
    next(steps)
    print("\n" + json.dumps({"name": name, "seconds": time.monotonic() - start}), flush=True)


if __name__ == "__main__":
    main()
