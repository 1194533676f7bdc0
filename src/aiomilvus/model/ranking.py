"""Rankers as frozen specs: how the hits of a search, or of several, are scored again.

What a spec's parameters may be, and what they do, is the engine's to say.
"""

from __future__ import annotations

from typing import Any

import msgspec

from aiomilvus.model.schema import FunctionSpec


class Rrf(msgspec.Struct, frozen=True, kw_only=True):
    """Reciprocal rank fusion: the sum of weight / (k + rank) over the requests.

    Attributes:
        k: The larger, the less the first ranks stand out.
        weights: One for each request, 0 … 1; None for 1 each.
    """

    k: float = 60
    weights: tuple[float, ...] | None = None


class Weighted(msgspec.Struct, frozen=True, kw_only=True):
    """The weighted sum of the requests' scores, brought to 0 … 1 first with `norm_score`."""

    weights: tuple[float, ...]
    norm_score: bool = True


class Rerank(msgspec.Struct, frozen=True, kw_only=True):
    """Rerank functions; ``params["reranker"]`` of each says which (rrf, decay, boost…).

    Attributes:
        params: How several functions combine: ``boost_mode``, ``function_mode``.
    """

    functions: tuple[FunctionSpec, ...]
    params: dict[str, Any] = {}


class Chains(msgspec.Struct, frozen=True, kw_only=True):
    """Function chains as plain data.

    A chain has a ``stage`` (the protocol's number), a ``name`` and ``ops``; an operation ``op``
    (its name), ``inputs``, ``outputs``, ``params`` and perhaps ``expr``: ``name``, ``params``
    and ``args``, of which each is ``{"column": name}`` or ``{"literal": value}``.
    """

    chains: tuple[dict[str, Any], ...]


Ranker = Rrf | Weighted | Rerank | Chains
