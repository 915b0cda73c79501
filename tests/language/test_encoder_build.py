"""The rebuilt encoder against a plain reckoning of the same transformer, with weights made up here."""

import math
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from aid.settings import PROJECT

TOKENS = [2, 7, 11, 5, 3]


@pytest.fixture
def graph(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(PROJECT / "scripts"))
    return __import__("roformer_graph")


@pytest.fixture
def builder(graph: ModuleType) -> ModuleType:
    return __import__("encoder_build")


@pytest.fixture
def weights(graph: ModuleType) -> dict[str, Any]:
    """Random weights; ten tokens."""
    numbers = np.random.default_rng(5)
    width, wide = graph.WIDTH, 4 * graph.WIDTH
    shapes = dict.fromkeys(graph.ATTENTION, (width, width)) | {"f1": (width, wide), "f2": (wide, width)}
    made: dict[str, Any] = {"table": numbers.normal(size=(12, width)), "rates": 10000 ** (-np.arange(32) / 32)}
    for name, shape in [(f"{n}.{p}", s) for n in range(graph.LAYERS) for p, s in shapes.items()] + [("pool", (width, width))]:
        made[f"{name}.w"], made[f"{name}.b"] = numbers.normal(0, 0.05, shape), numbers.normal(0, 0.05, shape[1])
    for name in ["norm", *(f"{n}.{p}" for n in range(graph.LAYERS) for p in ("n1", "n2"))]:
        made[f"{name}.w"], made[f"{name}.b"] = numbers.normal(1, 0.1, width), numbers.normal(0, 0.1, width)
    return {name: value.astype(np.float32) for name, value in made.items()}


def reckoned(weights: dict[str, Any], layers: int, heads: int) -> Any:
    """The vector of ``TOKENS``, straight from the formulas."""

    def norm(rows: Any, name: str) -> Any:
        rows = rows - rows.mean(-1, keepdims=True)
        return rows / np.sqrt((rows**2).mean(-1, keepdims=True) + 1e-12) * weights[f"{name}.w"] + weights[f"{name}.b"]

    def linear(rows: Any, name: str) -> Any:
        return rows @ weights[f"{name}.w"] + weights[f"{name}.b"]

    def turned(rows: Any) -> Any:
        angles = np.repeat(np.arange(len(rows))[:, None] * weights["rates"][None], 2, axis=1)
        across = np.stack([-rows[:, 1::2], rows[:, ::2]], -1).reshape(rows.shape)
        return rows * np.cos(angles) + across * np.sin(angles)

    text = norm(weights["table"][TOKENS], "norm")
    for layer in range(layers):
        parts = [np.split(linear(text, f"{layer}.{part}"), heads, axis=1) for part in "qkv"]
        seen = []
        for query, key, value in zip(*parts, strict=True):
            scores = turned(query) @ turned(key).T / math.sqrt(query.shape[1])
            shares = np.exp(scores - scores.max(1, keepdims=True))
            seen.append(shares / shares.sum(1, keepdims=True) @ value)
        text = norm(text + linear(np.concatenate(seen, axis=1), f"{layer}.o"), f"{layer}.n1")
        wide = linear(text, f"{layer}.f1")
        bent = wide * 0.5 * (1 + np.vectorize(math.erf)(wide / math.sqrt(2)))
        text = norm(text + linear(bent, f"{layer}.f2"), f"{layer}.n2")
    return linear(text[:1], "pool")[0]


def test_the_graph_reckons_what_the_formulas_say(graph: ModuleType, weights: dict[str, Any]) -> None:
    import onnxruntime

    content = graph.build(weights).SerializeToString()
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    vector = session.run(None, {"tokens": np.array([TOKENS], dtype=np.int64)})[0][0]
    assert np.allclose(vector, reckoned(weights, graph.LAYERS, graph.HEADS), atol=1e-3)


def test_the_tuning_is_added_to_the_layers_that_it_names(graph: ModuleType, weights: dict[str, Any]) -> None:
    down, up = np.ones((384, 2), np.float16), np.full((2, 384), 0.5, np.float16)
    made = graph.tuned(weights, {"0.q.down": down, "0.q.up": up})
    assert np.allclose(made["0.q.w"], weights["0.q.w"] + 1.0)
    assert np.array_equal(made["0.k.w"], weights["0.k.w"])


def test_the_committed_tuning_fits_the_encoder_and_is_small(graph: ModuleType, weights: dict[str, Any]) -> None:
    path = PROJECT / "data" / "encoder" / "tuning.npz"
    with np.load(path, allow_pickle=False) as content:
        made = graph.tuned(weights, dict(content))
    assert sum(not np.array_equal(made[name], weights[name]) for name in weights) == 6 * graph.LAYERS + 1
    assert path.stat().st_size < 3_000_000


def test_a_tuning_of_another_encoder_is_one_sentence(
    builder: ModuleType, weights: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    np.savez(tmp_path / "tuning.npz", **{"0.q.down": np.ones((3, 2)), "0.q.up": np.ones((2, 3))})
    monkeypatch.setattr(builder.roformer_graph, "published_weights", lambda _: weights)
    with pytest.raises(builder.BuildError, match="does not fit"):
        builder.make(tmp_path / "model.onnx", tmp_path / "vocab.txt", tmp_path / "tuning.npz", tmp_path / "small.onnx")


def test_an_int8_model_that_strays_is_refused(
    builder: ModuleType, weights: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    np.savez(tmp_path / "tuning.npz")
    monkeypatch.setattr(builder.roformer_graph, "published_weights", lambda _: weights)
    cosines = iter([1.0, 0.5])
    monkeypatch.setattr(builder, "_published", lambda _: None)
    monkeypatch.setattr(builder, "least_cosine", lambda *_: next(cosines))
    with pytest.raises(builder.BuildError, match="strays from the float one"):
        builder.make(tmp_path / "model.onnx", tmp_path / "vocab.txt", tmp_path / "tuning.npz", tmp_path / "small.onnx")
