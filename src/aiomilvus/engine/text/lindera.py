"""The tokenizer ``lindera``: Japanese, Korean and Chinese words with their parts of speech.

The package lindera does the work; filters of its tokens are written here, as Milvus names them.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from aiomilvus.engine.text.analyzer_params import (
    check_keys,
    not_served,
    refuse,
    string,
    strings,
)
from aiomilvus.engine.text.libraries import lindera
from aiomilvus.engine.text.tokenizers import RankedTokenizer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

OWNER = "lindera tokenizer"
_DICTIONARIES = ("ipadic", "ipadic-neologd", "unidic", "ko-dic", "cc-cedict")
_MODES = ("normal", "decompose")
_LEVELS = 4


class _Word(NamedTuple):
    """A word: its text, its first byte, and its part of speech."""

    text: str
    start: int
    tags: tuple[str, ...]


_Filter = Callable[[list[_Word]], list[_Word]]


class LinderaTokenizer(RankedTokenizer):
    """Words of a dictionary; spaces are left out, positions count tokens.

    Args:
        dictionary: One of Milvus' names.
        mode: ``normal``, or ``decompose`` for the parts of compounds.
        filters: Applied to a text's words, in order.
    """

    def __init__(self, dictionary: str, mode: str, filters: list[_Filter]) -> None:
        self._tokenizer = _tokenizer(dictionary, mode)
        self._filters = filters

    def _words(self, text: str) -> Iterator[tuple[str, int, int]]:
        words = [
            _Word(token.surface, token.byte_start, tuple(token.details))
            for token in self._tokenizer.tokenize(text)
        ]
        for each in self._filters:
            words = each(words)
        encoded, seen, at = text.encode(), 0, 0
        for word in words:
            at += len(encoded[seen : word.start].decode())
            seen = word.start
            yield word.text, at, at + len(word.text)


@cache
def _tokenizer(dictionary: str, mode: str) -> Any:
    library = lindera()
    try:
        loaded = library.load_dictionary(f"embedded://{dictionary}")
    except Exception:  # noqa: BLE001 - lindera's own class, which it does not export
        not_served(f"{OWNER} dict_kind {dictionary} is not in the installed package lindera")
    return library.Tokenizer(loaded, mode=mode)


def lindera_tokenizer(params: Mapping[str, object]) -> LinderaTokenizer:
    """Return the tokenizer that a ``lindera`` object describes.

    Raises:
        ParamError: An option is missing, unknown or of the wrong type, or the package is not
            installed.
        NotSupportedError: The package has not the dictionary, or the option is Milvus' alone.
    """
    if set(params) == {"type"}:
        refuse(f"{OWNER} must be customized, set dict_kind")
    check_keys(params, {"type", "dict_kind", "mode", "filter", "user_dict"}, OWNER)
    if "dict_kind" not in params:
        refuse(f"{OWNER} dict_kind must be set")
    kind = string(params, "dict_kind", OWNER)
    if kind not in _DICTIONARIES:
        refuse(f"unsupported lindera dict type: {kind} (known: {', '.join(_DICTIONARIES)})")
    if "user_dict" in params:
        not_served(f"{OWNER} user_dict is not supported by this engine")
    mode = string(params, "mode", OWNER) if "mode" in params else "normal"
    if mode not in _MODES:
        refuse(f"{OWNER} mode should be one of {', '.join(_MODES)}, got {mode}")
    filters = params.get("filter", [])
    if not isinstance(filters, list):
        refuse(f"{OWNER} filter should be array, got {filters!r}")
    return LinderaTokenizer(kind, mode, [_filter(each) for each in filters])


def _filter(given: object) -> _Filter:
    owner = "lindera filter"
    if not isinstance(given, dict):
        refuse(f"{owner} should be an object, got {given!r}")
    kind = string(given, "kind", owner)
    language, _, action = kind.partition("_")
    if language not in ("japanese", "korean") or action not in _ACTIONS[language]:
        refuse(f"unknown lindera filter type: {kind}")
    allowed = {"kind", "tags"} | ({"new_tag"} if action == "compound_word" else set())
    check_keys(given, allowed, owner)
    levels = _LEVELS if language == "japanese" else 1
    tags = {_padded(tag, levels) for tag in strings(given, "tags", owner)}

    def has_tag(word: _Word) -> bool:
        return word.tags[:levels] in tags

    if action == "stop_tags":
        return lambda words: [word for word in words if not has_tag(word)]
    if action == "keep_tags":
        return lambda words: [word for word in words if has_tag(word)]
    new = _padded(string(given, "new_tag", owner) if "new_tag" in given else "複合語", levels)
    return lambda words: _compounds(words, has_tag, new)


_ACTIONS = {
    "japanese": ("stop_tags", "keep_tags", "compound_word"),
    "korean": ("stop_tags", "keep_tags"),
}


def _padded(tag: str, levels: int) -> tuple[str, ...]:
    parts = tag.split(",")
    return tuple([*parts, *["*"] * (levels - len(parts))][:levels])


def _compounds(
    words: list[_Word], is_part: Callable[[_Word], bool], tags: tuple[str, ...]
) -> list[_Word]:
    """Return the words with each run of parts made one."""
    found: list[_Word] = []
    end = -1
    for word in words:
        if not is_part(word):
            found.append(word)
            end = -1
            continue
        if end == word.start:
            found[-1] = _Word(found[-1].text + word.text, found[-1].start, tags)
        else:
            found.append(word)
        end = word.start + len(word.text.encode())
    return found
