"""Models that run in this process, made ready to be registered."""

from __future__ import annotations

import importlib
import threading
from typing import TYPE_CHECKING, Any

from aiomilvus.errors import NotSupportedError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aiomilvus.engine.providers.registry import TextEmbedder


def sentence_transformer(
    model_name: str, *, device: str | None = None, normalize: bool = True
) -> TextEmbedder:
    """Return an embedder that runs a model of the sentence-transformers library.

    Args:
        model_name: A name of the library's, or a directory. No code that comes with a model
            is run.
        device: Where to run it (``cpu``, ``cuda``…); None lets the library choose.
        normalize: Whether vectors are brought to length 1.

    Raises:
        NotSupportedError: The library is not installed.

    Example:
        >>> from aiomilvus import NotSupportedError, sentence_transformer
        >>> try:
        ...     register_embedding("minilm", sentence_transformer("all-MiniLM-L6-v2"))
        ... except NotSupportedError as error:
        ...     print(error.message)
        sentence_transformer() needs its library: pip install 'aiomilvus[sentence-transformers]'
    """
    try:
        library: Any = importlib.import_module("sentence_transformers")
    except ImportError as error:
        extra = "aiomilvus[sentence-transformers]"
        message = f"sentence_transformer() needs its library: pip install '{extra}'"
        raise NotSupportedError(message=message) from error
    model = library.SentenceTransformer(model_name, device=device, trust_remote_code=False)
    one_at_a_time = threading.Lock()

    def embed(texts: Sequence[str], /) -> Any:
        with one_at_a_time:
            return model.encode(
                list(texts),
                normalize_embeddings=normalize,
                convert_to_numpy=True,
                show_progress_bar=False,
            )

    return embed
