"""What the process that leads a directory has beside its database: the board, and a listener."""

from __future__ import annotations

import logging
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING

from aiomilvus.engine.leading import BoardWriter
from aiomilvus.engine.processes.announcement import (
    NAME,
    announce,
    listening_socket,
    remove_socket,
)
from aiomilvus.engine.processes.listener import Listener
from aiomilvus.engine.processes.messages import Answer, Call
from aiomilvus.errors import StorageError

if TYPE_CHECKING:
    from pathlib import Path

    from aiomilvus.engine.database import Database

_log = logging.getLogger(__name__)


class Lead:
    """What the leader of a directory has beside its database.

    Where the disk is too full for that, or has no sockets, it leads alone: others are refused.
    """

    def __init__(self, folder: Path, database: Database) -> None:
        self.database = database
        self._folder = folder
        self._board: BoardWriter | None = None
        self.listener: Listener | None = None
        self._address = ""
        try:
            self._share()
        except (OSError, StorageError) as error:
            database.lead(None)
            database.show_followed()
            _log.warning("%s: no other process can share the directory: %s", folder, error)

    def _share(self) -> None:
        """Let others follow.

        Raises:
            OSError: The disk refused.
            StorageError: No socket can be made.
        """
        database, folder = self.database, self._folder
        with ExitStack() as undone:
            board = BoardWriter(folder, list(database.collections.values()))
            undone.callback(board.close)
            database.lead(board)
            undone.callback(board.resign)
            channel, self._address = listening_socket(database.files, folder)
            undone.callback(channel.close)
            board.lead()
            database.show_followed()
            told = announce(database.files, folder, board.epoch, self._address)
            listener = Listener(channel, told.secret, database.execute, self._known)
            self.listener = listener
            database.leads = listener.role
            self._board = board
            undone.pop_all()

    def _known(self, call: Call) -> Answer | None:
        """Return what became of a call that a leader before this one carried out."""
        outcome = self.database.outcome(call.request)
        return None if outcome is None else Answer(outcome.result(call.operation))

    def call(self, call: Call) -> Answer:
        """Carry out a call of this process, which was begun while another one led."""
        if self.listener is not None:
            return self.listener.carried_out(call)
        return self._known(call) or Answer(self.database.execute(call.operation))

    def stop(self) -> None:
        """Stop carrying out what followers ask for; the lock is still held."""
        if self.listener is None or self._board is None:
            return
        with suppress(OSError):
            self.database.files.unlink(self._folder / NAME)
        self.listener.close()
        with suppress(OSError):
            remove_socket(self.database.files, self._folder, self._address)
        self._board.resign()

    def close(self) -> None:
        """Let the board go, once nothing is published any more."""
        if self._board is not None:
            self._board.close()

    def forget(self) -> None:
        """Close the copies of sockets that a forked child has."""
        if self.listener is not None:
            self.listener.forget()
