"""Hosted services whose requests have a form of their own: what is sent, and how answers are read.

Azure's OpenAI, DashScope of Alibaba, Gemini, Hugging Face's router and Yandex. Keys go where each
wants them, from the address that was allowed.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from aiomilvus.engine.providers.asking import (
    Answer,
    Asked,
    Given,
    Service,
    boolean,
    model_of,
    url_of,
)
from aiomilvus.engine.providers.provider_params import direction_of, refuse

if TYPE_CHECKING:
    from aiomilvus.model.schema import Field

_AZURE_NAME = "MILVUS_AZURE_OPENAI_RESOURCE_NAME"
_AZURE_VERSION = "api-version=2024-10-21"
_DASHSCOPE = "https://dashscope.aliyuncs.com/api/v1/services/embeddings/text-embedding"
_GEMINI = "https://generativelanguage.googleapis.com/v1beta/models"
_ROUTER = "https://router.huggingface.co/hf-inference/models"
_YANDEX = "https://llm.api.cloud.yandex.net/foundationModels/v1/textEmbedding"
UNSERVED = {"zilliz": "is asked over a protocol of its vendor's own"}
"""Providers of Milvus that are not asked from here, and why."""


def _azure(given: Given, field: Field, shortened: bool) -> Asked:
    model = model_of("azure_openai", given)
    name = os.environ.get(_AZURE_NAME, "")
    base = url_of(given, f"https://{name}.openai.azure.com" if name else "")
    if not base:
        refuse(f"text embedding provider azure_openai needs a url, or {_AZURE_NAME}")
    body: dict[str, object] = {"dimensions": field.dim} if shortened else {}
    if "user" in given:
        body["user"] = str(given.pop("user"))
    return Asked(
        f"{base}/openai/deployments/{model}/embeddings",
        body,
        {},
        {},
        "input",
        lambda answer, count: _numbered(answer["data"], "index", count),
        key=("api-key", ""),
        ending=_AZURE_VERSION,
    )


def _dashscope(given: Given, field: Field, shortened: bool) -> Asked:
    model = model_of("dashscope", given)
    parameters: dict[str, object] = {"output_type": "dense"}
    if shortened:
        parameters["dimension"] = field.dim

    def make(texts: list[str], searched: bool) -> dict[str, object]:
        kind = {"text_type": "query" if searched else "document"}
        return {"model": model, "input": {"texts": texts}, "parameters": {**parameters, **kind}}

    def read(answer: Answer, count: int) -> list[list[float]]:
        return _numbered(answer["output"]["embeddings"], "text_index", count)

    return Asked(url_of(given, f"{_DASHSCOPE}/text-embedding"), {}, {}, {}, "", read, make=make)


def _gemini(given: Given, field: Field, shortened: bool) -> Asked:
    model = model_of("gemini", given)
    task = given.pop("task", None)
    size = {"outputDimensionality": field.dim} if shortened else {}

    def make(texts: list[str], searched: bool) -> dict[str, object]:
        usual = "RETRIEVAL_QUERY" if searched else "RETRIEVAL_DOCUMENT"
        asked = {"model": f"models/{model}", "taskType": str(task or usual), **size}
        return {"requests": [{**asked, "content": {"parts": [{"text": t}]}} for t in texts]}

    url = f"{url_of(given, _GEMINI)}/{model}:batchEmbedContents"
    return Asked(
        url,
        {},
        {},
        {},
        "",
        lambda answer, _: [each["values"] for each in answer["embeddings"]],
        make=make,
        key=("x-goog-api-key", ""),
    )


def _huggingface(given: Given, field: Field, shortened: bool) -> Asked:  # noqa: ARG001 - as all
    url = huggingface_url(given, "feature-extraction")
    body: dict[str, object] = {}
    for name in ("normalize", "truncate"):
        if name in given:
            body[name] = boolean(given.pop(name), name)
    if "truncation_direction" in given:
        body["truncation_direction"] = direction_of(given.pop("truncation_direction"))
    if "prompt_name" in given:
        body["prompt_name"] = str(given.pop("prompt_name"))
    return Asked(url, body, {}, {}, "inputs", lambda answer, _: answer)


def huggingface_url(given: Given, task: str) -> str:
    """Take the model, and return where Hugging Face's router serves a task of it.

    Raises:
        ParamError: There is no model, or another provider behind the router is named.
    """
    model = model_of("huggingface", given)
    behind = str(given.pop("hf_provider", "hf-inference"))
    if behind != "hf-inference":
        refuse(f"hf_provider {behind!r} should be hf-inference")
    return f"{url_of(given, _ROUTER)}/{model}/pipeline/{task}"


def _yandex(given: Given, field: Field, shortened: bool) -> Asked:  # noqa: ARG001 - as all services
    body: dict[str, object] = {"modelUri": model_of("yc", given)}

    def read(answer: Answer, _count: int) -> list[list[float]]:
        if "embeddings" not in answer:
            return [answer["embedding"]]
        several: list[list[float]] = answer["embeddings"]
        return several

    url = url_of(given, _YANDEX)
    return Asked(url, body, {}, {}, "texts", read, key=("Authorization", "Api-Key "))


def _numbered(listed: Answer, name: str, count: int) -> list[list[float]]:
    found = {int(each[name]): each["embedding"] for each in listed}
    return [found[at] for at in range(count)]


HOSTED = {
    "azure_openai": Service(_azure),
    "dashscope": Service(_dashscope, batch=25),
    "gemini": Service(_gemini, batch=32),
    "huggingface": Service(_huggingface),
    "yc": Service(_yandex),
}
