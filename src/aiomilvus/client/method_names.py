"""The names by which Python tells of the client's methods."""

from __future__ import annotations

from types import FunctionType
from typing import TypeVar

C = TypeVar("C", bound=type)


def name_after(owner: C) -> C:
    """Let a class that is put together of parts give its own name to their methods.

    Python names a function in errors about its arguments, and a user has never heard of the part.
    """
    for part in owner.__mro__:
        for name, member in vars(part).items():
            function = getattr(member, "__func__", member)  # what is in a class method
            if isinstance(function, FunctionType) and function.__module__.startswith(__package__):
                function.__qualname__ = f"{owner.__name__}.{name}"
    return owner
