# make_sync: by hand
"""Methods of one object that call the methods of another one, which it finds each time."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Concatenate, ParamSpec, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

P = ParamSpec("P")
N = TypeVar("N")
R = TypeVar("R")
C = TypeVar("C")
C_co = TypeVar("C_co", covariant=True)


class Delegating(Protocol[C_co]):
    """An object that another one works for."""

    def _delegate(self) -> C_co:
        """Return the one that works."""


def delegated(
    method: Callable[Concatenate[C, P], R],
) -> Callable[[Callable[[N], None]], Callable[Concatenate[Delegating[C], P], R]]:
    """Return a decorator that puts a call of the delegate's `method` in place of what it decorates.

    A method that is decorated has a declared type for every type checker, which one that is
    assigned has not.
    """

    def call(self: Delegating[C], /, *args: P.args, **kwargs: P.kwargs) -> R:
        return method(self._delegate(), *args, **kwargs)

    functools.update_wrapper(call, method)
    return lambda _: call


awaited = delegated
"""What is awaited in the asynchronous client."""
