"""LEMUR: a learned vector for each list, whose products with a query's approach MaxSim.

A small network learns, from vectors of the data, how well such a vector matches each of some
rows. Its last hidden layer then stands for a vector: a row's weights are the least squares from
that layer to the row's matches, and a list of query vectors is the sum of their hidden layers.
Products of both are sums of predicted similarities.
"""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from aiomilvus.engine.index.lists.fixed import as_scores, query_form, stored_form
from aiomilvus.engine.index.lists.network import Network
from aiomilvus.engine.index.param_values import Share, Whole, share, whole

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from aiomilvus.engine.index.contract import BuildBudget
    from aiomilvus.model.columns import ListColumn

    Floats = NDArray[np.float32]

_HIDDEN = Whole("lemur_hidden_dim", 8, 8192, 256)
_SAMPLES = Whole("lemur_num_train_samples", 1000, 100_000, 20_000)
_EPOCHS = Whole("lemur_num_epochs", 1, 1000, 50)
_BATCH = Whole("lemur_batch_size", 1, 4096, 512)
_SEED = Whole("lemur_seed", 0, 2**31 - 1, 42)
_LAYERS = Whole("lemur_num_layers", 1, 8, 2)
_RATE = Share("lemur_learning_rate", 0.00001, 1.0, 0.001)
_TARGETS = 256
"""Rows whose matches the network learns; more of them train no better hidden layer."""
_BLOCK = 1 << 22
"""Similarities computed at once."""
_RIDGE = 1e-3


class LemurParams(NamedTuple):
    """How the network is made and trained; Milvus' names and defaults."""

    hidden: int
    samples: int
    epochs: int
    batch: int
    seed: int
    layers: int
    rate: float


def lemur_params(params: Mapping[str, object]) -> LemurParams:
    """Return the checked parameters.

    Raises:
        ParamError: One is no number, or out of range.
    """
    hidden, samples, epochs, batch, seed, layers = (
        whole(each, params.get(each.name))
        for each in (_HIDDEN, _SAMPLES, _EPOCHS, _BATCH, _SEED, _LAYERS)
    )
    rate = share(_RATE, params.get(_RATE.name))
    return LemurParams(hidden, samples, epochs, batch, seed, layers, rate)


class LemurEncoder:
    """Encodes lists of one field. Implements `ListEncoder`.

    Args:
        network: Trained.
        metric: Of the elements.
    """

    def __init__(self, network: Network, metric: str) -> None:
        self._network = network
        self._metric = metric
        self.width = network.width + 1

    def encode_query(self, query: NDArray[np.generic]) -> Floats:
        """As `ListEncoder` says."""
        found: Floats = self._hidden(query_form(query, self._metric)).sum(axis=0, keepdims=True)
        return found

    def _hidden(self, vectors: Floats) -> Floats:
        hidden = self._network.hidden(vectors)
        return np.concatenate([hidden, np.ones((len(hidden), 1), np.float32)], axis=1)

    def estimate(self, products: Floats, query: NDArray[np.generic]) -> Floats:
        """As `ListEncoder` says."""
        return as_scores(products, query, self._metric)

    def to_arrays(self) -> dict[str, Floats]:
        """As `ListEncoder` says."""
        return self._network.to_arrays()

    @classmethod
    def trained(
        cls, params: LemurParams, lists: ListColumn, metric: str, budget: BuildBudget
    ) -> tuple[LemurEncoder, Floats]:
        """Return an encoder trained on lists, and the lists' vectors, float32 (rows, width).

        Raises:
            BuildStoppedError: The work was given up.
        """
        random = np.random.default_rng(params.seed)
        values = lists.child.arrays()["values"]
        count = min(params.samples, len(values))
        chosen = np.sort(random.choice(len(values), count, replace=False))
        samples = query_form(values[chosen], metric)
        filled = np.flatnonzero(np.diff(lists.offsets) > 0)
        targets = np.sort(random.choice(filled, min(_TARGETS, len(filled)), replace=False))
        labels = np.concatenate(
            [block for _, block in _matches(samples, lists.take(targets), metric)], axis=1
        )
        labels -= labels.mean(axis=0)
        labels /= np.maximum(labels.std(axis=0), 1e-6)
        network = Network.drawn(samples.shape[1], params.hidden, params.layers, random)
        started = monotonic()
        for epoch in range(params.epochs):
            budget.check(started, epoch / params.epochs)
            network.train(samples, labels, batch=params.batch, rate=params.rate, random=random)
        encoder = cls(network, metric)
        return encoder, encoder._row_vectors(samples, lists, budget)

    def _row_vectors(self, samples: Floats, lists: ListColumn, budget: BuildBudget) -> Floats:
        hidden = self._hidden(samples).astype(np.float64)
        square = hidden.T @ hidden
        square += np.eye(len(square)) * (_RIDGE * np.trace(square) / len(square))
        found = np.zeros((len(lists), self.width), np.float32)
        started = monotonic()
        filled = np.flatnonzero(np.diff(lists.offsets) > 0)
        for first, labels in _matches(samples, lists.take(filled), self._metric):
            budget.check(started, first / max(len(filled), 1))
            weights = np.linalg.solve(square, hidden.T @ labels)
            found[filled[first : first + labels.shape[1]]] = weights.T
        return found


def _matches(samples: Floats, lists: ListColumn, metric: str) -> Iterator[tuple[int, Floats]]:
    """Yield runs of rows: the first, and each sample's best match in each, (samples, rows)."""
    values = stored_form(lists.child.arrays()["values"], metric)
    most = max(_BLOCK // max(len(samples), 1), 1)
    first = 0
    while first < len(lists):
        start = int(lists.offsets[first])
        last = int(np.searchsorted(lists.offsets, start + most, "right")) - 1
        last = min(max(last, first + 1), len(lists))
        products = samples @ values[start : int(lists.offsets[last])].T
        yield first, np.maximum.reduceat(products, lists.offsets[first:last] - start, axis=1)
        first = last
