"""A small feed-forward network, trained with numpy: layers that are normalised, then cut at zero.

Layer normalisation: Ba, Kiros, Hinton, 2016. Training by Adam: Kingma, Ba, 2015.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

_EPSILON = 1e-5
_DECAY, _SQUARE_DECAY = 0.9, 0.999


class _Pass(NamedTuple):
    """What a layer made of its input, kept for the way back."""

    given: Floats
    normal: Floats
    spread: Floats
    out: Floats


class Network:
    """Hidden layers, and a head that only training needs.

    Args:
        layers: For each: weights (in, out), and bias, gain and shift (out,) as rows of (3, out).
    """

    def __init__(self, layers: list[tuple[Floats, Floats]]) -> None:
        self._layers = layers
        self._head: Floats | None = None
        self._moments: dict[int, tuple[Floats, Floats]] = {}
        self._steps = 0
        self.width = int(layers[-1][0].shape[1])

    @classmethod
    def drawn(cls, dim: int, hidden: int, count: int, random: np.random.Generator) -> Network:
        """Return a network that is not trained."""
        layers = []
        for width in (dim, *[hidden] * (count - 1)):
            weights = random.standard_normal((width, hidden)) * np.sqrt(2.0 / width)
            rest = np.stack([np.zeros(hidden), np.ones(hidden), np.zeros(hidden)])
            layers.append((weights.astype(np.float32), rest.astype(np.float32)))
        return cls(layers)

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[np.generic]]) -> Network:
        """Open what `to_arrays` gave."""
        count = sum(name.startswith("weights_") for name in arrays)
        layers = [
            (
                np.asarray(arrays[f"weights_{at}"], np.float32),
                np.asarray(arrays[f"rest_{at}"], np.float32),
            )
            for at in range(count)
        ]
        return cls(layers)

    def to_arrays(self) -> dict[str, Floats]:
        """Return the layers, without the head."""
        weights = {f"weights_{at}": layer[0] for at, layer in enumerate(self._layers)}
        return {**weights, **{f"rest_{at}": layer[1] for at, layer in enumerate(self._layers)}}

    def hidden(self, vectors: Floats) -> Floats:
        """Return the last hidden layer, float32 (n, width), of vectors (n, dim)."""
        return self._forward(vectors)[-1].out

    def _forward(self, vectors: Floats) -> list[_Pass]:
        passes = []
        for weights, (bias, gain, shift) in self._layers:
            made = vectors @ weights + bias
            centred = made - made.mean(axis=1, keepdims=True)
            spread = np.sqrt((centred**2).mean(axis=1, keepdims=True) + _EPSILON)
            normal = centred / spread
            out = np.maximum(normal * gain + shift, 0.0)
            passes.append(_Pass(vectors, normal, spread, out))
            vectors = out
        return passes

    def train(
        self,
        vectors: Floats,
        labels: Floats,
        *,
        batch: int,
        rate: float,
        random: np.random.Generator,
    ) -> None:
        """Go once through vectors (n, dim) and what is to be predicted of them (n, targets)."""
        if self._head is None:
            head = random.standard_normal((self.width, labels.shape[1])) / np.sqrt(self.width)
            self._head = head.astype(np.float32)
        order = random.permutation(len(vectors))
        for at in range(0, len(order), batch):
            some = order[at : at + batch]
            self._step(self._head, vectors[some], labels[some], rate)

    def _step(self, head: Floats, vectors: Floats, labels: Floats, rate: float) -> None:
        self._steps += 1
        passes = self._forward(vectors)
        last = passes[-1].out
        wrong = (last @ head - labels) * np.float32(2.0 / labels.size)
        back = wrong @ head.T
        self._move(head, last.T @ wrong, rate)
        for (weights, rest), made in zip(reversed(self._layers), reversed(passes), strict=True):
            back = np.where(made.out > 0, back, 0.0)
            slopes = np.stack([back.sum(axis=0), (back * made.normal).sum(axis=0)])
            back = back * rest[1]
            mean = back.mean(axis=1, keepdims=True)
            along = (back * made.normal).mean(axis=1, keepdims=True)
            back = (back - mean - made.normal * along) / made.spread
            moved = back.sum(axis=0)
            before = back @ weights.T
            self._move(weights, made.given.T @ back, rate)
            self._move(rest, np.stack([moved, slopes[1], slopes[0]]), rate)
            back = before

    def _move(self, values: Floats, slope: Floats, rate: float) -> None:
        """Move parameters against their slope, in place, by Adam's rule."""
        first, second = self._moments.get(
            id(values), (np.zeros_like(values), np.zeros_like(values))
        )
        first = _DECAY * first + (1 - _DECAY) * slope
        second = _SQUARE_DECAY * second + (1 - _SQUARE_DECAY) * slope**2
        self._moments[id(values)] = first, second
        scale = rate * np.sqrt(1 - _SQUARE_DECAY**self._steps) / (1 - _DECAY**self._steps)
        values -= (scale * first / (np.sqrt(second) + 1e-8)).astype(np.float32)
