"""How a service that embeds texts is asked, and the parameters that several have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from aiomilvus.engine.providers.http import BEARER, Sign
from aiomilvus.engine.providers.provider_params import refuse

if TYPE_CHECKING:
    from collections.abc import Callable

    from aiomilvus.model.schema import Field

Answer: TypeAlias = Any
"""JSON of a service: read on trust, what does not fit is told as the service's fault."""
Given: TypeAlias = "dict[str, object]"


class Asked(NamedTuple):
    """How a service is asked for one field.

    Attributes:
        url: Where.
        body: What is sent beside the texts.
        stored, query: What is sent, too, with texts that are stored or searched for.
        place: Name of the list of texts.
        read: Returns the vectors of an answer, one for each text.
        prompts: What stands before each text that is stored or searched for.
        make: Makes what is sent of the texts, and of whether they are searched for, where the
            parts above do not say it.
        key: Header that carries the key, and what stands before it.
        ending: What is asked behind the address: a query string.
        sign: Makes header fields of the address, what is sent and the key, in place of `key`.
    """

    url: str
    body: dict[str, object]
    stored: dict[str, object]
    query: dict[str, object]
    place: str
    read: Callable[[Answer, int], list[list[float]]]
    prompts: tuple[str, str] = ("", "")
    make: Callable[[list[str], bool], dict[str, object]] | None = None
    key: tuple[str, str] = BEARER
    ending: str = ""
    sign: Sign | None = None


class Service(NamedTuple):
    """A service that functions may name.

    Attributes:
        ask: Takes what parameters it knows from those given, for a field whose dimension the
            function gave or not.
        batch: Most texts at a time.
        integers: Whether it makes INT8 vectors.
    """

    ask: Callable[[Given, Field, bool], Asked]
    batch: int = 128
    integers: bool = False


def model_of(name: str, given: Given) -> str:
    """Take the model's name.

    Raises:
        ParamError: There is none.
    """
    model = str(given.pop("model_name", "") or given.pop("model", ""))
    if not model:
        refuse(f"text embedding provider {name} needs a model_name")
    return model


def url_of(given: Given, usual: str) -> str:
    """Take the address, the usual one where none is given."""
    return str(given.pop("url", "") or usual).rstrip("/")


def endpoint_of(name: str, given: Given, path: str) -> str:
    """Take the address that a path is added to.

    Raises:
        ParamError: There is none.
    """
    address = str(given.pop("endpoint", "")).rstrip("/")
    if not address:
        refuse(f"text embedding provider {name} needs an endpoint")
    return address if address.endswith(path) else address + path


def boolean(value: object, name: str) -> bool:
    """Return a parameter as a truth value.

    Raises:
        ParamError: It is none.
    """
    text = str(value).lower()
    if text not in ("true", "false"):
        refuse(f"text embedding param {name}: {value!r} should be true or false")
    return text == "true"


def whole(value: object, name: str) -> int:
    """Return a parameter as a whole number above 0.

    Raises:
        ParamError: It is none.
    """
    try:
        found = int(str(value))
    except (TypeError, ValueError):
        found = 0
    if found < 1:
        refuse(f"text embedding param {name} should be a whole number above 0, got {value!r}")
    return found
