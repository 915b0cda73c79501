"""Make the small sentence encoder from the published model: rebuilt, tuned, int8; each step is checked by cosines."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import numpy as np
import roformer_graph

LEAST_COSINE = 0.98
LEAST_REBUILT = 0.9999
NEWEST_IR, NEWEST_OPSET = 9, 20  # what onnxruntime 1.17 reads (its release notes)
PROBES = [
    "展会上有人仿冒我的外观设计专利怎么办",
    "商标被别人抢注了",
    "怎么申请维权援助",
    "我在电商平台上卖的货被投诉侵权，链接已经下架，我有自己的专利证书，想申诉",
    "今天天气怎么样",
    "调解要钱吗",
]


class BuildError(Exception):
    """The encoder could not be made; the message is one sentence for the person at the keyboard."""


def make(published: Path, vocabulary: Path, tuning: Path, small: Path) -> float:
    """Write the int8 encoder to ``small`` (its folder is used for what lies between); its least cosine to the float one.

    Raises:
        BuildError: the published model, the tuning or the result is not what it should be.
    """
    plain, full = small.with_suffix(".plain"), small.with_suffix(".full")
    try:
        weights = roformer_graph.published_weights(published)
        with np.load(tuning, allow_pickle=False) as content:
            added = roformer_graph.tuned(weights, dict(content))
    except (OSError, KeyError, ValueError) as error:
        raise BuildError(f"The tuning in {tuning} does not fit the published encoder.") from error
    plain.write_bytes(roformer_graph.build(weights).SerializeToString())
    rebuilt = least_cosine(_published(published), _ours(plain), vocabulary)
    if rebuilt < LEAST_REBUILT:
        raise BuildError(f"The rebuilt encoder strays from the published one (cosine {rebuilt:.4f} < {LEAST_REBUILT}).")
    full.write_bytes(roformer_graph.build(added).SerializeToString())
    quantise(full, small)
    cosine = least_cosine(_ours(full), _ours(small), vocabulary)
    if cosine < LEAST_COSINE:
        raise BuildError(f"The int8 encoder strays from the float one (cosine {cosine:.3f} < {LEAST_COSINE}).")
    return cosine


def quantise(model: Path, small: Path) -> None:
    """Write the int8 (dynamically quantised) form of ``model`` to ``small``.

    Raises:
        BuildError: the result is in an ONNX version that onnxruntime 1.17 cannot read.
    """
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic

    kinds = {"DefaultTensorType": onnx.TensorProto.FLOAT}  # shapes behind onnxruntime's own operators are not inferred
    logging.disable(logging.WARNING)  # its advice to pre-process is for other graphs
    try:
        quantize_dynamic(str(model), str(small), weight_type=QuantType.QInt8, extra_options=kinds)
    finally:
        logging.disable(logging.NOTSET)
    made = onnx.load(str(small))
    opset = max(entry.version for entry in made.opset_import if entry.domain in ("", "ai.onnx"))
    if made.ir_version > NEWEST_IR or opset > NEWEST_OPSET:
        raise BuildError(f"The int8 model has ONNX IR {made.ir_version}, opset {opset}: too new for Rasa.")


def _published(model: Path) -> Any:
    session = _session(model)

    def encode(tokens: Any) -> Any:
        inputs = {"Input-Token": tokens.astype(np.float32), "Input-Segment": np.zeros(tokens.shape, np.float32)}
        return session.run(None, inputs)[0][0]

    return encode


def _ours(model: Path) -> Any:
    session = _session(model)
    return lambda tokens: session.run(None, {"tokens": tokens})[0][0]


def _session(model: Path) -> Any:
    import onnxruntime

    return onnxruntime.InferenceSession(str(model), providers=["CPUExecutionProvider"])


def least_cosine(one: Any, other: Any, vocabulary: Path) -> float:
    """The smallest cosine between two encoders' vectors over the probe sentences."""
    numbers = {token: number for number, token in enumerate(vocabulary.read_text(encoding="utf-8").split("\n"))}
    least = 1.0
    for text in PROBES:
        ids = [numbers["[CLS]"], *(numbers.get(character, numbers["[UNK]"]) for character in text), numbers["[SEP]"]]
        first, second = (encode(np.array([ids], dtype=np.int64)) for encode in (one, other))
        least = min(least, float(first @ second / (np.linalg.norm(first) * np.linalg.norm(second))))
    return least
