"""Text analysis."""

from __future__ import annotations

from typing import Any

from aiomilvus.model.operations.base import Operation


class RunAnalyzer(Operation[tuple[Any, ...]], frozen=True, kw_only=True):
    """Analyse texts by parameters, or as a collection's field does."""

    texts: tuple[str, ...]
    params: dict[str, Any] | str = ""
    collection: str = ""
    field: str = ""
    analyzer_names: tuple[str, ...] = ()
    with_detail: bool = False
    with_hash: bool = False
