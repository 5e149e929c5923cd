"""tiles: what attention costs under masks that hide most tiles, against its share of full attention's cost.

Forward and backward of one sequence of 4,096, 2 heads of 64, on one thread, the processor's time. The peer is full attention
times the share of tiles (96 queries by 64 keys) that the mask lets see anything; the ratio is to lie within 0.8 and 1.25.
"""

from attention import rate

LENGTH, QUERIES, KEYS = 4096, 96, 64
MASKS = {
    "block512": ("block(512)", lambda q, k: q // 512 == k // 512),
    "block2048": ("block(2048)", lambda q, k: q // 2048 == k // 2048),
    "band1024": ("window(1024)", lambda q, k: abs(q - k) < 1024),
    "causal": ("causal", lambda q, k: k <= q),
    "global96": ("global(96) | window(256)", lambda q, k: q < 96 or k < 96 or abs(q - k) < 256),
    "strides": ("block_sparse(384, 0)", lambda q, k: abs(q // 384 - k // 384) <= 1),
}
CASES = [f"tiles/{name}" for name in MASKS]


def visible_share(sees):
    """Of the tiles, those in which any query sees any key: for these masks, one of the corners or of the middle."""
    tiles = seen = 0
    for q in range(0, LENGTH, QUERIES):
        queries = sorted({*range(q, min(q + QUERIES, LENGTH), 16), min(q + QUERIES, LENGTH) - 1})
        for k in range(0, LENGTH, KEYS):
            keys = sorted({*range(k, min(k + KEYS, LENGTH), 16), min(k + KEYS, LENGTH) - 1})
            tiles += 1
            seen += any(sees(i, j) for i in queries for j in keys)
    return seen / tiles


class Tiles:
    precision, unit, less_is_better = None, "ms of one thread", True

    def __init__(self, case, tools):
        self.tools = tools
        self.mask, sees = MASKS[case.split("/")[1]]
        self.share = visible_share(sees)
        self.data = f"{self.mask}, {100 * self.share:.1f} % of the tiles visible"

    def close(self):
        pass

    def _cost(self, mask):
        found = rate(self.tools, mask, str(LENGTH), 2, 64)
        return {"value": 1e3 * (found["forward"] + found["backward"]), "peak_rss_bytes": found["peak_rss_bytes"]}

    def ours(self):
        return self._cost(self.mask)

    def peer(self):
        full = self._cost("full")
        return {**full, "value": full["value"] * self.share, "name": "the tiles' share of full attention"}
