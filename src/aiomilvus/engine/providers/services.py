"""Services that embed texts over HTTP: the words in which each is asked, and its answer read.

They are those of the services' published interfaces: OpenAI's `/v1/embeddings`, which vLLM and
SiliconFlow speak, too; Cohere's `/v2/embed`; Voyage's `/v1/embeddings`; and `/embed` of Hugging
Face's Text Embeddings Inference.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from aiomilvus.engine.providers.http import post
from aiomilvus.engine.providers.provider_params import nothing_left, refuse
from aiomilvus.errors import ModelError
from aiomilvus.model.types import DataType

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from aiomilvus.engine.providers.registry import TextEmbedder
    from aiomilvus.model.schema import Field

    Given = dict[str, Any]

_TRUNCATIONS = ("NONE", "START", "END")


class _Asked(NamedTuple):
    """How a service is asked for one field.

    Attributes:
        url: Where.
        body: What is sent beside the texts.
        stored, query: What is sent, too, with texts that are stored or searched for.
        place: Name of the list of texts.
        read: Returns the vectors of an answer, one for each text.
        prompts: What stands before each text that is stored or searched for.
    """

    url: str
    body: dict[str, Any]
    stored: dict[str, Any]
    query: dict[str, Any]
    place: str
    read: Callable[[Any, int], list[list[float]]]
    prompts: tuple[str, str] = ("", "")


class Service(NamedTuple):
    """A service that functions may name.

    Attributes:
        ask: Takes what parameters it knows from those given, for a field whose dimension the
            function gave or not.
        batch: Most texts at a time.
        integers: Whether it makes INT8 vectors.
    """

    ask: Callable[[Given, Field, bool], _Asked]
    batch: int = 128
    integers: bool = False


def embedders_of(
    name: str, given: Given, field: Field, *, shortened: bool
) -> tuple[TextEmbedder, TextEmbedder]:
    """Return what embeds texts that are stored, and what embeds queries.

    Args:
        name: Of the service, one of `SERVICES`.
        given: Its parameters.
        field: The vector field it fills.
        shortened: Whether the function gave the dimension, which services then are told.

    Raises:
        ParamError: A parameter is missing, wrong, or none of the service's.
    """
    service = SERVICES[name]
    if field.dtype is DataType.INT8_VECTOR and not service.integers:
        refuse(f"text embedding provider {name} makes float vectors, field {field.name} is INT8")
    asked = service.ask(given, field, shortened)
    nothing_left(f"text embedding provider {name}", given)
    stored, query = asked.prompts
    return _caller(asked, asked.stored, stored), _caller(asked, asked.query, query)


def _caller(asked: _Asked, more: Mapping[str, Any], prompt: str) -> TextEmbedder:
    body = {**asked.body, **more}

    def embed(texts: Sequence[str], /) -> list[list[float]]:
        answer = post(asked.url, {**body, asked.place: [prompt + text for text in texts]})
        try:
            vectors = asked.read(answer, len(texts))
            return [list(map(float, vectors[at])) for at in range(len(texts))]
        except (KeyError, TypeError, ValueError, IndexError):
            raise ModelError(
                message=f"model service {asked.url} answered no embedding for each of "
                f"{len(texts)} texts"
            ) from None

    return embed


def _openai(given: Given, field: Field, shortened: bool) -> _Asked:
    body = {"model": _model("openai", given), "encoding_format": "float"}
    if "user" in given:
        body["user"] = str(given.pop("user"))
    url = _url(given, "https://api.openai.com/v1/embeddings")
    return _like_openai(url, body, field, "dimensions" if shortened else "")


def _vllm(given: Given, field: Field, shortened: bool) -> _Asked:
    body: dict[str, Any] = {"encoding_format": "float"}
    if given.get("model_name") or given.get("model"):
        body["model"] = _model("vllm", given)
    if "truncate_prompt_tokens" in given:
        value = given.pop("truncate_prompt_tokens")
        body["truncate_prompt_tokens"] = whole(value, "truncate_prompt_tokens")
    url = _endpoint("vllm", given, "/v1/embeddings")
    return _like_openai(url, body, field, "dimensions" if shortened else "")


def _siliconflow(given: Given, field: Field, shortened: bool) -> _Asked:
    body = {"model": _model("siliconflow", given), "encoding_format": "float"}
    url = _url(given, "https://api.siliconflow.cn/v1/embeddings")
    return _like_openai(url, body, field, "dimensions" if shortened else "")


def _voyageai(given: Given, field: Field, shortened: bool) -> _Asked:
    kind = "int8" if field.dtype is DataType.INT8_VECTOR else "float"
    body: dict[str, Any] = {"model": _model("voyageai", given), "output_dtype": kind}
    if "truncation" in given:
        body["truncation"] = _boolean(given.pop("truncation"), "truncation")
    url = _url(given, "https://api.voyageai.com/v1/embeddings")
    asked = _like_openai(url, body, field, "output_dimension" if shortened else "")
    return asked._replace(stored={"input_type": "document"}, query={"input_type": "query"})


def _cohere(given: Given, field: Field, shortened: bool) -> _Asked:
    kind = "int8" if field.dtype is DataType.INT8_VECTOR else "float"
    truncate = str(given.pop("truncate", "END")).upper()
    if truncate not in _TRUNCATIONS:
        refuse(f"text embedding param truncate: {truncate!r} should be one of {_TRUNCATIONS}")
    body: dict[str, Any] = {
        "model": _model("cohere", given),
        "embedding_types": [kind],
        "truncate": truncate,
    }
    if shortened:
        body["output_dimension"] = field.dim
    return _Asked(
        _url(given, "https://api.cohere.com/v2/embed"),
        body,
        {"input_type": "search_document"},
        {"input_type": "search_query"},
        "texts",
        lambda answer, _count: answer["embeddings"][kind],
    )


def _tei(given: Given, field: Field, shortened: bool) -> _Asked:  # noqa: ARG001 - as all services
    url = _endpoint("TEI", given, "/embed")
    body: dict[str, Any] = {}
    if "truncate" in given:
        body["truncate"] = _boolean(given.pop("truncate"), "truncate")
    if "truncation_direction" in given:
        body["truncation_direction"] = str(given.pop("truncation_direction"))
    prompts = (str(given.pop("ingestion_prompt", "")), str(given.pop("search_prompt", "")))
    return _Asked(url, body, {}, {}, "inputs", lambda answer, _count: answer, prompts)


SERVICES = {
    "openai": Service(_openai),
    "tei": Service(_tei, batch=32),
    "vllm": Service(_vllm),
    "cohere": Service(_cohere, batch=96, integers=True),
    "voyageai": Service(_voyageai, integers=True),
    "siliconflow": Service(_siliconflow, batch=32),
}


def _like_openai(url: str, body: dict[str, Any], field: Field, dimension: str) -> _Asked:
    """Return how a service is asked that answers a list of ``{"index": …, "embedding": …}``."""
    if dimension:
        body[dimension] = field.dim
    return _Asked(url, body, {}, {}, "input", _in_order)


def _in_order(answer: Any, count: int) -> list[list[float]]:
    found = {int(each["index"]): each["embedding"] for each in answer["data"]}
    return [found[at] for at in range(count)]


def _model(name: str, given: Given) -> str:
    model = str(given.pop("model_name", "") or given.pop("model", ""))
    if not model:
        refuse(f"text embedding provider {name} needs a model_name")
    return model


def _url(given: Given, usual: str) -> str:
    return str(given.pop("url", "") or usual).rstrip("/")


def _endpoint(name: str, given: Given, path: str) -> str:
    address = str(given.pop("endpoint", "")).rstrip("/")
    if not address:
        refuse(f"text embedding provider {name} needs an endpoint")
    return address if address.endswith(path) else address + path


def _boolean(value: Any, name: str) -> bool:
    text = str(value).lower()
    if text not in ("true", "false"):
        refuse(f"text embedding param {name}: {value!r} should be true or false")
    return text == "true"


def whole(value: Any, name: str) -> int:
    """Return a parameter as a whole number above 0.

    Raises:
        ParamError: It is none.
    """
    try:
        found = int(value)
    except (TypeError, ValueError):
        found = 0
    if found < 1:
        refuse(f"text embedding param {name} should be a whole number above 0, got {value!r}")
    return found
