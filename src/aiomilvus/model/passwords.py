"""How a password is kept, and compared with what is kept of it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os

INITIAL_PASSWORD = "Milvus"  # noqa: S105 - Milvus' own, known to everyone: it is there to be changed

# scrypt's cost, as OWASP recommends it: 64 MiB and about 0.1 s for a guess.
_COST = {"n": 1 << 16, "r": 8, "p": 1}
_MEMORY = 128 << 20
_SALT = 16


def hashed(password: str) -> str:
    """Return what is kept of a password: cost, salt and hash. Takes about 0.1 s.

    The hash is scrypt's (RFC 7914).
    """
    salt = os.urandom(_SALT)
    content = _scrypt(password, salt, _COST)
    parts = [str(value) for value in _COST.values()]
    return "$".join(["scrypt", *parts, _text(salt), _text(content)])


def verify(password: str, secret: str) -> bool:
    """Return whether a password is the one that `secret` was kept of, "" for the initial one.

    Takes about 0.1 s, and always the same.

    No password has a NUL: scrypt takes one with NULs at its end for the same as without.
    """
    if not secret:
        return hmac.compare_digest(password.encode(), INITIAL_PASSWORD.encode())
    _, n, r, p, salt, expected = secret.split("$")
    cost = {"n": int(n), "r": int(r), "p": int(p)}
    content = _scrypt(password, base64.b64decode(salt), cost)
    return hmac.compare_digest(content, base64.b64decode(expected)) and "\0" not in password


def _scrypt(password: str, salt: bytes, cost: dict[str, int]) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, maxmem=_MEMORY, **cost)


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode()
