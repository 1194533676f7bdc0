"""A list whose items are made when they are touched.

It is a real `list` to `isinstance`, comparison, iteration, slicing and json.dumps. Only C
code that reads a list's memory without asking (orjson, msgspec) sees nothing before the first
touch: call `materialize` first.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Any, TypeVar, overload

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import SupportsIndex

T = TypeVar("T")


class LazyList(list[T]):
    """A list of `count` items; subclasses make one item, or all of them."""

    __slots__ = ("_count", "_single")

    def __init__(self, count: int) -> None:
        super().__init__()
        self._count: int | None = count
        self._single: dict[int, T] = {}

    @abstractmethod
    def _make(self, index: int) -> T:
        """Return item `index`, 0 … count - 1."""

    def _make_all(self) -> list[T]:
        """Return all items; called once at most."""
        return [self._make(index) for index in range(len(self))]

    def materialize(self) -> None:
        """Make all items now; objects handed out before stay the same."""
        if self._count is None:
            return
        items = self._make_all()
        for index, item in self._single.items():
            items[index] = item
        self._count = None
        self._single = {}
        super().extend(items)

    def __len__(self) -> int:
        return super().__len__() if self._count is None else self._count

    def __bool__(self) -> bool:
        return len(self) > 0

    @overload
    def __getitem__(self, index: SupportsIndex) -> T: ...

    @overload
    def __getitem__(self, index: slice) -> list[T]: ...

    def __getitem__(self, index: Any) -> Any:
        if self._count is not None:
            if isinstance(index, int):
                return self._one(index)
            if isinstance(index, slice):
                return [self._one(each) for each in range(*index.indices(self._count))]
        self.materialize()
        return super().__getitem__(index)

    def _one(self, index: int) -> T:
        count = len(self)
        place = index + count if index < 0 else index
        if not 0 <= place < count:
            raise IndexError("list index out of range")
        item = self._single.get(place)
        if item is None:
            item = self._single[place] = self._make(place)
        return item

    def __iter__(self) -> Iterator[T]:
        self.materialize()
        return super().__iter__()

    def __radd__(self, other: list[T]) -> list[T]:
        return [*other, *self]

    def __reduce_ex__(self, _protocol: Any) -> tuple[Any, ...]:
        return list, (list(self),)

    def __deepcopy__(self, memo: dict[int, Any]) -> list[Any]:
        from copy import deepcopy  # noqa: PLC0415 - only who copies pays

        return [deepcopy(item, memo) for item in self]


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


def shown(items: Iterable[Any], most: int = 10) -> list[Any]:
    """Return the first `most` items."""
    return [item for _, item in zip(range(most), items, strict=False)]
