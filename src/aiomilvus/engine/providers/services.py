"""Services that embed texts over HTTP: the words in which each is asked, and its answer read.

They are those of the services' published interfaces: OpenAI's `/v1/embeddings`, which vLLM and
SiliconFlow speak, too; Cohere's `/v2/embed`; Voyage's `/v1/embeddings`; and `/embed` of Hugging
Face's Text Embeddings Inference. Those with bodies of their own form are in `hosted`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiomilvus.engine.providers.asking import (
    Answer,
    Asked,
    Given,
    Service,
    boolean,
    endpoint_of,
    model_of,
    url_of,
    whole,
)
from aiomilvus.engine.providers.clouds import CLOUDS
from aiomilvus.engine.providers.hosted import HOSTED
from aiomilvus.engine.providers.http import SECONDS, post
from aiomilvus.engine.providers.provider_params import (
    direction_of,
    nothing_left,
    refuse,
    seconds_of,
)
from aiomilvus.engine.providers.registry import checked_url
from aiomilvus.errors import ModelError
from aiomilvus.model.types import DataType

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aiomilvus.engine.providers.registry import TextEmbedder
    from aiomilvus.model.schema import Field

_TRUNCATIONS = ("NONE", "START", "END")


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
    seconds = seconds_of(given, SECONDS)
    asked = service.ask(given, field, shortened)
    nothing_left(f"text embedding provider {name}", given)
    checked_url(asked.url)
    return _caller(asked, seconds, searched=False), _caller(asked, seconds, searched=True)


def _caller(asked: Asked, seconds: float, *, searched: bool) -> TextEmbedder:
    more = asked.query if searched else asked.stored
    prompt = asked.prompts[searched]

    def embed(texts: Sequence[str], /) -> list[list[float]]:
        whole_texts = [prompt + text for text in texts]
        if asked.make is None:
            body = {**asked.body, **more, asked.place: whole_texts}
        else:
            body = asked.make(whole_texts, searched)
        answer = post(asked.url, body, seconds, key=asked.key, ending=asked.ending, sign=asked.sign)
        try:
            vectors = asked.read(answer, len(texts))
            return [list(map(float, vectors[at])) for at in range(len(texts))]
        except (KeyError, TypeError, ValueError, IndexError):
            raise ModelError(
                message=f"model service {asked.url} answered no embedding for each of "
                f"{len(texts)} texts"
            ) from None

    return embed


def _openai(given: Given, field: Field, shortened: bool) -> Asked:
    body: dict[str, object] = {"model": model_of("openai", given), "encoding_format": "float"}
    if "user" in given:
        body["user"] = str(given.pop("user"))
    url = url_of(given, "https://api.openai.com/v1/embeddings")
    return _like_openai(url, body, field, "dimensions" if shortened else "")


def _vllm(given: Given, field: Field, shortened: bool) -> Asked:
    body: dict[str, object] = {"encoding_format": "float"}
    if given.get("model_name") or given.get("model"):
        body["model"] = model_of("vllm", given)
    if "truncate_prompt_tokens" in given:
        value = given.pop("truncate_prompt_tokens")
        body["truncate_prompt_tokens"] = whole(value, "truncate_prompt_tokens")
    url = endpoint_of("vllm", given, "/v1/embeddings")
    return _like_openai(url, body, field, "dimensions" if shortened else "")


def _siliconflow(given: Given, field: Field, shortened: bool) -> Asked:
    body: dict[str, object] = {"model": model_of("siliconflow", given), "encoding_format": "float"}
    url = url_of(given, "https://api.siliconflow.cn/v1/embeddings")
    return _like_openai(url, body, field, "dimensions" if shortened else "")


def _voyageai(given: Given, field: Field, shortened: bool) -> Asked:
    kind = "int8" if field.dtype is DataType.INT8_VECTOR else "float"
    body: dict[str, object] = {"model": model_of("voyageai", given), "output_dtype": kind}
    if "truncation" in given:
        body["truncation"] = boolean(given.pop("truncation"), "truncation")
    url = url_of(given, "https://api.voyageai.com/v1/embeddings")
    asked = _like_openai(url, body, field, "output_dimension" if shortened else "")
    return asked._replace(stored={"input_type": "document"}, query={"input_type": "query"})


def _cohere(given: Given, field: Field, shortened: bool) -> Asked:
    kind = "int8" if field.dtype is DataType.INT8_VECTOR else "float"
    truncate = str(given.pop("truncate", "END")).upper()
    if truncate not in _TRUNCATIONS:
        refuse(f"text embedding param truncate: {truncate!r} should be one of {_TRUNCATIONS}")
    body: dict[str, object] = {
        "model": model_of("cohere", given),
        "embedding_types": [kind],
        "truncate": truncate,
    }
    if shortened:
        body["output_dimension"] = field.dim
    return Asked(
        url_of(given, "https://api.cohere.com/v2/embed"),
        body,
        {"input_type": "search_document"},
        {"input_type": "search_query"},
        "texts",
        lambda answer, _count: answer["embeddings"][kind],
    )


def _tei(given: Given, field: Field, shortened: bool) -> Asked:  # noqa: ARG001 - as all services
    url = endpoint_of("TEI", given, "/embed")
    body: dict[str, object] = {}
    if "truncate" in given:
        body["truncate"] = boolean(given.pop("truncate"), "truncate")
    if "truncation_direction" in given:
        body["truncation_direction"] = direction_of(given.pop("truncation_direction"))
    prompts = (str(given.pop("ingestion_prompt", "")), str(given.pop("search_prompt", "")))
    return Asked(url, body, {}, {}, "inputs", lambda answer, _count: answer, prompts)


SERVICES = {
    "openai": Service(_openai),
    "tei": Service(_tei, batch=32),
    "vllm": Service(_vllm),
    "cohere": Service(_cohere, batch=96, integers=True),
    "voyageai": Service(_voyageai, integers=True),
    "siliconflow": Service(_siliconflow, batch=32),
    **HOSTED,
    **CLOUDS,
}


def _like_openai(url: str, body: dict[str, object], field: Field, dimension: str) -> Asked:
    """Return how a service is asked that answers a list of ``{"index": …, "embedding": …}``."""
    if dimension:
        body[dimension] = field.dim
    return Asked(url, body, {}, {}, "input", _in_order)


def _in_order(answer: Answer, count: int) -> list[list[float]]:
    found = {int(each["index"]): each["embedding"] for each in answer["data"]}
    return [found[at] for at in range(count)]
