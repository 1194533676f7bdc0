# make_sync: by hand
"""Methods of one object that call the methods of another one, which it finds each time."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Concatenate, ParamSpec, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

P = ParamSpec("P")
R = TypeVar("R")
C = TypeVar("C")
C_co = TypeVar("C_co", covariant=True)


class Delegating(Protocol[C_co]):
    """An object that another one works for."""

    def _delegate(self) -> C_co:
        """Return the one that works."""


def delegated(
    method: Callable[Concatenate[C, P], R],
) -> Callable[Concatenate[Delegating[C], P], R]:
    """Return a method that calls `method` of the delegate."""

    def call(self: Delegating[C], /, *args: P.args, **kwargs: P.kwargs) -> R:
        return method(self._delegate(), *args, **kwargs)

    functools.update_wrapper(call, method)
    return call


def awaited(
    method: Callable[Concatenate[C, P], Coroutine[None, None, R]],
) -> Callable[Concatenate[Delegating[C], P], Coroutine[None, None, R]]:
    """Return a coroutine function that awaits `method` of the delegate."""

    async def call(self: Delegating[C], /, *args: P.args, **kwargs: P.kwargs) -> R:
        return await method(self._delegate(), *args, **kwargs)

    functools.update_wrapper(call, method)
    return call
