"""What is foreseen is used once; what is not foreseen is searched when it is asked for."""

import numpy as np

from actions.foresight import MOST_KEPT, Foresight
from aid.consultation.search import SearchResult
from aid.language.encoders import Matrix


class FakeEncoders:
    def encode(self, texts: list[str]) -> Matrix:
        return np.array([[0.5, 0.25]], dtype=np.float32)


class Search:
    def __init__(self) -> None:
        self.texts: list[str] = []

    def __call__(self, text: str) -> SearchResult:
        self.texts.append(text)
        return SearchResult("none", float(len(self.texts)), (), 0.0)


def test_a_foreseen_text_is_searched_once_and_given_once() -> None:
    search = Search()
    foresight = Foresight(search, FakeEncoders())  # type: ignore[arg-type]
    assert np.frombuffer(foresight.begin("甲"), dtype="<f2").tolist() == [0.5, 0.25]
    assert foresight.search("甲").probability == 1.0
    assert foresight.search("甲").probability == 2.0
    foresight.close()


def test_a_text_that_comes_again_is_searched_anew() -> None:
    """A foreseen result that nobody took may be days old."""
    foresight = Foresight(Search(), FakeEncoders())  # type: ignore[arg-type]
    foresight.begin("甲")
    foresight.begin("甲")
    assert foresight.search("甲").probability == 2.0
    foresight.close()


def test_what_was_not_foreseen_is_searched() -> None:
    foresight = Foresight(Search(), FakeEncoders())  # type: ignore[arg-type]
    assert foresight.search("乙").probability == 1.0
    foresight.close()


def test_forgotten_foresights_do_not_pile_up() -> None:
    search = Search()
    foresight = Foresight(search, FakeEncoders())  # type: ignore[arg-type]
    for number in range(MOST_KEPT + 20):
        foresight.begin(str(number))
    assert len(foresight._begun) == MOST_KEPT
    foresight.close()
