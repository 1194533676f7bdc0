"""Calling compiled functions by their address: the arguments as words of 64 bits.

A whole number and a Boolean are a word, a float is the bits of a float64; an array is its address
and then its shape, a word a dimension. A frame is written once for all arguments that stay, so that
a search writes the few that change: a call costs some 3 µs with 27 arguments, 21 of them arrays,
where numba's own way of taking arguments from Python costs 6.
"""

from __future__ import annotations

import ctypes
import struct
import sys
from array import array
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

    AnyArray = NDArray[Any]

INT, FLOAT, BOOL = "int", "float", "bool"
_DOUBLE = struct.Struct("d")
_WORD = 8
_PROTOTYPE = ctypes.CFUNCTYPE(None, ctypes.c_void_p)  # lets the interpreter go meanwhile


class Argument(NamedTuple):
    """What a compiled function takes in one place.

    Attributes:
        kind: ``int``, ``float``, ``bool``, or the type of an array's items as numpy writes it.
        ndim: Dimensions of an array; 0 for a number.
        is_written: Whether the function writes to the array.
    """

    kind: str
    ndim: int = 0
    is_written: bool = False


class Compiled(NamedTuple):
    """A function as machine code.

    Attributes:
        entry: Its name.
        arguments: What it takes, in order.
        symbol: Its name in the code.
        code: An object file.
    """

    entry: str
    arguments: tuple[Argument, ...]
    symbol: str
    code: bytes


class Function(NamedTuple):
    """A compiled function: what it takes, and where it is."""

    arguments: tuple[Argument, ...]
    address: int


def places_of(arguments: Iterable[Argument]) -> list[int]:
    """Return the first word of each argument, and behind them how many words there are."""
    places = [0]
    for argument in arguments:
        places.append(places[-1] + 1 + argument.ndim)
    return places


def _address_by_numpy(value: AnyArray) -> int:
    return value.ctypes.data


def _address_by_structure(value: AnyArray) -> int:
    """Read `PyArrayObject.data`, which numpy's C API has first behind the object's head."""
    return _pointer_at(id(value) + _HEAD).value or 0


_HEAD = object.__basicsize__
_pointer_at = ctypes.c_void_p.from_address
_PROBE = np.zeros(1)
# numpy takes 6 µs of a 2 GHz processor to tell an address, more than a call has in all; reading its
# structure takes half of one. Where that is not as numpy's C API says, numpy tells.
address_of = (
    _address_by_structure
    if sys.implementation.name == "cpython"
    and _address_by_structure(_PROBE) == _address_by_numpy(_PROBE)
    else _address_by_numpy
)
"""Return where an array's items begin."""


class Frame:
    """The arguments of one caller at a time.

    Args:
        function: What to call.
        given: Its arguments; arrays are kept alive as long as they stand in the frame.
    """

    __slots__ = ("_address", "_arguments", "_kept", "_places", "_run", "_types", "_words")

    def __init__(self, function: Function, given: Sequence[object]) -> None:
        self._arguments = function.arguments
        self._types = [np.dtype(each.kind) if each.ndim else None for each in function.arguments]
        self._places = places_of(function.arguments)
        self._words = array("q", bytes(_WORD * self._places[-1]))
        self._address = self._words.buffer_info()[0]
        self._kept: list[object] = list(given)
        self._run: Callable[[int], None] = _PROTOTYPE(function.address)
        if len(given) != len(function.arguments):
            raise TypeError(f"{len(function.arguments)} arguments are wanted, not {len(given)}")
        for at, value in enumerate(given):
            self.put(at, value)

    def put(self, at: int, value: Any) -> None:
        """Set an argument for all calls to come.

        Raises:
            TypeError: An array of another type, of other dimensions, or not contiguous.
        """
        if self._arguments[at].ndim:
            self.lend(at, value)
            self._kept[at] = value
        elif self._arguments[at].kind == FLOAT:
            _DOUBLE.pack_into(self._words, _WORD * self._places[at], value)
        else:
            self._words[self._places[at]] = value

    def lend(self, at: int, value: AnyArray) -> None:
        """Set an array that the caller keeps alive for the next call; the frame does not.

        Raises:
            TypeError: As of `put`.
        """
        kind, ndim, is_written = self._arguments[at]
        flags = value.flags
        if (
            (value.dtype is not self._types[at] and value.dtype != self._types[at])
            or value.ndim != ndim
            or not flags.c_contiguous
            or (is_written and not flags.writeable)
        ):
            raise TypeError(f"argument {at} is no {kind} array of {ndim} dimensions in C order")
        place, words = self._places[at], self._words
        words[place] = address_of(value)
        words[place + 1] = len(value)
        if ndim > 1:
            words[place + 2] = value.shape[1]
        self._kept[at] = None

    def keep(self, at: int, value: AnyArray) -> None:
        """Set an array as `put` does, unless it stands there already."""
        if self._kept[at] is not value:
            self.put(at, value)

    def length(self, at: int) -> int:
        """Return the length of an array that stands in the frame."""
        return self._words[self._places[at] + 1]

    def __call__(self) -> None:
        """Call the function; other threads run meanwhile."""
        self._run(self._address)


class Entry:
    """A function in all the types that it was compiled for.

    Args:
        name: What to call it in errors.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._functions: list[Function] = []

    def add(self, function: Function) -> None:
        """Add the function as compiled for some types."""
        self._functions.append(function)

    def frame(self, *given: object) -> Frame:
        """Return a frame with these arguments.

        Raises:
            TypeError: It was not compiled for their types.
        """
        for function in self._functions:
            if len(given) == len(function.arguments) and all(map(_fits, function.arguments, given)):
                return Frame(function, given)
        raise TypeError(f"{self.name} was not compiled for these arguments")

    def __call__(self, *given: object) -> None:
        """Call it once."""
        self.frame(*given)()


def _fits(argument: Argument, value: object) -> bool:
    if isinstance(value, np.ndarray):
        return value.dtype.str == argument.kind and value.ndim == argument.ndim
    return argument.ndim == 0
