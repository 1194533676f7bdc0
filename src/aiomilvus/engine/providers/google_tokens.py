"""Access tokens of Google's services: given as they are, or got for a service account.

A service account signs that it asks (JWT, RS256), and its ``token_uri`` answers with a token that
ends by itself. Tokens are kept until a minute before that.
"""

from __future__ import annotations

import base64
import hashlib
import importlib
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import msgspec

from aiomilvus.engine.providers.provider_params import refuse
from aiomilvus.engine.storage.files import FileSystem
from aiomilvus.errors import ModelError, NotSupportedError

if TYPE_CHECKING:
    from collections.abc import Callable

_SCOPE = "https://www.googleapis.com/auth/cloud-platform"
_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_SECONDS = 3600
_MARGIN = 60


class _Account(msgspec.Struct):
    """What the file of a service account tells that is needed."""

    client_email: str
    private_key: str
    token_uri: str
    private_key_id: str = ""


class _Token(msgspec.Struct):
    """What ``token_uri`` answers."""

    access_token: str
    expires_in: float = _SECONDS


class _Kept:
    """The token of one account. Who wants it while it is being got waits for the same one."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.token = ""
        self.until = 0.0


_kept: dict[bytes, _Kept] = {}


def token_of(key: str, send: Callable[[str, bytes], bytes]) -> str:
    """Return the access token that a key stands for.

    Args:
        key: A token; or a service account, as JSON text or as the path of a file ``….json``.
        send: Posts a form to an address and returns the answer.

    Raises:
        ParamError: The account can't be read, or its key is none.
        ModelError: No token was answered.
        NotSupportedError: The package that signs is not installed.
    """
    if not key.startswith("{") and not key.endswith(".json"):
        return key
    text = key.encode() if key.startswith("{") else _read(key)
    kept = _kept.setdefault(hashlib.sha256(text).digest(), _Kept())
    with kept.lock:
        if time.time() >= kept.until:
            kept.token, kept.until = _fetched(_account(text), send)
        return kept.token


def _read(path: str) -> bytes:
    try:
        return FileSystem().read(Path(path))
    except OSError as error:
        refuse(f"the file of a service account, {path}, can't be read: {error.strerror}")


def _account(text: bytes) -> _Account:
    try:
        return msgspec.json.decode(text, type=_Account)
    except msgspec.MsgspecError as error:
        refuse(f"the key of an address of vertexai is no service account: {error}")


def _fetched(account: _Account, send: Callable[[str, bytes], bytes]) -> tuple[str, float]:
    """Return a new token, and until when it is used."""
    now = int(time.time())
    form = {"grant_type": _GRANT, "assertion": _assertion(account, now)}
    answer = send(account.token_uri, urlencode(form).encode())
    try:
        token = msgspec.json.decode(answer, type=_Token)
    except msgspec.MsgspecError as error:
        message = f"{account.token_uri} answered no access token: {error}"
        raise ModelError(message=message) from error
    return token.access_token, now + token.expires_in - _MARGIN


def _assertion(account: _Account, now: int) -> str:
    head = {"alg": "RS256", "typ": "JWT", "kid": account.private_key_id}
    claims = {
        "iss": account.client_email,
        "scope": _SCOPE,
        "aud": account.token_uri,
        "iat": now,
        "exp": now + _SECONDS,
    }
    told = f"{_encoded(msgspec.json.encode(head))}.{_encoded(msgspec.json.encode(claims))}"
    return f"{told}.{_encoded(_rs256(account.private_key, told.encode()))}"


def _encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _rs256(pem: str, content: bytes) -> bytes:
    try:
        primitives = "cryptography.hazmat.primitives"
        hashes = importlib.import_module(f"{primitives}.hashes")
        padding = importlib.import_module(f"{primitives}.asymmetric.padding")
        loading = importlib.import_module(f"{primitives}.serialization")
    except ImportError as error:
        message = "service accounts of Google need cryptography: pip install 'aiomilvus[vertexai]'"
        raise NotSupportedError(message=message) from error
    try:
        key = loading.load_pem_private_key(pem.encode(), password=None)
    except ValueError:
        refuse("the private_key of a service account is no key in PEM")
    signature: bytes = key.sign(content, padding.PKCS1v15(), hashes.SHA256())
    return signature
