"""The tokenizers that analyzers may name, and how each is made of its JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiomilvus.engine.text.analyzer_params import check_keys, not_served, refuse, string
from aiomilvus.engine.text.char_group import char_group_tokenizer
from aiomilvus.engine.text.identifier import identifier_tokenizer
from aiomilvus.engine.text.lindera import lindera_tokenizer
from aiomilvus.engine.text.tokenizers import (
    IcuTokenizer,
    StandardTokenizer,
    ThaiTokenizer,
    WhitespaceTokenizer,
    jieba_tokenizer,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from aiomilvus.engine.text.identifier import InnerAnalyzer
    from aiomilvus.engine.text.tokenizers import Tokenizer

_IDENTIFIER = "language_identifier"
_REMOTE = "grpc"
_WITHOUT_OPTIONS: dict[str, Callable[[], Tokenizer]] = {
    "standard": StandardTokenizer,
    "whitespace": WhitespaceTokenizer,
    "icu": IcuTokenizer,
    "thai": ThaiTokenizer,
}
_WITH_OPTIONS: dict[str, Callable[[Mapping[str, object]], Tokenizer]] = {
    "jieba": jieba_tokenizer,
    "lindera": lindera_tokenizer,
    "char_group": char_group_tokenizer,
}


def tokenizer_from(
    spec: object, build: Callable[[Mapping[str, object]], InnerAnalyzer]
) -> Tokenizer:
    """Return the tokenizer that an analyzer's ``tokenizer`` value asks for.

    Args:
        spec: A name, or an object with a ``type`` and that tokenizer's options.
        build: Makes an analyzer of its JSON, for tokenizers that hand texts on to others.

    Raises:
        ParamError: The tokenizer or an option is unknown or of the wrong type.
        NotSupportedError: Milvus has it, and this engine does not.
    """
    if isinstance(spec, str):
        name, params = spec, {"type": spec}
    elif isinstance(spec, dict):
        name, params = string(spec, "type", "tokenizer"), spec
    else:
        refuse(f"tokenizer name should be string or dict, got {spec!r}")
    if name == _IDENTIFIER:
        return identifier_tokenizer(params, build)
    if name in _WITH_OPTIONS:
        return _WITH_OPTIONS[name](params)
    if name not in _WITHOUT_OPTIONS:
        known = ", ".join(sorted([*_WITHOUT_OPTIONS, *_WITH_OPTIONS, _IDENTIFIER]))
        if name == _REMOTE:
            not_served(f"the tokenizer {name} is not supported by this engine; take one of {known}")
        refuse(f"unsupported tokenizer: {name} (known: {known})")
    check_keys(params, {"type"}, f"{name} tokenizer")
    return _WITHOUT_OPTIONS[name]()
