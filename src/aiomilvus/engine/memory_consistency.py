"""Changes that are cut short, as by Ctrl-C or a lack of memory, and the way back from them.

A change of a collection alters its files first and its memory then. One that ends in between
leaves the two apart, so nothing may be changed before memory is rebuilt from the files. That
is tried at once; if it fails, again before the next change.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from aiomilvus.errors import MilvusException, WritesPoisonedError

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from typing_extensions import Self


class Change:
    """A change under way: a ``with`` block, which may be cut short.

    Args:
        consistency: Of the memory that is changed.

    Attributes:
        is_logged: Whether the files record it already, so that it has to be made in memory too.
            Until then an error of this package means that nothing was changed.
    """

    __slots__ = ("_consistency", "is_logged")

    def __init__(self, consistency: MemoryConsistency) -> None:
        self._consistency = consistency
        self.is_logged = False

    def __enter__(self) -> Self:
        # An interrupt may strike between any two steps, even before the block is entered.
        self._consistency.doubt("an interrupt")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if error is None or (isinstance(error, MilvusException) and not self.is_logged):
            self._consistency.doubt("")
        else:
            self._consistency.doubt(repr(error))
            with suppress(Exception):  # the next change tries again, and is told
                self._consistency.restore()


class MemoryConsistency:
    """Whether a collection's memory is what its files tell. Used in the writer's turn.

    Args:
        where: Whose memory it is, for messages.
        reload: Rebuilds it from the files; None where there are none.
    """

    def __init__(self, where: str, reload: Callable[[], None] | None) -> None:
        self._where = where
        self._reload = reload
        self._doubt = ""

    @property
    def is_certain(self) -> bool:
        """Whether memory is what the files tell; False during a change."""
        return not self._doubt

    def change(self) -> Change:
        """Let the block change files and memory; rebuild memory if it is cut short."""
        return Change(self)

    def doubt(self, why: str) -> None:
        """Say why memory may differ from what the files tell; "" if it does not."""
        self._doubt = why

    def restore(self) -> None:
        """Rebuild memory if there is doubt about it.

        Raises:
            WritesPoisonedError: It can't be made now.
        """
        if not self._doubt:
            return
        cause = f"a change was cut short by {self._doubt}"
        if self._reload is None:
            message = f"{self._where} refuses changes until it is opened again: {cause}"
            raise WritesPoisonedError(message=message)
        try:
            self._reload()
        except Exception as error:
            message = f"{self._where} refuses changes, because {cause}, and its files can't be read"
            raise WritesPoisonedError(message=f"{message} again: {error}") from error
        self._doubt = ""
