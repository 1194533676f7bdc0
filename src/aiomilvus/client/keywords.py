"""Keywords that a method does not know: refused where they are meant for one it does know.

pymilvus' methods take any keyword and ignore what they do not know, so programs pass keywords that
mean something elsewhere; these are ignored here, too, and warned of once. A misspelt keyword, or
another library's word for one of the method's, is an error: ignoring it would change the answer.
"""

from __future__ import annotations

import sys
import warnings
from typing import TYPE_CHECKING, Any

from aiomilvus.client.arguments import is_given
from aiomilvus.client.call_notes import OTHER_SPELLINGS, note
from aiomilvus.errors import ParamError

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

_OF_SEARCH = frozenset({"function_chains", "search_aggregation"})
"""What changes a search so much that other reads can't leave it out with a warning."""
_warned: set[tuple[str, str]] = set()


def check_options(method: str, given: Any, allowed: Any) -> None:
    """Take out of `given` what the calling method does not know, and warn of it once.

    Args:
        method: The caller's name.
        given: Its keywords, a dict of its own.
        allowed: The class of `client.options` that names those it takes.

    Raises:
        ParamError: One is an array or a data frame, or belongs to `search` alone.
        TypeError: One is a near miss of a keyword or an argument of the method; it is named.
    """
    note(given)
    if not given:
        return
    for name, value in given.items():
        is_given(value, name)
    known = allowed.__optional_keys__
    if given.keys() <= known:
        return
    for spelling in OTHER_SPELLINGS:
        given.pop(spelling, None)
    code = sys._getframe(1).f_code  # noqa: SLF001 - only here the arguments' names are needed
    arguments = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    names = sorted({*known, *arguments} - {"self", "cls"})
    for name in [each for each in given if each not in known]:
        meant = near_miss(name, names)
        if meant:
            raise _unexpected(method, name, meant)
        if name in _OF_SEARCH and given[name]:
            raise ParamError(message=f"{name} is not supported in {method}")
        del given[name]
        _warn(method, name, names)


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
                raise _unexpected(method, name, meant)
            _warn(method, name, names)


def _unexpected(method: str, name: str, meant: str) -> TypeError:
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


def _warn(method: str, name: str, names: list[str]) -> None:
    if (method, name) in _warned:
        return
    _warned.add((method, name))
    message = f"{method}() ignores the keyword {name!r}, which it does not know; it takes {names}"
    warnings.warn(message, UserWarning, stacklevel=4)
