"""As whom a client calls."""

from __future__ import annotations

import base64


class Credentials:
    """A token, ``user:password`` or a key, "" for none; it changes with the user's password."""

    __slots__ = ("metadata", "token")

    def __init__(self, token: str) -> None:
        self.change(token)

    def change(self, token: str) -> None:
        """Let further calls bring this token: Milvus wants it in base64."""
        self.token = token
        self.metadata: tuple[tuple[str, str], ...] = ()
        if token:
            self.metadata = (("authorization", base64.b64encode(token.encode()).decode()),)
