#!/usr/bin/env python3
"""Writes heddle/text/unicode/{property,case,normalization}_data.cc from what the PyPI package `tokenizers` does with
each code point.

That library joins parts built on several versions of Unicode (its regular expressions, its standard library, its
normalization and its category tables differ), so no single edition of the standard's files tells what it does. Asked
code point by code point, it tells itself.

    python3 -m venv /tmp/venv && /tmp/venv/bin/pip install tokenizers==0.23.3
    /tmp/venv/bin/python tools/make_unicode_tables.py
"""

import struct
import unicodedata
from pathlib import Path

import tokenizers
from tokenizers import Regex
from tokenizers import normalizers as norm
from tokenizers import pre_tokenizers as pre

HERE = Path(__file__).resolve().parent.parent / "heddle/text/unicode"
POINTS = [c for c in range(0x110000) if not 0xD800 <= c < 0xE000]
CATEGORIES = ["Cn", "Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Nl", "No", "Pc", "Pd", "Ps", "Pe", "Pi", "Pf",
              "Po", "Sm", "Sc", "Sk", "So", "Zs", "Zl", "Zp", "Cc", "Cf", "Co", "Cs"]
FLAGS = ["space", "numeric", "word", "punctuation", "control", "nonspacing", "combining", "ideograph",
         "pattern_word"]
HANGUL_FIRST, HANGUL_LAST = 0xAC00, 0xD7A3


def general_categories() -> dict[int, int]:
    """Of the regular expressions (Oniguruma)."""
    result = {}
    for index, name in enumerate(CATEGORIES):
        if name == "Cs":
            continue
        remove = norm.Replace(Regex(rf"\p{{{name}}}"), "")
        for c in POINTS:
            if c not in result and remove.normalize_str(chr(c)) == "":
                result[c] = index
    return result


def flags() -> dict[int, int]:
    clean = norm.BertNormalizer(clean_text=True, handle_chinese_chars=False, strip_accents=False, lowercase=False)
    strip_nonspacing = norm.BertNormalizer(clean_text=False, handle_chinese_chars=False, strip_accents=True, lowercase=False)
    around = norm.BertNormalizer(clean_text=False, handle_chinese_chars=True, strip_accents=False, lowercase=False)
    whitespace, digits, words, punctuation = pre.WhitespaceSplit(), pre.Digits(), pre.Whitespace(), pre.Punctuation()
    strip_combining, words_of_patterns = norm.StripAccents(), norm.Replace(Regex(r"\w"), "")
    result = {}
    for c in POINTS:
        s = chr(c)
        space = whitespace.pre_tokenize_str(s) == []
        assert space == (words.pre_tokenize_str(s) == []), hex(c)
        bits = [space, len(digits.pre_tokenize_str("a" + s)) == 2,
                not space and len(words.pre_tokenize_str("a" + s)) == 1, len(punctuation.pre_tokenize_str("a" + s)) == 2,
                clean.normalize_str(s) == "", strip_nonspacing.normalize_str(s) == "", strip_combining.normalize_str(s) == "",
                around.normalize_str(s) != s, words_of_patterns.normalize_str(s) == ""]
        result[c] = sum(1 << i for i, bit in enumerate(bits) if bit)
    return result


def scripts() -> tuple[dict[int, int], int]:
    """Numbers of scripts as UnicodeScripts sees them; 0 goes with any."""
    split = pre.UnicodeScripts()

    def together(a: int, b: int) -> bool:
        return len(split.pre_tokenize_str(chr(a) + chr(b))) < 2

    examples, result, previous = [], {}, None
    for c in POINTS:
        if together(ord("a"), c) and together(0x0436, c):
            result[c] = 0
            continue
        if previous is not None and together(previous, c):
            result[c] = result[previous]
        else:
            found = next((i for i, example in enumerate(examples) if together(example, c)), None)
            if found is None:
                found = len(examples)
                examples.append(c)
            result[c] = found + 1
        previous = c
    return result, len(examples) + 1


def charsmap_of_everything() -> bytes:
    """A SentencePiece character map that turns every code point into Z: a double array over UTF-8 (darts-clone)."""
    trie = {}
    for c in POINTS[1:]:
        node = trie
        for byte in chr(c).encode():
            node = node.setdefault(byte, {})
    units = [0] * 256

    leaf_blocks = {}

    def block(low_byte: int) -> int:
        # Offsets are told in steps of 256: a node's children stand at a place with the node's own low byte.
        units.extend([0] * 256)
        return len(units) - 256 + low_byte

    def place(node: dict, position: int) -> None:
        low = position % 256
        if not node:  # leaves of one low byte share a block, else there would be a million
            if low not in leaf_blocks:
                leaf_blocks[low] = block(low)
                units[leaf_blocks[low]] = 1 << 31
            units[position] |= (position ^ leaf_blocks[low]) >> 8 << 10 | 1 << 9 | 1 << 8
            return
        base = block(low)
        units[position] |= (position ^ base) >> 8 << 10 | 1 << 9
        for byte, child in node.items():
            units[base ^ byte] = byte
            place(child, base ^ byte)

    place(trie, 0)
    blob = struct.pack(f"<{len(units)}I", *units)
    return struct.pack("<I", len(blob)) + blob + b"Z\0"


BREAKS = ["other", "carriage_return", "line_feed", "control", "extend", "joiner", "prepend", "pictographic", "hangul_l",
          "hangul_v", "hangul_t", "hangul_lv", "hangul_lvt"]


def grapheme_breaks() -> dict[int, int]:
    """Classes as far as clusters of at most five bytes can tell them: no longer one matters to Precompiled. There a
    cluster becomes what its first character becomes, which shows whether two characters are of one cluster."""
    everything = norm.Precompiled(charsmap_of_everything())

    def count(text: str) -> int:
        return len(everything.normalize_str(text))

    assert count("ab") == 2 and count("e\u0301") == 1 and count("\r\n") == 1
    assert everything.normalize_str("".join(map(chr, POINTS[1:60000:1000]))).strip("Z") == ""
    result = {}
    for c in POINTS[1:]:
        s = chr(c)
        kind = "other"
        if c in (0x0D, 0x0A, 0x200D):
            kind = {0x0D: "carriage_return", 0x0A: "line_feed", 0x200D: "joiner"}[c]
        elif count("a" + s) == 1:
            kind = "extend"
        elif count(s + "a") == 1:
            kind = "prepend"
        elif len(s.encode()) <= 3 and count(s + "\u0301") == 2:
            kind = "control"
        elif count("\u00a9\u200d" + s) == 3:
            kind = "pictographic"
        elif len(s.encode()) == 3:  # clusters of six bytes and more go by character: three in place of two
            after = [count("\u0600" + left + s) == 3 for left in "\u1100\u1161\u11a8"]
            before = [count("\u0600" + s + right) == 3 for right in "\u1161\u11a8"]
            kind = {((True, False, False), (True, False)): "hangul_l", ((True, True, False), (True, True)): "hangul_v",
                    ((False, True, True), (False, True)): "hangul_t", ((True, False, False), (True, True)): "hangul_lv",
                    ((True, False, False), (False, True)): "hangul_lvt",
                    ((False, False, False), (False, False)): "other"}[tuple(after), tuple(before)]
        result[c] = BREAKS.index(kind)
    result[0] = BREAKS.index("control")
    return result


def combining_classes() -> dict[int, int]:
    nfd = norm.NFD()
    low, high = "\u0334", "\u0345"  # of the classes 1 and 240, the lowest and the highest

    def swaps(a: str, b: str) -> bool:
        return nfd.normalize_str(a + b) != nfd.normalize_str(a) + nfd.normalize_str(b)

    examples = {}
    for c in POINTS:
        value, s = unicodedata.combining(chr(c)), chr(c)
        if value and value not in examples and (swaps(s, low) or swaps(high, s)):
            examples[value] = s
    ordered = sorted(examples)
    assert ordered[0] == 1 and ordered[-1] == 240

    result = {}
    for c in POINTS:
        s = chr(c)
        if len(nfd.normalize_str(s)) != 1 or not (swaps(s, low) or swaps(high, s)):
            continue
        result[c] = next(v for v in ordered if not swaps(s, examples[v]) and not swaps(examples[v], s))
    return result


def decompositions(form) -> dict[int, str]:
    return {c: form.normalize_str(chr(c)) for c in POINTS
            if not HANGUL_FIRST <= c <= HANGUL_LAST and form.normalize_str(chr(c)) != chr(c)}


def compositions(canonical: dict[int, str]) -> list[tuple[int, int, int]]:
    """(first, second, composed): what NFC joins."""
    nfc = norm.NFC()
    found = []
    for c, parts in canonical.items():
        if nfc.normalize_str(chr(c)) != chr(c):
            continue
        first = nfc.normalize_str(parts[:-1])
        assert len(first) == 1 and nfc.normalize_str(first + parts[-1]) == chr(c), hex(c)
        found.append((ord(first), ord(parts[-1]), c))
    return sorted(found)


def rows(items: list[str]) -> str:
    lines, line = [], " "
    for item in items:
        if len(line) + len(item) + 2 > 120:
            lines.append(line)
            line = " "
        line += " " + item + ","
    return "\n".join(lines + [line])


def write(name: str, body: str) -> None:
    head = (f"// Made by tools/make_unicode_tables.py from the behaviour of `tokenizers` {tokenizers.__version__}; see there.\n\n"
            f'#include "heddle/text/unicode/tables.h"\n\n// clang-format off\nnamespace heddle::text::tables {{\n\n')
    (HERE / f"{name}.cc").write_text(head + body + "\n}  // namespace heddle::text::tables\n// clang-format on\n")


def write_properties(combining: dict[int, int]) -> None:
    category, flag, breaks = general_categories(), flags(), grapheme_breaks()
    script, count = scripts()
    assert count < 256
    records, runs = [], []
    for c in range(0x110000):
        record = (CATEGORIES.index("Cs"), 0, 0, 0, 0) if 0xD800 <= c < 0xE000 else (
            category.get(c, 0), flag[c], script[c], breaks[c], combining.get(c, 0))
        if record not in records:
            records.append(record)
        index = records.index(record)
        if runs and runs[-1][1] == index:
            runs[-1][0] += 1
        else:
            runs.append([1, index])
    write("property_data",
          f"// Categories: {' '.join(CATEGORIES)}.\n// Flags from the lowest bit: {', '.join(FLAGS)}.\n"
          f"// Cluster breaks: {', '.join(BREAKS)}.\n\n"
          "const Properties kRecords[] = {  // category, flags, script, cluster break, combining class\n"
          + rows([f"{{{','.join(map(str, r))}}}" for r in records])
          + "\n};\n\nconst Run kRuns[] = {  // how many code points, and their record\n"
          + rows([f"{{{length},{index}}}" for length, index in runs]) + "\n};\n"
          + f"const size_t kRunCount = {len(runs)};\n")
    print(len(records), "records", len(runs), "runs", count, "scripts")


def write_case() -> None:
    lower = norm.Lowercase()
    pairs = [(c, lower.normalize_str(chr(c))) for c in POINTS if lower.normalize_str(chr(c)) != chr(c)]
    items = []
    for c, text in pairs:
        assert len(text) <= 2
        items.append(f"{{{c},{ord(text[0])},{ord(text[1]) if len(text) == 2 else 0}}}")
    write("case_data", "const Lowercase kLowercase[] = {  // code point, its lower case, a second code point or 0\n"
          + rows(items) + f"\n}};\nconst size_t kLowercaseCount = {len(items)};\n")
    print(len(items), "lower cases")


def write_normalization() -> None:
    canonical, compatible = decompositions(norm.NFD()), decompositions(norm.NFKD())
    pool, items = [], []
    for c in sorted(set(canonical) | set(compatible)):
        parts = [canonical.get(c, ""), compatible.get(c, "")]
        if parts[0] == parts[1]:
            parts[1] = ""
        items.append(f"{{{c},{len(pool)},{len(parts[0])},{len(parts[1])}}}")
        pool += [ord(x) for part in parts for x in part]
    joined = compositions(canonical)
    write("normalization_data",
          "// Code point, where its full decomposition begins below, code points of the canonical one and, if it is another,\n"
          "// of the compatible one, which follows.\nconst Decomposition kDecompositions[] = {\n" + rows(items)
          + f"\n}};\nconst size_t kDecompositionCount = {len(items)};\n\nconst int32_t kDecomposed[] = {{\n"
          + rows([str(c) for c in pool])
          + "\n};\n\nconst Composition kCompositions[] = {  // first, second, composed\n"
          + rows([f"{{{a},{b},{c}}}" for a, b, c in joined]) + f"\n}};\nconst size_t kCompositionCount = {len(joined)};\n")
    print(len(items), "decompositions", len(pool), "parts", len(joined), "compositions")


def main() -> None:
    combining = combining_classes()
    write_case()
    write_normalization()
    write_properties(combining)


if __name__ == "__main__":
    main()
