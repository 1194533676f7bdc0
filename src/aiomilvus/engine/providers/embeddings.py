"""Text embedding: a registered Python function, or a service over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from aiomilvus.engine.providers.asking import whole
from aiomilvus.engine.providers.hosted import UNSERVED
from aiomilvus.engine.providers.provider_params import nothing_left, refuse
from aiomilvus.engine.providers.registry import embedder_named, embedder_names
from aiomilvus.engine.providers.services import SERVICES, embedders_of
from aiomilvus.errors import MilvusException, ModelError, NotSupportedError, ParamError
from aiomilvus.model.columns import VectorColumn
from aiomilvus.model.types import DataType

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aiomilvus.engine.providers.registry import TextEmbedder
    from aiomilvus.model.schema import Field

_BATCH = 128


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
            refuse(
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
        except (MilvusException, KeyboardInterrupt):
            raise
        except BaseException as error:  # a model may not end the process, or the caller's task
            message = f"embedding {self._name} failed: {type(error).__name__}: {error}"
            raise ModelError(message=message) from error
        wanted = (len(texts), self._field.dim)
        if vectors.shape != wanted:
            raise ModelError(
                message=f"The required embedding dim for field {self._field.name} is [{wanted[1]}],"
                f" but embedding {self._name} answered an array of shape {vectors.shape} for "
                f"{wanted[0]} texts"
            )
        inside = np.isfinite(vectors).all() and (
            not whole or ((vectors >= -128) & (vectors <= 127)).all()
        )
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
        NotSupportedError: Milvus has it, and it can't be asked from here.
    """
    given = {str(key).lower(): value for key, value in params.items()}
    name = str(given.pop("provider", "")).strip().lower()
    service = SERVICES.get(name)
    usual = _BATCH if service is None else service.batch
    batch = whole(given.pop("max_client_batch_size", usual), "max_client_batch_size")
    dim = given.pop("dim", None)
    if dim is not None and whole(dim, "dim") != field.dim:
        refuse(
            f"the dim [{dim}] of the TextEmbedding function should equal that of field "
            f"{field.name}, [{field.dim}]"
        )
    registered = embedder_named(name)
    if registered is not None:
        nothing_left(f"text embedding provider {name}", given)
        return Embedder(name, field, batch, registered)
    if service is not None:
        embedders = embedders_of(name, given, field, shortened=dim is not None)
        return Embedder(name, field, batch, *embedders)
    if name in UNSERVED:
        raise NotSupportedError(
            message=f"text embedding provider {name} {UNSERVED[name]}, which this engine can't do: "
            "register_embedding() lets a function of your own ask it"
        )
    known = [*SERVICES, *embedder_names()]
    message = f"unsupported text embedding provider: {name!r}, should be one of {known}"
    raise ParamError(message=f"{message}: invalid parameter")
