"""Do both stores give the same answers? Asks the questions of tests/eval to an SQLite file and to a Neo4j server.

Both hold the first graph (kennismakelaar init). python -m benchmarks.overlap SQLITE_URL NEO4J_URL
"""

import dataclasses
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import numpy as np

from kennismakelaar.broker import Broker, open_broker
from kennismakelaar.config import Settings
from kennismakelaar.evaluate import read

EVAL = Path(__file__).parent.parent / "tests" / "eval"
BEST = 5
"""Answers that are compared."""


def same_part(one: Broker, other: Broker, questions: Sequence[str], kinds: Sequence[str] = ()) -> float:
    """How much of the five best answers of one the other gives as well, over the questions with an answer: 0 to 1."""
    pairs = [
        [{match.id for match in broker.ask(question, kinds=kinds, limit=BEST).matches} for broker in (one, other)]
        for question in questions
    ]
    return float(np.mean([len(mine & theirs) / max(len(mine), len(theirs)) for mine, theirs in pairs if mine | theirs]))


def main(*urls: str) -> None:
    """Print the overlap of each file of questions, and what a question takes."""
    one, other = (open_broker(dataclasses.replace(Settings.from_env(), database=url)) for url in urls)
    with closing(one), closing(other):
        for name in ("dev_queries.tsv", "own_test.tsv"):
            questions = [judged.query for judged in read(EVAL / name)]
            for kinds in ((), ("organisation",)):
                start = time.perf_counter()
                part = same_part(one, other, questions, kinds)
                each = (time.perf_counter() - start) / len(questions)
                print(f"{name} {' '.join(kinds) or 'all kinds'}: {part:.4f} ({len(questions)} questions, {each:.2f} s)")


if __name__ == "__main__":
    main(*sys.argv[1:])
