"""What tells a plain read from others before an operation is made of it.

A program asks the same search over and over, with other vectors. Its other arguments are its shape:
two searches of one collection with the same shape have the same plan, so a backend that keeps plans
finds one by the shape, and nothing else of the arguments is looked at again.

A shape tells `1` from `True` and from `1.0`, which are equal but not the same to a search.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Hashable

_PLAIN: Final = frozenset((bool, float, int, str, type(None)))
_DEEPEST = 2
"""Levels of search parameters: ``params`` within ``search_params``."""
_ROUNDED = "round_decimal"
"""Concerns the answer, not only the search."""


def search_shape(
    filter: object,
    limit: object,
    output_fields: object,
    search_params: object,
    partition_names: object,
    anns_field: object,
) -> Hashable | None:
    """Return the shape of a search with these arguments and no others; None if it has none.

    What has a type that is not the documented one has no shape: it is checked every time.
    """
    if type(filter) is not str or type(limit) is not int:
        return None
    params: Hashable = None
    if search_params is not None:
        if type(search_params) is not dict or _ROUNDED in search_params:
            return None
        params = _frozen(search_params, _DEEPEST)
        if params is None:
            return None
    fields = _names(output_fields)
    partitions = _names(partition_names)
    if fields is None or partitions is None or not (anns_field is None or type(anns_field) is str):
        return None
    return ("search", filter, limit, fields, params, partitions, anns_field)


def lookup_shape(output_fields: object, partition_names: object) -> Hashable | None:
    """Return the shape of a read of some keys with these arguments and no others, None if none."""
    fields, partitions = _names(output_fields), _names(partition_names)
    return None if fields is None or partitions is None else ("lookup", fields, partitions)


def _names(given: object) -> tuple[object, ...] | None:
    """Return a list of names as a tuple, () for none; None if it is no list of names."""
    if given is None:
        return ()
    if type(given) is not list:
        return None
    for name in given:
        if type(name) is not str:
            return None
    return tuple(given)


def _frozen(params: dict[object, object], levels: int) -> tuple[Hashable, ...] | None:
    """Return what a dictionary of plain values holds, each with its type; None for any other."""
    items: list[Hashable] = []
    for name, value in params.items():
        kind = type(value)
        if kind in _PLAIN:
            items.append((name, kind, value))
            continue
        inner = _frozen(value, levels - 1) if type(value) is dict and levels > 1 else None
        if inner is None:
            return None
        items.append((name, kind, inner))
    return tuple(items)
