"""Models of this process, registered by name, and the addresses that may be called.

Functions of a schema, and rerank functions of a search, come from callers who may be remote.
They can name only what is registered or allowed here: no caller can make the engine call an
address of the caller's choice, or send a key anywhere it does not belong.
"""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING, NamedTuple, Protocol, runtime_checkable
from urllib.parse import urlsplit

from aiomilvus.errors import ParamError

if TYPE_CHECKING:
    from collections.abc import Sequence

ENDPOINTS_VARIABLE = "AIOMILVUS_MODEL_ENDPOINTS"


@runtime_checkable
class TextEmbedder(Protocol):
    """Turns texts into vectors. Called from several threads."""

    def __call__(self, texts: Sequence[str], /) -> Sequence[Sequence[float]]:
        """Return one vector (a list, or a row of a matrix) for each of the texts."""
        ...


@runtime_checkable
class TextReranker(Protocol):
    """Scores texts against a query. Called from several threads."""

    def __call__(self, query: str, texts: Sequence[str], /) -> Sequence[float]:
        """Return one score for each of the texts; larger is better."""
        ...


class Endpoint(NamedTuple):
    """An address that may be called, with everything below it, and the key it takes."""

    url: str
    api_key: str = ""


_embedders: dict[str, TextEmbedder] = {}
_rerankers: dict[str, TextReranker] = {}
_endpoints: dict[str, Endpoint] = {}
_lock = threading.Lock()


def register_embedding(name: str, embedder: TextEmbedder) -> None:
    """Let TEXTEMBEDDING functions name `embedder` as their ``provider``.

    Args:
        name: Replaces an earlier one of this name. Register it again in each process, before
            rows are inserted or texts searched.
        embedder: Takes a list of texts, returns a vector of the field's dimension for each.

    Raises:
        ParamError: The name is empty, or `embedder` can't be called.

    Example:
        >>> register_embedding("lengths", lambda texts: [[len(text), 1.0] for text in texts])
    """
    _check(name, embedder)
    with _lock:
        _embedders[name.lower()] = embedder


def register_reranker(name: str, reranker: TextReranker) -> None:
    """Let model rerank functions name `reranker` as their ``provider``.

    Args:
        name: Replaces an earlier one of this name.
        reranker: Takes a query and a list of texts, returns a number for each text.

    Raises:
        ParamError: The name is empty, or `reranker` can't be called.

    Example:
        >>> from aiomilvus import register_reranker
        >>> register_reranker("longest", lambda query, texts: [len(text) for text in texts])
    """
    _check(name, reranker)
    with _lock:
        _rerankers[name.lower()] = reranker


def allow_model_endpoint(url: str, api_key: str = "") -> None:
    """Let functions call an address, and all below it, with this key.

    The environment variable ``AIOMILVUS_MODEL_ENDPOINTS`` does the same for a server: addresses
    parted by commas, each with ``=NAME`` after it if the variable NAME holds its key.

    Args:
        url: An http or https address.
        api_key: What it is sent, without blanks and newlines around it; "" for nothing.

    Raises:
        ParamError: `url` is no http or https address.

    Example:
        >>> from aiomilvus import allow_model_endpoint
        >>> allow_model_endpoint("http://127.0.0.1:8080")
    """
    endpoint = Endpoint(checked_url(url), api_key.strip())
    with _lock:
        _endpoints[endpoint.url] = endpoint


def embedder_named(name: str) -> TextEmbedder | None:
    """Return the registered embedder of this name."""
    return _embedders.get(name.lower())


def reranker_named(name: str) -> TextReranker | None:
    """Return the registered reranker of this name."""
    return _rerankers.get(name.lower())


def embedder_names() -> list[str]:
    """Return the names of all registered embedders."""
    return sorted(_embedders)


def reranker_names() -> list[str]:
    """Return the names of all registered rerankers."""
    return sorted(_rerankers)


def endpoint_for(url: str) -> Endpoint:
    """Return the allowed address that `url` is, or is below; the longest, if several are.

    Raises:
        ParamError: It may not be called.
    """
    url = checked_url(url)
    allowed = [*_endpoints.values(), *_from_environment()]
    fitting = [each for each in allowed if url == each.url or url.startswith(each.url + "/")]
    if not fitting:
        raise ParamError(
            message=f"model endpoint {url} is not allowed: call allow_model_endpoint() where the "
            f"engine runs, or set {ENDPOINTS_VARIABLE}"
        )
    return max(fitting, key=lambda each: len(each.url))


def _from_environment() -> list[Endpoint]:
    found = []
    for part in os.environ.get(ENDPOINTS_VARIABLE, "").split(","):
        url, _, variable = part.strip().partition("=")
        if url:
            found.append(Endpoint(checked_url(url), os.environ.get(variable, "").strip()))
    return found


def checked_url(url: str) -> str:
    """Return an http or https address without a slash at its end.

    Raises:
        ParamError: It is none, or holds a name and password, a query, or ``..``.
    """
    parts = urlsplit(url)
    plain = not (parts.username or parts.password or parts.query or parts.fragment)
    within = ".." not in parts.path.split("/")
    if parts.scheme not in ("http", "https") or not parts.hostname or not plain or not within:
        raise ParamError(
            message=f"model endpoint {url!r} should be a plain http or https address: "
            "invalid parameter"
        )
    return url.rstrip("/")


def _check(name: str, function: object) -> None:
    if not str(name).strip() or not callable(function):
        raise ParamError(
            message=f"a provider is registered by a name and a callable, got {name!r}, {function!r}"
        )
