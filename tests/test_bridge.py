"""The bridge, on a made graph in which people ask in a language that no text is in."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from kennismakelaar import bridge
from kennismakelaar.bridge import Bridge, Shelf
from kennismakelaar.model import Vector

NODES, EACH, DIMENSIONS = 12, 4, 16


def unit(rows: npt.NDArray[np.floating[Any]]) -> Vector:
    return np.asarray(rows / np.linalg.norm(rows, axis=-1, keepdims=True), np.float32)


@pytest.fixture(scope="module")
def texts() -> Vector:
    """Four texts for each of twelve nodes; the last two are example situations."""
    draw = np.random.default_rng(7)
    subjects = np.repeat(draw.normal(size=(NODES, DIMENSIONS)), EACH, axis=0)
    return unit(subjects + 0.3 * draw.normal(size=subjects.shape))


@pytest.fixture(scope="module")
def shelf(texts: Vector) -> Shelf:
    rows = np.arange(NODES * EACH)
    ties = np.roll(np.eye(NODES, dtype=np.float32), 1, axis=1)
    return Shelf(texts, rows // EACH, rows[rows % EACH >= 2], ties)


@pytest.fixture(scope="module")
def asked(texts: Vector) -> Vector:
    """Two questions about each node, the numbers of their vectors in reverse order."""
    draw = np.random.default_rng(8)
    about = np.repeat(texts[::EACH], 2, axis=0)[:, ::-1]
    return unit(about + 0.05 * draw.normal(size=about.shape))


def best(learned: Bridge, question: Vector, shelf: Shelf) -> int:
    """The node of the text that fits best."""
    aim = learned.aim(question)
    return int(shelf.owners[aim.fits(shelf.texts @ aim.direction).argmax()])


def test_questions_it_did_not_see_cross_to_the_texts_that_answer_them(shelf: Shelf, asked: Vector) -> None:
    learned = bridge.learn(shelf, asked[::2], np.eye(NODES, dtype=np.float32))
    plain = [int(shelf.owners[(shelf.texts @ q).argmax()]) for q in asked[1::2]]
    crossed = [best(learned, q, shelf) for q in asked[1::2]]
    assert np.mean(np.array(plain) == np.arange(NODES)) < 0.5
    assert np.mean(np.array(crossed) == np.arange(NODES)) > 0.7


def test_the_same_lessons_make_the_same_bridge(shelf: Shelf, asked: Vector) -> None:
    first, second = (bridge.learn(shelf, asked[::2], np.eye(NODES, dtype=np.float32)) for _ in range(2))
    assert (first.matrix == second.matrix).all()


def test_a_fit_is_the_product_of_the_question_across_and_the_text_from_the_average(shelf: Shelf, asked: Vector) -> None:
    draw = np.random.default_rng(9)
    made = Bridge(draw.normal(size=(DIMENSIONS, DIMENSIONS)).astype(np.float32), asked.mean(0), shelf.texts.mean(0))
    aim = made.aim(asked[0])
    assert np.linalg.norm(aim.direction) == pytest.approx(1, abs=1e-5)
    expected = (asked[0] - made.questions) @ made.matrix @ (shelf.texts - made.texts).T
    assert aim.fits(shelf.texts @ aim.direction) == pytest.approx(expected, abs=1e-4)


def test_vectors_of_another_model_do_not_cross(shelf: Shelf, asked: Vector) -> None:
    learned = bridge.learn(shelf, asked, np.repeat(np.eye(NODES, dtype=np.float32), 2, axis=0))
    assert learned.aim(np.ones(DIMENSIONS + 1, np.float32)) is bridge.NOWHERE
    assert learned.aim(np.zeros(0, np.float32)) is bridge.NOWHERE
