"""What a database does for the processes that follow it: it keeps the commit board.

`BoardWriter` is told of each publication of a collection, after the change is durable and before
anyone is told of it, and of each change of names.
"""

from __future__ import annotations

import secrets
from functools import partial
from typing import TYPE_CHECKING

from aiomilvus.engine.storage.board import NAME, SLOTS, CommitBoard, Position
from aiomilvus.errors import CollectionLimitError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from aiomilvus.engine.collection import Collection


class BoardWriter:
    """The commit board of a directory, written by the process that leads.

    Args:
        folder: The directory.
        collections: Those that there are.
    """

    def __init__(self, folder: Path, collections: Iterable[Collection]) -> None:
        self._board = CommitBoard(folder / NAME, lead=True)
        self._board.begin()
        self._slots: dict[int, int] = {}
        self._free: list[int] = []
        self.epoch = secrets.randbits(63) | 1
        try:
            for collection in collections:
                self.added(collection)
        except BaseException:
            self._board.close()
            raise

    def lead(self) -> None:
        """Let followers believe the board."""
        self._board.lead(self.epoch)

    def added(self, collection: Collection) -> None:
        """Give a collection a slot; its publications are told from now on."""
        slot = self._free.pop() if self._free else len(self._slots)
        if slot >= SLOTS:
            message = f"collections of one directory are limited to {SLOTS}"
            raise CollectionLimitError(message=message)
        with collection.writes.turn:  # nothing is published between the two
            self._slots[collection.record.id] = slot
            self._board.add(collection.record.id, slot, _position(collection))
            collection.report_to(partial(self._published, collection, slot))

    def removed(self, collection_id: int) -> None:
        """Free the slot of a collection that was dropped."""
        slot = self._slots.pop(collection_id, None)
        if slot is not None:
            self._board.remove(slot)
            self._free.append(slot)

    def _published(self, collection: Collection, slot: int, logged_only: bool) -> None:
        """Tell what a collection shows now.

        Args:
            collection: The collection.
            slot: Its slot.
            logged_only: Whether the log alone tells what is new.
        """
        if self._slots.get(collection.record.id) != slot:
            return  # it was dropped
        self._board.advance(slot, _position(collection))
        if not logged_only:
            self._board.changed(slot)

    def names_changed(self) -> None:
        """Tell that names, databases or users have changed."""
        self._board.catalog_changed()

    def resign(self) -> None:
        """Tell that nobody leads: what is acknowledged by now is all there is."""
        self._board.lead(0)

    def close(self) -> None:
        """Unmap the board, once nothing is published any more."""
        self._board.close()


def _position(collection: Collection) -> Position:
    return Position(collection.log.number, collection.log.size)
