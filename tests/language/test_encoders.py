"""Sentence vectors and their caches."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from aid.language.encoders import (
    EncodingStore,
    Matrix,
    RoFormerEncoder,
    SentenceEncoder,
    StoredEncodings,
)
from aid.language.errors import EncoderMissing
from aid.language.wordpiece import WordPiece

ROWS = np.eye(3, dtype=np.float16)


class Counting:
    """An encoder that counts what it is asked."""

    name = "counting"

    def __init__(self, dim: int, fingerprint: str = "one") -> None:
        self.dim = dim
        self.fingerprint = fingerprint
        self.asked: list[str] = []

    def encode(self, texts: Sequence[str]) -> Matrix:
        self.asked += texts
        rows = np.array([[len(text) + 1.0, *([1.0] * (self.dim - 1))] for text in texts], dtype=np.float32)
        rows = rows.reshape(len(texts), self.dim)
        unit: Matrix = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        return unit


@pytest.fixture(scope="module")
def real(models: Path) -> SentenceEncoder:
    return SentenceEncoder(models)


def test_vectors_have_their_size_and_length_one(real: SentenceEncoder) -> None:
    vectors = real.encode(["展会上有人仿冒我的专利", "今天天气怎么样"])
    assert vectors.shape == (2, 384) == (2, real.dim)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_the_same_meaning_lies_nearer_than_another(real: SentenceEncoder) -> None:
    asked, same, other = "外观专利被别人仿冒怎么办", "有人抄我的外观设计专利该怎么处理", "今天晚上吃什么好"
    rows = real.encode([asked, same, other])
    assert rows[0] @ rows[1] > rows[0] @ rows[2] + 0.2


def test_an_empty_text_is_a_row_of_zeros_and_a_very_long_one_is_cut(real: SentenceEncoder) -> None:
    vectors = real.encode(["", "专利" * 3000])
    assert not vectors[0].any()
    assert np.isclose(np.linalg.norm(vectors[1]), 1, atol=1e-5)


def test_no_texts_give_no_rows(real: SentenceEncoder) -> None:
    assert real.encode([]).shape == (0, 384)


def test_traditional_and_full_width_writing_get_the_same_vectors(real: SentenceEncoder) -> None:
    vectors = real.encode(["Ａ３館的專利", "A3馆的专利"])
    assert np.array_equal(vectors[0], vectors[1])


def test_a_missing_model_says_how_to_fetch_it(tmp_path: Path) -> None:
    with pytest.raises(EncoderMissing, match="fetch_encoders"):
        RoFormerEncoder(tmp_path)


def test_a_damaged_model_is_an_error_of_ours(tmp_path: Path, models: Path) -> None:
    (tmp_path / "roformer.int8.onnx").write_bytes(b"not a model")
    (tmp_path / "roformer_vocab.txt").write_bytes((models / "roformer_vocab.txt").read_bytes())
    with pytest.raises(EncoderMissing, match="cannot be loaded"):
        RoFormerEncoder(tmp_path)


def test_tokens_are_characters_and_word_pieces_cut_at_the_limit(models: Path) -> None:
    tokens = WordPiece(models / "roformer_vocab.txt", longest=8)
    alone, three = tokens.numbers(""), tokens.numbers("专利法")
    assert three[0] == alone[0]
    assert three[-1] == alone[-1]
    assert (len(alone), len(three)) == (2, 5)
    assert len(tokens.numbers("专利" * 50)) == 8
    assert tokens.numbers("PATENT") == tokens.numbers("patent")


def test_a_damaged_vocabulary_is_an_error_of_ours(tmp_path: Path) -> None:
    (tmp_path / "vocab.txt").write_text("a\nb\n", encoding="utf-8")
    with pytest.raises(EncoderMissing, match="damaged"):
        WordPiece(tmp_path / "vocab.txt")


def test_a_text_just_encoded_is_not_encoded_again(tmp_path: Path) -> None:
    first = Counting(384)
    encoders = SentenceEncoder(tmp_path, first)
    encoders.encode(["专利", "专利", "商标"])
    encoders.encode(["商標", "专利"])
    assert first.asked == ["专利", "商标"]


def test_texts_encoded_in_bulk_are_kept_on_disk_without_the_texts(tmp_path: Path) -> None:
    counts: list[tuple[int, int]] = []
    made = SentenceEncoder(tmp_path, Counting(384)).encode_many(
        ["专利侵权", "商标"], lambda done, of: counts.append((done, of))
    )
    later = Counting(384)
    again = SentenceEncoder(tmp_path, later).encode_many(["商标", "专利侵权", "版权"])
    assert counts == [(2, 2)]
    assert later.asked == ["版权"]
    assert np.array_equal(again[[1, 0]], made)
    (path,) = tmp_path.glob("encodings-*.npz")
    assert "专利侵权".encode() not in path.read_bytes()


def test_another_encoder_never_reads_the_old_vectors(tmp_path: Path) -> None:
    SentenceEncoder(tmp_path, Counting(384)).encode_many(["专利"])
    newer = Counting(384, "two")
    SentenceEncoder(tmp_path, newer).encode_many(["专利"])
    assert newer.asked == ["专利"]


def test_a_damaged_store_costs_time_and_nothing_else(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    SentenceEncoder(tmp_path, Counting(384)).encode_many(["专利"])
    (path,) = tmp_path.glob("encodings-*.npz")
    path.write_bytes(path.read_bytes()[:100])
    fresh = Counting(384)
    rows = SentenceEncoder(tmp_path, fresh).encode_many(["专利"])
    assert fresh.asked == ["专利"]
    assert rows.shape == (1, 384)
    assert "made anew" in caplog.text


def test_a_store_that_cannot_be_written_is_only_a_warning(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    EncodingStore(tmp_path / "file" / "encodings.npz", 3).save(StoredEncodings(["a"], ROWS[:1]))
    assert "cannot be stored" in caplog.text


def test_the_store_forgets_the_oldest_beyond_its_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aid.language.encoders._STORED_TEXTS", 2)
    store = EncodingStore(tmp_path / "encodings.npz", 3)
    store.save(StoredEncodings(["a", "b"], ROWS[:2]).with_more(["c"], ROWS[2:]))
    kept = store.load()
    assert kept.keys == ["b", "c"]
    assert np.array_equal(kept.take(["c", "b"]), ROWS[[2, 1]])
