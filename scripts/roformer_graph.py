"""Build the RoFormer sentence encoder anew from its weights: the same numbers in two thirds of the time.

The published graph was converted from TensorFlow and spends much of its time on shapes. This one has one node for what
onnxruntime does at once (attention, rotary positions, normalisation with its addition), takes token numbers only, and
adds our tuning (data/encoder) to the weights: ``W + down @ up`` for each linear layer (LoRA, Hu et al. 2021).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import helper, numpy_helper

LAYERS, HEADS, WIDTH = 6, 6, 384
LONGEST = 512
EPSILON = 1e-12
CONTRIB = "com.microsoft"  # onnxruntime's own operators; 1.17 has all that stand here
IR_VERSION, OPSET = 8, 17
ATTENTION, FEED = ("q", "k", "v", "o"), ("f1", "f2")

Weights = Mapping[str, Any]
"""Numbers by name, see ``published_weights``."""


def published_weights(model: Path) -> dict[str, Any]:
    """The weights of the published model under our names.

    ``table`` [12000, 384] (token and segment), ``norm.w``, ``norm.b``, for each layer N ``N.q.w`` ... ``N.f2.b`` and
    ``N.n1.w`` ... ``N.n2.b``, ``pool.w``, ``pool.b``, ``rates`` [32] (of the rotary positions).

    Raises:
        KeyError: it is another model.
    """
    found = {row.name.removesuffix(":0"): numpy_helper.to_array(row) for row in onnx.load(str(model)).graph.initializer}

    def linear(name: str) -> tuple[Any, Any]:
        return found[f"{name}/Tensordot/Reshape_1"], found[f"{name}/BiasAdd/ReadVariableOp"]

    def norm(name: str) -> tuple[Any, Any]:
        return found[f"{name}/mul/ReadVariableOp"], found[f"{name}/add_1/ReadVariableOp"]

    pairs = {"norm": norm("Embedding-Norm")}
    for layer in range(LAYERS):
        attention, feed = f"Transformer-{layer}-MultiHeadSelfAttention", f"Transformer-{layer}-FeedForward"
        for place, part in enumerate((*ATTENTION, *FEED)):
            number = layer * 6 + place
            group = attention if part in ATTENTION else feed
            pairs[f"{layer}.{part}"] = linear(f"{group}/dense_{number}" if number else f"{group}/dense")
        pairs[f"{layer}.n1"], pairs[f"{layer}.n2"] = norm(f"{attention}-Norm"), norm(f"{feed}-Norm")
    pairs["pool"] = (found["Pooler-Dense/MatMul/ReadVariableOp"], found["Pooler-Dense/BiasAdd/ReadVariableOp"])
    weights = {f"{name}.{kind}": numbers for name, both in pairs.items() for kind, numbers in zip("wb", both, strict=True)}
    weights["table"] = found["Embedding-Token/embeddings"] + found["Embedding-Segment/embeddings"][0]
    weights["rates"] = found["Embedding-Rotary-Position/einsum/ExpandDims_2"].reshape(-1)
    return weights


def tuned(weights: Weights, tuning: Weights) -> dict[str, Any]:
    """The weights with the tuning added. ``tuning``: ``<layer>.down`` [in, rank] and ``<layer>.up`` [rank, out].

    Raises:
        KeyError, ValueError: the tuning belongs to another model.
    """
    made = dict(weights)
    for name in (name.removesuffix(".down") for name in tuning if name.endswith(".down")):
        down, up = (tuning[f"{name}.{part}"].astype(np.float32) for part in ("down", "up"))
        made[f"{name}.w"] = weights[f"{name}.w"] + down @ up
    return made


class _Graph:
    """Nodes and constants in the making."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.constants: list[Any] = []

    def constant(self, name: str, numbers: Any) -> str:
        self.constants.append(numpy_helper.from_array(np.array(numbers), name))
        return name

    def node(self, kind: str, inputs: list[str], output: str, domain: str = "", **attributes: Any) -> str:
        self.nodes.append(helper.make_node(kind, inputs, [output], domain=domain, **attributes))
        return output


def _layer(graph: _Graph, weights: Weights, layer: int, entering: str) -> str:
    """One layer: attention, addition and normalisation, feed-forward, addition and normalisation."""
    name = str(layer)

    def weight(part: str) -> str:
        return graph.constant(f"{name}.{part}", weights[f"{name}.{part}"])

    joined = np.concatenate([weights[f"{name}.{part}.w"] for part in "qkv"], axis=1)
    bias = np.concatenate([weights[f"{name}.{part}.b"] for part in "qkv"])
    product = graph.node("MatMul", [entering, graph.constant(f"{name}.qkv.w", joined)], f"{name}.product")
    moved = graph.node("Add", [product, graph.constant(f"{name}.qkv.b", bias)], f"{name}.qkv")
    sizes = graph.constant(f"{name}.sizes", np.array([WIDTH] * 3, dtype=np.int64))
    graph.nodes.append(helper.make_node("Split", [moved, sizes], [f"{name}.{part}" for part in "qkv"], axis=-1))
    turned = [
        graph.node(
            "RotaryEmbedding", [f"{name}.{part}", "from", "cosines", "sines"], f"{name}.{part}.turned", CONTRIB,
            interleaved=1, num_heads=HEADS,
        )
        for part in "qk"
    ]  # fmt: skip
    seen = graph.node("MultiHeadAttention", [*turned, f"{name}.v"], f"{name}.seen", CONTRIB, num_heads=HEADS)

    def added(text: str, onto: str, part: str, norm: str) -> str:
        inputs = [text, onto, weight(f"{norm}.w"), weight(f"{norm}.b"), weight(f"{part}.b")]
        return graph.node("SkipLayerNormalization", inputs, f"{name}.{norm}", CONTRIB, epsilon=EPSILON)

    attended = added(graph.node("MatMul", [seen, weight("o.w")], f"{name}.o"), entering, "o", "n1")
    wide = graph.node("MatMul", [attended, weight("f1.w")], f"{name}.wide")
    bent = graph.node("BiasGelu", [wide, weight("f1.b")], f"{name}.bent", CONTRIB)
    return added(graph.node("MatMul", [bent, weight("f2.w")], f"{name}.narrow"), attended, "f2", "n2")


def build(weights: Weights) -> Any:
    """The ONNX model: ``tokens`` int64 [texts, length] (all of one length) to ``vectors`` float32 [texts, 384]."""
    graph = _Graph()
    angles = np.arange(LONGEST, dtype=np.float32)[:, None] * weights["rates"][None].astype(np.float32)
    graph.constant("cosines", np.cos(angles))
    graph.constant("sines", np.sin(angles))
    graph.constant("from", np.zeros(1, dtype=np.int64))
    embedded = graph.node("Gather", [graph.constant("table", weights["table"]), "tokens"], "embedded")
    norm = [graph.constant(f"norm.{part}", weights[f"norm.{part}"]) for part in "wb"]
    text = graph.node("LayerNormalization", [embedded, *norm], "entering", epsilon=EPSILON, axis=-1)
    for layer in range(LAYERS):
        text = _layer(graph, weights, layer, text)
    first = graph.node("Gather", [text, graph.constant("first", np.array(0, dtype=np.int64))], "first.token", axis=1)
    pool = [graph.constant(f"pool.{part}", weights[f"pool.{part}"]) for part in "wb"]
    graph.node("Gemm", [first, *pool], "vectors")
    asked = helper.make_tensor_value_info("tokens", onnx.TensorProto.INT64, ["texts", "length"])
    given = helper.make_tensor_value_info("vectors", onnx.TensorProto.FLOAT, ["texts", WIDTH])
    made = helper.make_graph(graph.nodes, "roformer", [asked], [given], graph.constants)
    opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid(CONTRIB, 1)]
    model = helper.make_model(made, opset_imports=opsets)
    model.ir_version = IR_VERSION
    return model
