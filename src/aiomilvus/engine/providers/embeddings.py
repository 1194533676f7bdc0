"""Text embedding: a registered Python function, an OpenAI-compatible service, or TEI's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from aiomilvus.engine.providers.http import post
from aiomilvus.engine.providers.registry import embedder_named, embedder_names
from aiomilvus.errors import MilvusException, ModelError, ParamError
from aiomilvus.model.columns import VectorColumn
from aiomilvus.model.types import DataType

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aiomilvus.engine.providers.registry import TextEmbedder
    from aiomilvus.model.schema import Field

_BATCH = {"tei": 32}
_USUAL_BATCH = 128
_OPENAI = "https://api.openai.com/v1/embeddings"
_SERVICES = ("openai", "tei")


class Embedder:
    """Embeds texts for one field, in batches, and checks what comes back."""

    def __init__(self, name: str, field: Field, batch: int, *embedders: TextEmbedder) -> None:
        """Put it together.

        Args:
            name: Of the provider, for messages.
            field: The vector field: FLOAT_VECTOR or INT8_VECTOR.
            batch: Most texts at a time.
            *embedders: For texts that are stored, and for queries when that is another.
        """
        self._name = name
        self._field = field
        self._batch = batch
        self._stored, self._query = embedders[0], embedders[-1]

    def embed(self, texts: Sequence[str], *, query: bool = False) -> VectorColumn:
        """Return the vectors of the texts.

        Raises:
            ParamError: A text is empty.
            ModelError: The model failed, or did not answer vectors of the field's kind.
        """
        if not all(texts):
            _refuse(
                "There is an empty string in the input data, TextEmbedding function does not "
                "support empty text"
            )
        whole = self._field.dtype is DataType.INT8_VECTOR
        found = np.empty((len(texts), self._field.dim), np.int8 if whole else np.float32)
        for at in range(0, len(texts), self._batch):
            some = list(texts[at : at + self._batch])
            found[at : at + len(some)] = self._asked(some, query=query, whole=whole)
        return VectorColumn(found)

    def _asked(self, texts: list[str], *, query: bool, whole: bool) -> Any:
        embedder = self._query if query else self._stored
        try:
            vectors = np.asarray(embedder(texts), np.float64)
        except MilvusException:
            raise
        except Exception as error:
            message = f"embedding {self._name} failed: {type(error).__name__}: {error}"
            raise ModelError(message=message) from error
        wanted = (len(texts), self._field.dim)
        if vectors.shape != wanted:
            raise ModelError(
                message=f"The required embedding dim for field {self._field.name} is [{wanted[1]}],"
                f" but embedding {self._name} answered an array of shape {vectors.shape} for "
                f"{wanted[0]} texts"
            )
        inside = np.isfinite(vectors).all() and (not whole or (np.abs(vectors) <= 127).all())
        if not inside:
            message = f"embedding {self._name} answered numbers that field {self._field.name} can't"
            raise ModelError(message=f"{message} hold")
        return np.rint(vectors) if whole else vectors


def embedder_of(params: Mapping[str, Any], field: Field) -> Embedder:
    """Return the embedder that a function's parameters name.

    Args:
        params: ``provider``, and the provider's own.
        field: The vector field it fills.

    Raises:
        ParamError: There is no such provider, or a parameter is none of its.
    """
    given = {str(key).lower(): value for key, value in params.items()}
    name = str(given.pop("provider", "")).strip().lower()
    batch = _whole(given.pop("max_client_batch_size", _BATCH.get(name, _USUAL_BATCH)), "batch")
    dim = given.pop("dim", None)
    if dim is not None and _whole(dim, "dim") != field.dim:
        _refuse(
            f"the dim [{dim}] of the TextEmbedding function should equal that of field "
            f"{field.name}, [{field.dim}]"
        )
    registered = embedder_named(name)
    if registered is not None:
        _nothing_left(name, given)
        return Embedder(name, field, batch, registered)
    if name == "openai":
        return Embedder(name, field, batch, _openai(given, field, dim is not None))
    if name == "tei":
        url, body, prompts = _tei(given)
        return Embedder(name, field, batch, *(_tei_caller(url, body, each) for each in prompts))
    known = [*_SERVICES, *embedder_names()]
    message = f"unsupported text embedding provider: {name!r}, should be one of {known}"
    raise ParamError(message=f"{message}: invalid parameter")


def _openai(given: dict[str, Any], field: Field, shortened: bool) -> TextEmbedder:
    model = str(given.pop("model_name", given.pop("model", "")))
    if not model:
        _refuse("text embedding provider openai needs a model_name")
    url = str(given.pop("url", _OPENAI)).rstrip("/")
    body: dict[str, Any] = {"model": model, "encoding_format": "float"}
    if shortened:
        body["dimensions"] = field.dim
    if "user" in given:
        body["user"] = str(given.pop("user"))
    _nothing_left("openai", given)

    def ask(texts: Sequence[str], /) -> list[list[float]]:
        answer = post(url, {**body, "input": list(texts)})
        try:
            found = {int(each["index"]): each["embedding"] for each in answer["data"]}
            return [found[at] for at in range(len(texts))]
        except (KeyError, TypeError, ValueError):
            raise ModelError(
                message=f"model service {url} answered no embedding for each of {len(texts)} texts"
            ) from None

    return ask


def _tei(given: dict[str, Any]) -> tuple[str, dict[str, Any], tuple[str, str]]:
    address = str(given.pop("endpoint", "")).rstrip("/")
    if not address:
        _refuse("text embedding provider TEI needs an endpoint")
    body: dict[str, Any] = {}
    if "truncate" in given:
        body["truncate"] = str(given.pop("truncate")).lower() == "true"
    if "truncation_direction" in given:
        body["truncation_direction"] = str(given.pop("truncation_direction"))
    prompts = (str(given.pop("ingestion_prompt", "")), str(given.pop("search_prompt", "")))
    _nothing_left("TEI", given)
    return address + "/embed", body, prompts


def _tei_caller(url: str, body: dict[str, Any], prompt: str) -> TextEmbedder:
    def ask(texts: Sequence[str], /) -> list[list[float]]:
        answer: list[list[float]] = post(url, {**body, "inputs": [prompt + text for text in texts]})
        return answer

    return ask


def _whole(value: Any, name: str) -> int:
    try:
        found = int(value)
    except (TypeError, ValueError):
        found = 0
    if found < 1:
        _refuse(f"text embedding param {name} should be a whole number above 0, got {value!r}")
    return found


def _nothing_left(name: str, given: Mapping[str, Any]) -> None:
    if "api_key" in given or "credential" in given:
        _refuse("keys are given to allow_model_endpoint() where the engine runs, not to functions")
    if given:
        _refuse(f"text embedding provider {name} has no param {min(given)!r}")


def _refuse(message: str) -> NoReturn:
    raise ParamError(message=f"{message}: invalid parameter")
