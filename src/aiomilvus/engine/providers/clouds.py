"""Models in the clouds of Amazon and Google, whose requests are signed or carry tokens that end.

Both are asked in a region, at an address that follows from it. The key of the address, as
`allow_model_endpoint` was given it, is that of an account.
"""

from __future__ import annotations

import re
from datetime import datetime, timezone
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import quote

from aiomilvus.engine.providers.asking import (
    Answer,
    Asked,
    Given,
    Service,
    boolean,
    model_of,
    url_of,
)
from aiomilvus.engine.providers.aws_signature import credentials_of, signed
from aiomilvus.engine.providers.google_tokens import token_of
from aiomilvus.engine.providers.http import post_form
from aiomilvus.engine.providers.provider_params import refuse
from aiomilvus.errors import NotSupportedError

if TYPE_CHECKING:
    from aiomilvus.model.schema import Field

_PLACE = re.compile(r"[a-z0-9-]+")
_PROJECT = re.compile(r"[A-Za-z0-9:._-]+")
_JSON = {"content-type": "application/json"}
_TASKS = {
    "DOC_RETRIEVAL": ("RETRIEVAL_DOCUMENT", "RETRIEVAL_QUERY"),
    "CODE_RETRIEVAL": ("RETRIEVAL_DOCUMENT", "CODE_RETRIEVAL_QUERY"),
    "STS": ("SEMANTIC_SIMILARITY", "SEMANTIC_SIMILARITY"),
}
"""What Google calls Milvus' tasks, of texts that are stored and that are searched for."""


def _bedrock(given: Given, field: Field, shortened: bool) -> Asked:
    model = quote(model_of("bedrock", given), safe="-_.~")
    region = _named(_PLACE, "bedrock", "region", given.pop("region", ""))
    base = url_of(given, f"https://bedrock-runtime.{region}.amazonaws.com")
    body: dict[str, object] = {"dimensions": field.dim} if shortened else {}
    if "normalize" in given:
        body["normalize"] = boolean(given.pop("normalize"), "normalize")
    return Asked(
        f"{base}/model/{model}/invoke",
        body,
        {},
        {},
        "",
        lambda answer, _count: [answer["embedding"]],
        make=lambda texts, _searched: {"inputText": texts[0], **body},
        sign=partial(_sign, region),
    )


def _sign(region: str, url: str, body: bytes, key: str) -> dict[str, str]:
    now = datetime.now(timezone.utc)
    return signed("POST", url, _JSON, body, credentials_of(key), region, "bedrock", now)


def _vertexai(given: Given, field: Field, shortened: bool) -> Asked:
    model = quote(model_of("vertexai", given), safe="-_.~")
    if model.startswith("gemini-embedding-2"):
        message = f"text embedding provider vertexai can't ask {model}; the provider gemini can"
        raise NotSupportedError(message=message)
    place = _named(_PLACE, "vertexai", "location", given.pop("location", "us-central1"))
    project = _named(_PROJECT, "vertexai", "projectid", given.pop("projectid", ""))
    task = str(given.pop("task", "DOC_RETRIEVAL"))
    if task not in _TASKS:
        refuse(f"text embedding param task: {task!r} should be one of {', '.join(_TASKS)}")
    base = url_of(given, f"https://{place}-aiplatform.googleapis.com/v1")
    path = f"projects/{project}/locations/{place}/publishers/google/models/{model}:predict"
    size = {"parameters": {"outputDimensionality": field.dim}} if shortened else {}

    def make(texts: list[str], searched: bool) -> dict[str, object]:
        kind = _TASKS[task][searched]
        return {"instances": [{"task_type": kind, "content": text} for text in texts], **size}

    def read(answer: Answer, _count: int) -> list[list[float]]:
        return [each["embeddings"]["values"] for each in answer["predictions"]]

    return Asked(f"{base}/{path}", {}, {}, {}, "", read, make=make, sign=_bear)


def _bear(_url: str, _body: bytes, key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token_of(key, post_form)}"} if key else {}


def _named(pattern: re.Pattern[str], provider: str, name: str, value: object) -> str:
    """Return a parameter that becomes part of an address.

    Raises:
        ParamError: It is missing, or can't be part of one.
    """
    text = str(value)
    if not text:
        refuse(f"text embedding provider {provider} needs a {name}")
    if not pattern.fullmatch(text):
        refuse(f"text embedding param {name}: {text!r} is no {name}")
    return text


CLOUDS = {"bedrock": Service(_bedrock, batch=1), "vertexai": Service(_vertexai)}
