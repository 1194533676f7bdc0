"""JSON sent to a model service and back: connections kept, failures tried again, errors typed."""

from __future__ import annotations

import importlib
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec

from aiomilvus.engine.providers.registry import endpoint_for
from aiomilvus.errors import ModelError, NotSupportedError, ParamError
from aiomilvus.model.json_text import decode_json

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import ModuleType

    from aiomilvus.engine.providers.registry import Endpoint

SECONDS = 30.0
Sign: TypeAlias = "Callable[[str, bytes, str], dict[str, str]]"
"""Address, content, the address' key → header fields."""
BEARER = ("Authorization", "Bearer ")
_ATTEMPTS = 3
_REFUSED = (400, 413, 422)
"""Statuses that refuse what was sent. Others tell of the service, its address or the key, which may
be another when the same is asked again."""
_LARGEST_REPLY = 256 << 20


def post(
    url: str,
    body: Mapping[str, object],
    seconds: float = SECONDS,
    *,
    key: tuple[str, str] = BEARER,
    ending: str = "",
    sign: Sign | None = None,
) -> Any:
    """Return the JSON that `url` answers to the JSON `body`.

    Args:
        url: Where: an allowed address, or below one.
        body: What is sent.
        seconds: For an answer.
        key: Header that carries the address' key, and what stands before the key in it.
        ending: A query string, without its question mark.
        sign: Makes header fields of address, content and key, in place of `key`.

    What can't be reached, and what answers 429, 502, 503 or 504, is tried three times in all.

    Raises:
        ParamError: The address may not be called.
        ModelError: No answer, or an answer that is no success or no JSON; or the address' key is
            none that can be sent.
        NotSupportedError: The package for HTTP is not installed.
    """
    endpoint = endpoint_for(url)
    content = msgspec.json.encode(body)
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    whole = f"{url}?{ending}" if ending else url
    if sign is not None:
        headers |= sign(whole, content, endpoint.api_key)
    elif endpoint.api_key:
        headers[key[0]] = key[1] + _plain(endpoint)
    reply = _sent(url, whole, content, headers, seconds)
    try:
        return decode_json(reply, "the reply")
    except ParamError as error:
        message = f"model service {url} answered no JSON: {error.message}"
        raise ModelError(message=message) from error


def _plain(endpoint: Endpoint) -> str:
    """Return the key of an address, which is sent as it is; what is told of another has none of it.

    Raises:
        ModelError: It can't be such a key: it is a service account, or has several lines.
    """
    key = endpoint.api_key
    if key.startswith("{") or key.endswith(".json"):
        message = f"the key of model endpoint {endpoint.url} is a service account, which only"
        raise ModelError(message=f"{message} vertexai takes: give a key of the service's own")
    if "\r" in key or "\n" in key:
        message = f"the key of model endpoint {endpoint.url} has more than one line"
        raise ModelError(message=f"{message}: give the key alone")
    return key


def post_form(url: str, form: bytes) -> bytes:
    """Return what an address answers to a form, where an account's own file names the address.

    Raises:
        ModelError: No answer, or one that is no success.
        NotSupportedError: The package for HTTP is not installed.
    """
    return _sent(url, url, form, {"Content-Type": "application/x-www-form-urlencoded"}, SECONDS)


def _sent(url: str, whole: str, content: bytes, headers: dict[str, str], seconds: float) -> bytes:
    library = _urllib3()
    try:
        reply = _pool().request("POST", whole, body=content, headers=headers, timeout=seconds)
    except library.exceptions.HTTPError as error:
        raise ModelError(message=f"model service {url} can't be reached: {error}") from error
    except ValueError:  # whose text has the header field, and so the key
        message = f"model service {url} can't be asked: its key can't stand in a header field"
        raise ModelError(message=message) from None
    if reply.status != 200 or len(reply.data) > _LARGEST_REPLY:
        text = reply.data[:300].decode(errors="replace")
        is_refused = reply.status in _REFUSED
        message = f"model service {url} answered {reply.status}: {text}"
        raise ModelError(message=message, retriable=not is_refused)
    data: bytes = reply.data
    return data


def _urllib3() -> ModuleType:
    try:
        return importlib.import_module("urllib3")
    except ImportError as error:
        message = "models over HTTP need urllib3: pip install 'aiomilvus[models]'"
        raise NotSupportedError(message=message) from error


@lru_cache(maxsize=1)
def _pool() -> Any:
    library = _urllib3()
    retries = library.Retry(
        total=_ATTEMPTS - 1,
        redirect=0,
        backoff_factor=0.2,
        status_forcelist=(429, 502, 503, 504),
        allowed_methods=None,
        raise_on_status=False,
        raise_on_redirect=False,
        respect_retry_after_header=False,
    )
    return library.PoolManager(num_pools=16, maxsize=8, retries=retries)
