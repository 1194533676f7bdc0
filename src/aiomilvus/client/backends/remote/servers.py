"""The server that calls go to: the one of a fixed address, or the primary of a global cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from aiomilvus.client.backends.remote.channels import Channels
from aiomilvus.client.backends.remote.introduction import Introduction

if TYPE_CHECKING:
    from aiomilvus.client.backends.remote.budget import Budget
    from aiomilvus.client.backends.remote.target import Target
    from aiomilvus.errors import MilvusException

FIRST_CONTACT = 3.0
"""Seconds that a server is waited for which has never answered; its address may be wrong."""


class Server:
    """A server as this client knows it.

    Attributes:
        has_answered: Whether it ever did.
    """

    __slots__ = ("channels", "has_answered", "introduction", "target")

    def __init__(self, target: Target) -> None:
        self.target = target
        self.channels = Channels(target)
        self.introduction = Introduction()
        self.has_answered = False

    @property
    def address(self) -> str:
        """Where it is, for messages."""
        return self.target.address


class Servers(Protocol):
    """Says which server a call goes to, and is told how that ended."""

    @property
    def address(self) -> str:
        """The address of the server that calls go to now, for messages."""

    async def current(self, budget: Budget) -> Server:
        """Return the server that the next call goes to."""

    def lost(self, server: Server) -> None:
        """Take note that `server` could not be reached, or stopped answering."""

    def refused(self, server: Server, error: MilvusException) -> bool:
        """Return whether a call that `server` refused may be made again."""

    def gives_up(self, server: Server, spent: float) -> bool:
        """Return whether a server that can't be reached after so many seconds is not there."""

    async def close(self) -> None:
        """Close the running loop's channels; those of other loops end with them."""


class OneServer:
    """A fixed address."""

    def __init__(self, target: Target) -> None:
        self._server = Server(target)

    @property
    def address(self) -> str:
        """As `Servers.address`."""
        return self._server.address

    async def current(self, budget: Budget) -> Server:  # noqa: ARG002 - there is nothing to find
        """Return it."""
        return self._server

    def lost(self, server: Server) -> None:
        """Do nothing: there is no other."""

    def refused(self, server: Server, error: MilvusException) -> bool:  # noqa: ARG002 - there is no other
        """Return False: what it refuses is refused."""
        return False

    def gives_up(self, server: Server, spent: float) -> bool:
        """Return whether it has never answered, for long enough."""
        return not server.has_answered and spent >= FIRST_CONTACT

    async def close(self) -> None:
        """As `Servers.close`."""
        await self._server.channels.close()
