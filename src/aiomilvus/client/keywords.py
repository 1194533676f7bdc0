"""Keywords that a method does not know: refused where they are meant for one it does know.

pymilvus' methods take any keyword and ignore what they do not know, so programs pass keywords that
mean something elsewhere; these are ignored here, too, and warned of once. A misspelt keyword, or
another library's word for one of the method's, is an error: ignoring it would change the answer.
"""

from __future__ import annotations

import sys
from typing import Any

from aiomilvus.client.arguments import is_given
from aiomilvus.client.call_notes import OTHER_SPELLINGS, note
from aiomilvus.client.unknown_keywords import near_miss, unexpected, warn_of
from aiomilvus.errors import ParamError

_OF_SEARCH = frozenset({"function_chains", "search_aggregation"})
"""What changes a search so much that other reads can't leave it out with a warning."""


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
            raise unexpected(method, name, meant)
        if name in _OF_SEARCH and given[name]:
            raise ParamError(message=f"{name} is not supported in {method}")
        del given[name]
        warn_of(method, name, names)
