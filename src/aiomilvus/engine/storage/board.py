"""The commit board: what a directory's leader has acknowledged, in memory that processes share.

A file of the directory, mapped by every process that has it open. The leader writes to it after
a change is durable and before it tells anyone; a follower compares a few numbers before each
read, and catches up when one differs. Normative text: docs/formats/board.md.

Every value is one aligned word of 64 bits, which is stored and loaded whole. A follower that
meets a new value of one word and an old one of another catches up twice; it never sees less than
what was acknowledged before it looked.

The board holds nothing that the log and the catalog do not tell: whoever becomes the leader
writes it from these, under a new epoch.
"""

from __future__ import annotations

import errno
import mmap
import os
from hashlib import sha256
from struct import Struct
from typing import TYPE_CHECKING, NamedTuple

from aiomilvus.errors import DatabaseClosedError, StorageError
from aiomilvus.native import machine_name

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

NAME = "board.amv"
MAGIC = int.from_bytes(b"AMVBRD01", "little")
_WORD = 8
_MAGIC, _EPOCH, _CATALOG, _SLOTS, _HOME, _TERMS = range(6)
_FIRST = 512
"""Word at which the slots begin: the second page."""
_SLOT = 4
_ID, _POSITION, _VERSION = range(3)
SLOTS = 65_536
# In the machine's own order each word is loaded whole, one after the other.
_NAMES = Struct("@5Q")
_STATE = Struct("@2Q")
SIZE = (_FIRST + SLOTS * _SLOT) * _WORD
_SIZE_BITS = 40
_SIZE_MASK = (1 << _SIZE_BITS) - 1


class Position(NamedTuple):
    """How far a collection's log is acknowledged.

    Attributes:
        log: Number of the log file that is appended to.
        size: Bytes of it that are acknowledged.
    """

    log: int
    size: int

    def packed(self) -> int:
        """Return the position as one word: 24 bits of number, 40 bits of size."""
        return self.log << _SIZE_BITS | self.size

    @staticmethod
    def unpacked(word: int) -> Position:
        """Return the position that `packed` made a word of."""
        return Position(word >> _SIZE_BITS, word & _SIZE_MASK)


class BoardNames(NamedTuple):
    """What the names of a directory are as of.

    Attributes:
        terms: How many leaders there have been.
        epoch: The present leader's, 0 for none.
        version: Grows whenever a database, collection, alias or user comes, goes or changes.
    """

    terms: int
    epoch: int
    version: int


def _closed() -> DatabaseClosedError:
    return DatabaseClosedError(message="the database was closed meanwhile")


class _Closed:
    """The words of a board that was closed while another thread was about to look."""

    def __getitem__(self, at: int) -> int:
        raise _closed()

    def __setitem__(self, at: int, word: int) -> None:
        raise _closed()


def _home(number: int) -> int:
    """Return a word that names a file, by its number, on this machine since it was started."""
    return int.from_bytes(sha256(f"{machine_name()} {number}".encode()).digest()[:8], "little")


def _fill(descriptor: int) -> None:
    """Let a board have its size, and on the disk the room for it.

    Raises:
        OSError: The disk is full: a write to a page without room would end the process.
    """
    if os.fstat(descriptor).st_size >= SIZE:
        return
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(descriptor, 0, SIZE)
    else:
        os.ftruncate(descriptor, SIZE)


class CommitBoard:
    """The board of one directory, mapped.

    Args:
        path: The board's file.
        lead: Whether this process leads: it makes the file where there is none, and writes.

    Raises:
        FileNotFoundError: There is no board.
        OSError: The disk has no room for it.
        StorageError: It is of another format.
    """

    def __init__(self, path: Path, *, lead: bool) -> None:
        flags = os.O_RDWR | os.O_CREAT if lead else os.O_RDONLY
        descriptor = os.open(path, flags | getattr(os, "O_BINARY", 0), 0o600)
        try:
            if lead:
                _fill(descriptor)
            found = os.fstat(descriptor)
            if found.st_size < SIZE:
                raise FileNotFoundError(errno.ENOENT, "no leader could make it", str(path))
            self._here = _home(found.st_ino)
            access = mmap.ACCESS_WRITE if lead else mmap.ACCESS_READ
            self._map = mmap.mmap(descriptor, SIZE, access=access)
        finally:
            os.close(descriptor)
        self._view = memoryview(self._map)
        self._words: memoryview[int] | _Closed = self._view.cast("Q")
        if not lead and self._words[_MAGIC] not in (0, MAGIC):
            self.close()
            raise StorageError(message=f"{path} is a commit board of another format")

    def close(self) -> None:
        """Unmap the file; a second call does nothing."""
        words, self._words = self._words, _Closed()
        if isinstance(words, memoryview):
            words.release()
            self._view.release()
            self._map.close()

    @property
    def epoch(self) -> int:
        """A number of the present leader's own; 0 while nobody leads, or not yet.

        It is 0, too, where the board was written on another machine, before the machine was
        started last, or in a directory that this one is a copy of: what it says may be old.
        """
        words = self._words
        return words[_EPOCH] if words[_HOME] == self._here else 0

    @property
    def terms(self) -> int:
        """How many leaders there have been: one that came and went leaves nothing else to see."""
        return self._words[_TERMS]

    def look(self) -> tuple[int, ...]:
        """Return the words that tell of names; as long as they are the same, so is `names`.

        They change, too, when what they tell is the same: the number of slots is among them.
        """
        try:
            return _NAMES.unpack_from(self._view, _EPOCH * _WORD)
        except ValueError as error:
            raise _closed() from error

    def names(self, seen: Sequence[int]) -> BoardNames:
        """Return what some words, as `look` gives them, tell of names."""
        epoch, version, _, home, terms = seen
        return BoardNames(terms, epoch if home == self._here else 0, version)

    def slots(self) -> dict[int, int]:
        """Return the slot of each collection, by the collection's id; none while nobody leads."""
        words = self._words
        found: dict[int, int] = {}
        if not self.epoch:
            return found
        for slot in range(words[_SLOTS]):
            number = words[_FIRST + slot * _SLOT + _ID]
            if number:
                found[number] = slot
        return found

    def state(self, slot: int) -> tuple[int, int]:
        """Return a slot's packed `Position` and its version.

        The version grows whenever the collection's record, segments or indexes change.
        """
        try:
            return _STATE.unpack_from(self._view, (_FIRST + slot * _SLOT + _POSITION) * _WORD)
        except ValueError as error:
            raise _closed() from error

    def at_one_moment(self) -> dict[int, Position] | None:
        """Return the position of each collection, by its id, all of them at the same moment.

        None while nobody leads.
        """
        while epoch := self.epoch:
            seen = self._slots_now()
            # Positions only grow: what is the same twice was so in between.
            if seen == self._slots_now() and epoch == self.epoch:
                slots = memoryview(seen).cast("Q")
                return {
                    slots[at + _ID]: Position.unpacked(slots[at + _POSITION])
                    for at in range(0, len(slots), _SLOT)
                    if slots[at + _ID]
                }
        return None

    def _slots_now(self) -> bytes:
        words = self._words
        if isinstance(words, _Closed):
            return b""
        return words[_FIRST : _FIRST + words[_SLOTS] * _SLOT].tobytes()

    def begin(self) -> None:
        """Clear the board, as its new leader; followers wait for `lead`."""
        words = self._words
        words[_EPOCH] = 0
        words[_TERMS] += 1
        words[_MAGIC] = MAGIC
        words[_HOME] = self._here
        words[_CATALOG] = 1
        for slot in range(words[_SLOTS]):
            words[_FIRST + slot * _SLOT + _ID] = 0
        words[_SLOTS] = 0

    def lead(self, epoch: int) -> None:
        """Let followers believe the board, once all collections have a slot."""
        self._words[_EPOCH] = epoch

    def add(self, collection_id: int, slot: int, position: Position) -> None:
        """Give a collection a slot."""
        words = self._words
        at = _FIRST + slot * _SLOT
        words[at + _POSITION] = position.packed()
        words[at + _VERSION] = words[at + _VERSION] + 1
        words[at + _ID] = collection_id
        words[_SLOTS] = max(words[_SLOTS], slot + 1)

    def remove(self, slot: int) -> None:
        """Free the slot of a collection that was dropped."""
        self._words[_FIRST + slot * _SLOT + _ID] = 0

    def advance(self, slot: int, position: Position) -> None:
        """Tell that a collection's log is acknowledged up to `position`."""
        self._words[_FIRST + slot * _SLOT + _POSITION] = position.packed()

    def changed(self, slot: int) -> None:
        """Tell that a collection's record, segments or indexes have changed."""
        self._words[_FIRST + slot * _SLOT + _VERSION] += 1

    def catalog_changed(self) -> None:
        """Tell that names, databases or users have changed."""
        self._words[_CATALOG] += 1
