"""Who may call: one token, compared in constant time."""

from __future__ import annotations

import base64
import binascii
import hmac
from typing import TYPE_CHECKING

from aiomilvus.errors import NotAuthenticatedError

if TYPE_CHECKING:
    from collections.abc import Iterable


class Gate:
    """Lets calls through that bring the token, or all when there is none.

    Milvus' clients send ``user:password``, or a key, in base64 as the metadata
    ``authorization``; plain text is taken too.
    """

    def __init__(self, token: str) -> None:
        self._token = token.encode()

    def check(self, metadata: Iterable[tuple[str, str | bytes]]) -> None:
        """Raise NotAuthenticatedError unless the metadata of a call has the token."""
        if not self._token:
            return
        given = next((value for key, value in metadata if key == "authorization"), "")
        content = given.encode() if isinstance(given, str) else given
        if not any(hmac.compare_digest(each, self._token) for each in _readings(content)):
            raise NotAuthenticatedError(message="auth check failure, please check api key is valid")


def _readings(content: bytes) -> list[bytes]:
    """Return what the value of ``authorization`` may mean."""
    plain = content.removeprefix(b"Bearer ")
    try:
        return [plain, base64.b64decode(plain, validate=True)]
    except binascii.Error:
        return [plain]
