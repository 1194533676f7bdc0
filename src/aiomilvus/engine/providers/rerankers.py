"""Model rerankers: a registered Python function, or one of the services that Milvus names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from aiomilvus.engine.providers.hosted import UNSERVED, huggingface_url
from aiomilvus.engine.providers.http import SECONDS, post
from aiomilvus.engine.providers.provider_params import (
    direction_of,
    nothing_left,
    refuse,
    seconds_of,
)
from aiomilvus.engine.providers.registry import reranker_named, reranker_names
from aiomilvus.errors import MilvusException, ModelError, NotSupportedError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from aiomilvus.engine.providers.registry import TextReranker

_BATCH = 32
_MOST = 4096


class _Service(NamedTuple):
    """How a service is asked.

    Attributes:
        path: Added to the endpoint, or "" when the address is whole.
        url: Where it is when no address is given.
        texts: Name of the list of texts.
        scores: Where in the answer the list is ("" for the answer itself), and a score's name.
        options: Other parameters that are passed on, and their types.
        needs_model: Whether ``model_name`` has to be given.
        under: Name of the object that query and texts stand in, "" for the body itself.
    """

    path: str
    url: str
    texts: str
    scores: tuple[str, str]
    options: dict[str, type[Any]]
    needs_model: bool
    under: str = ""


_RELEVANCE = ("results", "relevance_score")
_TEI_OPTIONS: dict[str, type[Any]] = {"truncate": bool, "truncation_direction": str}
_SERVICES = {
    "tei": _Service("/rerank", "", "texts", ("", "score"), _TEI_OPTIONS, needs_model=False),
    "vllm": _Service(
        "/rerank", "", "documents", _RELEVANCE, {"truncate_prompt_tokens": int}, needs_model=False
    ),
    "cohere": _Service(
        "",
        "https://api.cohere.com/v2/rerank",
        "documents",
        _RELEVANCE,
        {"max_tokens_per_doc": int},
        needs_model=True,
    ),
    "voyageai": _Service(
        "",
        "https://api.voyageai.com/v1/rerank",
        "documents",
        ("data", "relevance_score"),
        {"truncation": bool},
        needs_model=True,
    ),
    "siliconflow": _Service(
        "",
        "https://api.siliconflow.cn/v1/rerank",
        "documents",
        _RELEVANCE,
        {"max_chunks_per_doc": int, "overlap_tokens": int},
        needs_model=True,
    ),
    "ali": _Service(
        "",
        "https://dashscope.aliyuncs.com/api/v1/services/rerank/text-rerank/text-rerank",
        "documents",
        ("output.results", "relevance_score"),
        {},
        needs_model=True,
        under="input",
    ),
}
_HUGGINGFACE = "huggingface"
_FEW = 32


class Reranker:
    """Scores texts in batches, and checks what comes back."""

    def __init__(self, name: str, reranker: TextReranker, batch: int) -> None:
        self._name = name
        self._reranker = reranker
        self._batch = batch

    def scores(self, query: str, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one score per text, float32.

        Raises:
            ModelError: The model failed, or did not answer one finite number per text.
        """
        found = []
        for at in range(0, len(texts), self._batch):
            some = list(texts[at : at + self._batch])
            try:
                scores = np.asarray(self._reranker(query, some), np.float32)
            except (MilvusException, KeyboardInterrupt):
                raise
            except BaseException as error:  # as for embeddings
                message = f"reranker {self._name} failed: {type(error).__name__}: {error}"
                raise ModelError(message=message) from error
            if scores.shape != (len(some),) or not np.isfinite(scores).all():
                raise ModelError(
                    message=f"reranker {self._name} answered no finite score for each of "
                    f"{len(some)} texts"
                )
            found.append(scores)
        return np.concatenate(found) if found else np.empty(0, np.float32)


def reranker_of(params: Mapping[str, Any]) -> Reranker:
    """Return the reranker that a function's parameters name.

    Raises:
        ParamError: There is no such provider, or a parameter is none of its.
        NotSupportedError: Milvus has it, and it can't be asked from here.
    """
    given = {str(key).lower(): value for key, value in params.items()}
    name = str(given.pop("provider", "")).strip().lower()
    batch = _batch(given.pop("max_client_batch_size", _BATCH))
    registered = reranker_named(name)
    if registered is not None:
        nothing_left(f"rerank provider {name}", given)
        return Reranker(name, registered, batch)
    if name == _HUGGINGFACE:
        return Reranker(name, _by_similarity(given), min(batch, _FEW))
    if name in UNSERVED:
        raise NotSupportedError(
            message=f"rerank provider {name} {UNSERVED[name]}, which this engine can't do: "
            "register_reranker() lets a function of your own ask it"
        )
    service = _SERVICES.get(name)
    if service is None:
        known = [*_SERVICES, _HUGGINGFACE, *reranker_names()]
        refuse(f"unsupported rerank provider: {name!r}, should be one of {known}")
    return Reranker(name, _caller(name, service, given), batch)


def _caller(name: str, service: _Service, given: dict[str, Any]) -> TextReranker:
    seconds = seconds_of(given, SECONDS)
    address = str(given.pop("endpoint", "") or given.pop("url", "") or service.url).rstrip("/")
    if not address:
        refuse(f"rerank provider {name} needs an endpoint")
    url = address if not service.path or address.endswith(service.path) else address + service.path
    body: dict[str, Any] = {}
    model = given.pop("model_name", given.pop("model", ""))
    if model:
        body["model"] = str(model)
    elif service.needs_model:
        refuse(f"rerank provider {name} needs a model_name")
    for option, kind in service.options.items():
        if option in given:
            body[option] = _converted(option, given.pop(option), kind)
    nothing_left(f"rerank provider {name}", given)
    place, score = service.scores

    def ask(query: str, texts: Sequence[str], /) -> list[float]:
        asked: dict[str, object] = {"query": query, service.texts: list(texts)}
        sent = {**body, **({service.under: asked} if service.under else asked)}
        listed = post(url, sent, seconds)
        for part in place.split(".") if place else ():
            listed = listed.get(part) if isinstance(listed, dict) else listed
        return _in_order(url, listed, score, len(texts))

    return ask


def _by_similarity(given: dict[str, Any]) -> TextReranker:
    """Return what asks Hugging Face's router how similar sentences are to the query."""
    seconds = seconds_of(given, SECONDS)
    url = huggingface_url(given, "sentence-similarity")
    nothing_left(f"rerank provider {_HUGGINGFACE}", given)

    def ask(query: str, texts: Sequence[str], /) -> list[float]:
        answer = post(
            url, {"inputs": {"source_sentence": query, "sentences": list(texts)}}, seconds
        )
        try:
            return [float(answer[at]) for at in range(len(texts))]
        except (KeyError, TypeError, ValueError, IndexError):
            message = f"model service {url} answered no score for each of {len(texts)} texts"
            raise ModelError(message=message) from None

    return ask


def _in_order(url: str, listed: Any, score: str, count: int) -> list[float]:
    """Return the scores of a list of ``{"index": …, score: …}`` in the order of the texts."""
    try:
        scores = {int(each["index"]): float(each[score]) for each in listed}
        return [scores[at] for at in range(count)]
    except (KeyError, TypeError, ValueError, IndexError):
        raise ModelError(
            message=f"model service {url} answered no index and {score} for each of {count} texts"
        ) from None


def _converted(name: str, value: Any, kind: type[Any]) -> Any:
    if name == "truncation_direction":
        return direction_of(value)
    if kind is bool:
        text = str(value).lower()
        if text not in ("true", "false"):
            refuse(f"rerank param {name}: {value} is not bool type")
        return text == "true"
    if kind is int:
        try:
            return int(value)
        except (TypeError, ValueError):
            refuse(f"rerank param {name}: {value} is not a whole number")
    return str(value)


def _batch(value: Any) -> int:
    try:
        batch = int(value)
    except (TypeError, ValueError):
        batch = 0
    if not 0 < batch <= _MOST:
        refuse(f"max_client_batch_size should be in range [1, {_MOST}], got {value!r}")
    return batch
