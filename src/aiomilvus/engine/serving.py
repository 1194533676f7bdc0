"""What the process that leads a directory has beside its database: the board, and a listener."""

from __future__ import annotations

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

if TYPE_CHECKING:
    from pathlib import Path

    from aiomilvus.engine.database import Database


class Lead:
    """What the leader of a directory has beside its database."""

    def __init__(self, folder: Path, database: Database) -> None:
        self.database = database
        self._folder = folder
        self.board = BoardWriter(folder, list(database.collections.values()))
        with ExitStack() as undone:
            undone.callback(self.board.close)
            database.lead(self.board)
            channel, self._address = listening_socket(database.files, folder)
            undone.callback(channel.close)
            self.board.lead()
            undone.callback(self.board.resign)
            told = announce(database.files, folder, self.board.epoch, self._address)
            self.listener = Listener(channel, told.secret, database.execute, self._known)
            undone.pop_all()

    def _known(self, call: Call) -> Answer | None:
        """Return what became of a call that a leader before this one carried out."""
        outcome = self.database.outcome(call.request)
        return None if outcome is None else Answer(outcome.result(call.operation))

    def call(self, call: Call) -> Answer:
        """Carry out a call of this process, which was begun while another one led."""
        return self.listener.carried_out(call)

    def stop(self) -> None:
        """Stop carrying out what followers ask for; the lock is still held."""
        with suppress(OSError):
            self.database.files.unlink(self._folder / NAME)
        self.listener.close()
        with suppress(OSError):
            remove_socket(self.database.files, self._folder, self._address)
        self.board.resign()
