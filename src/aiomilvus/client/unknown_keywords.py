"""Keywords that nobody knows: which known one is meant, and the warning where none is."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_LIKENESS = 0.8
"""How alike two words are, as difflib counts, of which one is taken for a slip of the other."""
_MOST_LETTERS = 2
"""Letters more or fewer that a slip has."""
_SHORTEST = 3
"""A word so long that begins a known one is short for it, as dim is for dimension."""

# Words of other libraries, and of Milvus' own older client, by what they are called here.
_OTHER_WORDS = {
    "collection": "collection_name",
    "database": "db_name",
    "db": "db_name",
    "expr": "filter",
    "expression": "filter",
    "fields": "output_fields",
    "host": "uri",
    "k": "limit",
    "n_results": "limit",
    "param": "search_params",
    "params": "search_params",
    "port": "uri",
    "queries": "data",
    "query_vector": "data",
    "query_vectors": "data",
    "rerank": "ranker",
    "reranker": "ranker",
    "top_k": "limit",
    "topk": "limit",
    "url": "uri",
    "vectors": "data",
    "where": "filter",
}
_warned: set[tuple[str, str]] = set()


def check_names(method: str, given: Iterable[str], known: Iterable[str]) -> None:
    """Warn once of each keyword that something built by keywords does not know.

    Args:
        method: What is built.
        given: The keywords' names.
        known: Those that it takes.

    Raises:
        TypeError: One is a near miss of those it takes.
    """
    names = sorted(known)
    for name in given:
        if name not in names:
            meant = near_miss(name, names)
            if meant:
                raise unexpected(method, name, meant)
            warn_of(method, name, names)


def unexpected(method: str, name: str, meant: str) -> TypeError:
    """Return the error for a keyword that is a slip of another."""
    return TypeError(
        f"{method}() got an unexpected keyword argument {name!r}. Did you mean {meant!r}?"
    )


def near_miss(name: str, known: Iterable[str]) -> str:
    """Return the known name that `name` is a slip of, short for, or another word for; or ""."""
    names = [*known]
    other = _OTHER_WORDS.get(name.lower(), "")
    if other in names:
        return other
    from difflib import get_close_matches  # noqa: PLC0415 - needed for a slip alone

    for near in get_close_matches(name.lower(), names, 3, _LIKENESS):
        if abs(len(near) - len(name)) <= _MOST_LETTERS:
            return near
    longer = [each for each in names if each.startswith(f"{name.lower()}")]
    return min(longer, key=len) if longer and len(name) >= _SHORTEST else ""


def warn_of(method: str, name: str, names: list[str]) -> None:
    """Warn, once for each method, of a keyword that it does not know."""
    if (method, name) in _warned:
        return
    _warned.add((method, name))
    message = f"{method}() ignores the keyword {name!r}, which it does not know; it takes {names}"
    warnings.warn(message, UserWarning, stacklevel=4)
