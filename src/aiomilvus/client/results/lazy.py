"""Lists of what an answer holds: real lists, except for answers too large to be made unasked.

An answer is columns; an application wants a list of dicts. The list is filled before anyone gets
to see it, so that every reader finds the items in it, those in C included, which read a list's
memory and call none of its methods (orjson, msgspec, pydantic, pyarrow). That takes time: `filling`
does it in steps, between which an event loop has its turn.

An answer of more than `MOST_FILLED` values is left to be made when it is touched. Until then its
lists hold `CallMaterializeFirst`, which such a reader refuses by that name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar, overload

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import SupportsIndex

T = TypeVar("T")

MOST_FILLED = 2**20
"""Values of an answer that is made unasked, some 50 ms and 50 MB; a vector has `dim` of them."""
FILLED_AT_ONCE = 4096
"""Values made in one step: a fraction of a millisecond."""


class CallMaterializeFirst:
    """Stands in a list for an item that is not made yet."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "<not made yet: the answer is large, call its materialize() first>"


_NOT_MADE: Any = CallMaterializeFirst()


class MadeList(list[T]):
    """A list whose items are made from columns; a copy of it is a plain list."""

    __slots__ = ()

    def _make_between(self, start: int, stop: int) -> list[T]:
        """Return items start … stop - 1."""
        raise NotImplementedError

    def _leave_open(self, count: int) -> None:
        """Make room for `count` items that are not made."""
        list.extend(self, [_NOT_MADE] * count)

    def materialize(self) -> None:
        """Make whatever is not made yet; objects handed out before stay the same.

        Example:
            >>> rows = await client.query("books", "year > 1950", output_fields=["title"])
            >>> rows.materialize()
        """

    def __reduce_ex__(self, _protocol: Any) -> tuple[Any, ...]:
        return list, (list(self),)

    def __deepcopy__(self, memo: dict[int, Any]) -> list[Any]:
        from copy import deepcopy  # noqa: PLC0415 - only who copies pays

        return [deepcopy(item, memo) for item in self]


class LazyList(MadeList[T]):
    """A list of items that are made when they are touched; then it becomes a `_filled_class`.

    A subclass derives from this class and from its `_filled_class`, and adds no slots.
    """

    __slots__ = ()
    _filled_class: type[MadeList[T]]

    def materialize(self) -> None:
        """Make all items now; objects handed out before stay the same.

        Example:
            >>> rows = await client.query("books", "year > 1950", output_fields=["title"])
            >>> rows.materialize()
        """
        if self.__class__ is self._filled_class:
            return
        made = self._make_between(0, len(self))
        for index, item in enumerate(list.__iter__(self)):
            if item is not _NOT_MADE:
                made[index] = item
        list.__setitem__(self, slice(None), made)
        self.__class__ = self._filled_class  # type: ignore[assignment] # same layout, no overrides

    @overload
    def __getitem__(self, index: SupportsIndex) -> T: ...

    @overload
    def __getitem__(self, index: slice) -> list[T]: ...

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return [self._one(each) for each in range(*index.indices(len(self)))]
        place = index.__index__()
        return self._one(place + len(self) if place < 0 else place)

    def _one(self, place: int) -> T:
        if place < 0:
            raise IndexError("list index out of range")
        item: T = list.__getitem__(self, place)
        if item is _NOT_MADE:
            item = self._make_between(place, place + 1)[0]
            list.__setitem__(self, place, item)
        return item

    def __iter__(self) -> Iterator[T]:
        self.materialize()
        return list.__iter__(self)

    def __radd__(self, other: list[T]) -> list[T]:
        return [*other, *self]


def _touching(name: str) -> Any:
    original = getattr(list, name)

    def method(self: LazyList[Any], *args: Any, **kwargs: Any) -> Any:
        self.materialize()
        for other in args:
            if isinstance(other, LazyList):
                other.materialize()
        return original(self, *args, **kwargs)

    method.__name__ = name
    method.__doc__ = original.__doc__
    return method


_TOUCHING = (
    "__add__ __contains__ __delitem__ __eq__ __ge__ __gt__ __iadd__ __imul__ __le__ __lt__ "
    "__mul__ __ne__ __reversed__ __rmul__ __setitem__ append clear copy count extend index "
    "insert pop remove reverse sort"
).split()
for _name in _TOUCHING:
    setattr(LazyList, _name, _touching(_name))
