"""Who calls: everyone, whoever has the one token, or a user with a password.

A password costs 0.1 s to check (`server.logins`), so the last one that was right is remembered
for each user, as a keyed digest, until the user's password changes.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from aiomilvus.errors import NotAuthenticatedError
from aiomilvus.model.operations.access import GetAccess
from aiomilvus.model.passwords import hashed, verify
from aiomilvus.server.logins import Logins

if TYPE_CHECKING:
    from collections.abc import Iterable

    from aiomilvus.client.backends.backend import AsyncBackend
    from aiomilvus.model.access import Access
    from aiomilvus.server.settings import ServerSettings

ANYONE = ""
"""The caller's name where users are not asked for."""


class Caller(NamedTuple):
    """Who makes a call, and where.

    Attributes:
        user: Name of the user, `ANYONE` where there are none.
        db: The database that its connection is in, "" for the default one: what a request is about
            that names none, and where its privilege is asked for.
    """

    user: str
    db: str = ""


class Gate:
    """Lets calls through that bring what is asked for.

    Milvus' clients send ``user:password``, or a key, in base64 as the metadata
    ``authorization``; plain text is taken too.

    Args:
        backend: Knows the users.
        settings: Says what is asked for: nothing, one token, or users.
    """

    def __init__(self, backend: AsyncBackend, settings: ServerSettings) -> None:
        self._backend = backend
        self._token = settings.token.encode()
        self.has_users = settings.auth
        self._key = os.urandom(32)
        self._right: dict[str, tuple[str, bytes]] = {}
        self._logins = Logins()

    async def caller(self, metadata: Iterable[tuple[str, str | bytes]], peer: str) -> str:
        """Return the name of the user who calls, `ANYONE` where there are none.

        Args:
            metadata: What the call brings along.
            peer: The connection it comes by, as gRPC writes it.

        Raises:
            NotAuthenticatedError: The call brings no token, or a wrong one.
            RateLimitError: The connection has brought too many wrong ones.
        """
        if not (self._token or self.has_users):
            return ANYONE
        given = next((value for key, value in metadata if key == "authorization"), "")
        content = given.encode() if isinstance(given, str) else given
        readings = _readings(content)
        if self.has_users:
            return await self._user(readings, peer)
        if not any(hmac.compare_digest(each, self._token) for each in readings):
            raise NotAuthenticatedError(message="auth check failure, please check api key is valid")
        return ANYONE

    async def access(self) -> Access:
        """Return all users and what they may do."""
        return await self._backend.execute(GetAccess(), None)

    def close(self) -> None:
        """Let the threads end that check passwords."""
        self._logins.close()

    async def _user(self, readings: list[bytes], peer: str) -> str:
        for reading in reversed(readings):
            name, separator, password = reading.partition(b":")
            if separator and await self._is_right(_text(name), _text(password), peer):
                return _text(name)
        raise NotAuthenticatedError(
            message="auth check failure, please check username and password are correct"
        )

    async def _is_right(self, name: str, password: str, peer: str) -> bool:
        user = (await self.access()).users.get(name)
        digest = hmac.digest(self._key, password.encode(), hashlib.sha256)
        secret, known = self._right.get(name, ("", b""))
        if user is not None and secret == user.secret and hmac.compare_digest(known, digest):
            return True
        login = (name, None if user is None else user.secret, digest)
        check = (
            partial(_pretend, password) if user is None else partial(verify, password, user.secret)
        )
        right = await self._logins.is_right(login, check, peer)
        if right and user is not None:
            self._right[name] = (user.secret, digest)
        return right


def _pretend(password: str) -> bool:
    """Take as long as for a user who exists, so that time does not tell who does."""
    hashed(password)
    return False


def _text(content: bytes) -> str:
    return content.decode(errors="replace")


def _readings(content: bytes) -> list[bytes]:
    """Return what the value of ``authorization`` may mean."""
    plain = content.removeprefix(b"Bearer ")
    try:
        return [plain, base64.b64decode(plain, validate=True)]
    except binascii.Error:
        return [plain]
