"""How fast questions are answered, on a database that `kennismakelaar init` made.

    .venv/bin/python benchmarks/ask.py            # KENNISMAKELAAR_DATABASE says which

Prints a Markdown table: the first answer after the start of the program, the median and the 95th percentile of one
question (each is asked once, so that nothing is remembered of it), and how many a second `ask --from` answers.
"""

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from kennismakelaar.broker import Broker, open_broker
from kennismakelaar.config import Settings
from kennismakelaar.evaluate import read

QUESTIONS = Path(__file__).resolve().parent.parent / "tests" / "eval" / "own_train.tsv"
NUMBER, WARM = 150, 20
"""Questions that are timed, and those before them that are not."""


def main() -> None:
    """Times, in milliseconds, and the rate."""
    questions = [q.query for q in read(QUESTIONS)]
    start = time.perf_counter()
    broker = open_broker(Settings.from_env())
    broker.ask(questions[-1])
    first = time.perf_counter() - start
    for question in questions[:WARM]:
        broker.ask(question)
    times = sorted(_time(broker, question) for question in questions[WARM : WARM + NUMBER])
    broker.close()
    print("| what | measured |\n|---|---|")
    print(f"| first answer after the start | {first:.1f} s |")
    print(f"| one question, median of {NUMBER} | {1000 * statistics.median(times):.0f} ms |")
    print(f"| one question, 95th percentile | {1000 * times[int(0.95 * NUMBER)]:.0f} ms |")
    print(f"| `ask --from` with {NUMBER} questions, the start included | {_rate(questions[-NUMBER:]):.0f} a second |")


def _time(broker: Broker, question: str) -> float:
    start = time.perf_counter()
    broker.ask(question)
    return time.perf_counter() - start


def _rate(questions: list[str]) -> float:
    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as file:
        file.write("\n".join(questions))
        file.flush()
        command = [sys.executable, "-m", "kennismakelaar", "ask", "--json", "--from", file.name]
        start = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        return len(questions) / (time.perf_counter() - start)


if __name__ == "__main__":
    main()
