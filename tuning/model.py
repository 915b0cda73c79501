"""The RoFormer encoder in PyTorch, its own weights fixed, with small matrices beside each linear layer (LoRA, Hu et al. 2021)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from scripts.roformer_graph import ATTENTION, EPSILON, FEED, HEADS, LAYERS, LONGEST, WIDTH

HEAD = WIDTH // HEADS


class Linear(nn.Module):
    """``x @ w + b + (x @ down) @ up``; only ``down`` and ``up`` learn."""

    weight: Tensor
    bias: Tensor

    def __init__(self, weight: Any, bias: Any, rank: int) -> None:
        super().__init__()
        self.register_buffer("weight", torch.from_numpy(weight.copy()))
        self.register_buffer("bias", torch.from_numpy(bias.copy()))
        entering, leaving = weight.shape
        self.down = nn.Parameter(torch.randn(entering, rank) / math.sqrt(entering))
        self.up = nn.Parameter(torch.zeros(rank, leaving))

    def forward(self, rows: Tensor) -> Tensor:
        """``[..., in]`` to ``[..., out]``."""
        return rows @ self.weight + self.bias + (rows @ self.down) @ self.up


class RoFormer(nn.Module):
    """Token numbers to sentence vectors of length one.

    Args:
        weights: see ``scripts.roformer_graph.published_weights``.
        rank: columns of each ``down``.
    """

    def __init__(self, weights: Mapping[str, Any], rank: int) -> None:
        super().__init__()
        fixed = {name: torch.from_numpy(np.array(numbers)) for name, numbers in weights.items()}
        names = [f"{layer}.{part}" for layer in range(LAYERS) for part in (*ATTENTION, *FEED)] + ["pool"]
        self._linear = nn.ModuleDict({_key(name): Linear(weights[f"{name}.w"], weights[f"{name}.b"], rank) for name in names})
        self._fixed = {name: numbers for name, numbers in fixed.items() if name[:-2] not in names}
        angles = torch.arange(LONGEST).float()[:, None] * self._fixed["rates"][None]
        self._sines, self._cosines = angles.sin().repeat_interleave(2, 1), angles.cos().repeat_interleave(2, 1)

    def forward(self, tokens: Tensor, real: Tensor, dropped: float = 0.0) -> Tensor:
        """Vectors ``[texts, 384]`` of ``tokens`` ``[texts, length]``; ``real`` is false where a text is filled up."""
        text = self._norm("norm", self._fixed["table"][tokens])
        for layer in range(LAYERS):
            seen = functional.dropout(self._attend(layer, text, real), dropped, self.training)
            text = self._norm(f"{layer}.n1", text + seen)
            fed = self._apply(f"{layer}.f2", functional.gelu(self._apply(f"{layer}.f1", text)))
            text = self._norm(f"{layer}.n2", text + functional.dropout(fed, dropped, self.training))
        return functional.normalize(self._apply("pool", text[:, 0]), dim=-1)

    def tuning(self, keep: float = 1.0) -> dict[str, Any]:
        """The learnt matrices as half-precision numbers, ``<layer>.down`` and ``<layer>.up``, this the share ``keep`` of what was learnt."""
        found = {}
        for key, linear in self._linear.items():
            for part in ("down", "up"):
                share = keep if part == "up" else 1.0
                found[f"{_name(key)}.{part}"] = (share * getattr(linear, part).detach().numpy()).astype(np.float16)
        return found

    def begin_from(self, tuning: Mapping[str, Any]) -> None:
        """Take over learnt matrices. Raises ``KeyError``, ``RuntimeError``: they are of another rank or model."""
        for key, linear in self._linear.items():
            for part in ("down", "up"):
                getattr(linear, part).data.copy_(torch.from_numpy(tuning[f"{_name(key)}.{part}"].astype(np.float32)))

    def _attend(self, layer: int, text: Tensor, real: Tensor) -> Tensor:
        texts, length, _ = text.shape

        def heads(part: str) -> Tensor:
            return self._apply(f"{layer}.{part}", text).view(texts, length, HEADS, HEAD).transpose(1, 2)

        seen = functional.scaled_dot_product_attention(
            self._turned(heads("q")), self._turned(heads("k")), heads("v"), attn_mask=real[:, None, None, :]
        )
        return self._apply(f"{layer}.o", seen.transpose(1, 2).reshape(texts, length, WIDTH))

    def _turned(self, heads: Tensor) -> Tensor:
        """Rotary positions (Su et al. 2021), pairs side by side."""
        length = heads.shape[2]
        across = torch.stack([-heads[..., 1::2], heads[..., ::2]], -1).reshape(heads.shape)
        return heads * self._cosines[:length] + across * self._sines[:length]

    def _apply(self, name: str, rows: Tensor) -> Tensor:
        made: Tensor = self._linear[_key(name)](rows)
        return made

    def _norm(self, name: str, rows: Tensor) -> Tensor:
        return functional.layer_norm(rows, (WIDTH,), self._fixed[f"{name}.w"], self._fixed[f"{name}.b"], EPSILON)


def _key(name: str) -> str:
    return name.replace(".", "-")  # a module's name holds no dot


def _name(key: str) -> str:
    return key.replace("-", ".")
