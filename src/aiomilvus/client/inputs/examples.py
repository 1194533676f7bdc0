"""What a search is to be like, and unlike: entities and vectors as examples."""

from __future__ import annotations

from typing import TYPE_CHECKING, SupportsIndex, TypeAlias

from aiomilvus.errors import ParamError
from aiomilvus.model.plain import whole_number
from aiomilvus.model.rows.errors import shorten

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy as np
    from numpy.typing import NDArray

    Example: TypeAlias = int | str | SupportsIndex | Sequence[float] | NDArray[np.generic]


class Examples:
    """The data of a search for what is like some examples, and unlike others.

    The query vector is the mean of the positive examples, moved away from the mean of the negative
    ones: ``2 * mean(positive) - mean(negative)``. Entities that are given by key are not found
    themselves.

    Args:
        positive: Primary keys of entities, or vectors; one at least.
        negative: Likewise, or none.

    Raises:
        ParamError: There is no positive example, or one is neither a key nor a vector.

    Example:
        >>> from aiomilvus import Examples
        >>> (hits,) = await client.search("books", Examples(positive=[1], negative=[2]), limit=2)
        >>> [hit["id"] for hit in hits]
        [3]
    """

    def __init__(self, positive: Iterable[Example], negative: Iterable[Example] = ()) -> None:
        self.positive: tuple[Example, ...] = _listed(positive, "positive")
        self.negative: tuple[Example, ...] = _listed(negative, "negative")
        if not self.positive:
            raise ParamError(message="a search by examples needs a positive one")

    @property
    def keys(self) -> list[int | str]:
        """The examples that are given by key, each once."""
        given = (*self.positive, *self.negative)
        return list(dict.fromkeys(each for each in given if isinstance(each, (int, str))))

    def __repr__(self) -> str:
        return f"Examples(positive={self.positive!r}, negative={self.negative!r})"


def _listed(given: Iterable[Example], name: str) -> tuple[Example, ...]:
    wrong = isinstance(given, str) or not hasattr(given, "__iter__")
    listed = () if wrong else tuple(_plain(each) for each in given)
    for each in listed:
        is_key = isinstance(each, (int, str)) and not isinstance(each, bool)
        wrong = wrong or not (is_key or hasattr(each, "__len__"))
    if wrong:
        raise ParamError(
            message=f"`{name}` examples should be a list of primary keys and vectors, "
            f"got {shorten(given)}"
        )
    return listed


def _plain(example: Example) -> Example:
    """Return an int for a key that is one by another type, numpy's for example."""
    if isinstance(example, (int, str)) or not isinstance(example, SupportsIndex):
        return example
    try:
        return whole_number(example)
    except TypeError:  # an array: only one of a single whole number is an index
        return example
