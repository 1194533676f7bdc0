"""Tokenizers: from a text to raw tokens, before any filter.

A tokenizer has two faces: `Tokenizer.spans` tells where each token stood, for one text;
`Tokenizer.split_many` is the bulk path, which only says what the tokens are. Raw tokens of
the bulk path are UTF-8 bytes, since that is what splits fastest.

Positions follow Milvus: ``standard`` and `whitespace` count tokens, `jieba` and ``icu`` count
characters from the start of the text.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from aiomilvus.engine.text.analyzer_params import (
    boolean,
    check_keys,
    refuse,
    string,
    strings,
)
from aiomilvus.engine.text.libraries import icu_breakers, jieba, tantivy
from aiomilvus.engine.text.resources import lines_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

SEPARATOR = b"\0"
"""The token that stands between two texts in `SplitTexts` without offsets."""

_JOINT = " \0 "
_DEFAULT_DICTIONARY = "_default_"
_BREAKING = re.compile("[\0\v]")


class Span(NamedTuple):
    """A raw token and where it stood.

    `start` and `end` count characters, `end` exclusive; `position` and `position_length`
    are in the tokenizer's own unit.
    """

    text: str
    start: int
    end: int
    position: int
    position_length: int


class SplitTexts(NamedTuple):
    """The raw tokens of many texts, laid end to end.

    `offsets` is int64 (texts + 1,), or None when the tokens of two texts are kept apart by
    a `SEPARATOR` instead. `positions` is int32 (tokens,), None where a token's position is
    its rank in its text.
    """

    tokens: list[bytes]
    offsets: NDArray[np.int64] | None
    positions: NDArray[np.int32] | None


class Tokenizer(ABC):
    """Cuts texts into raw tokens. Instances are immutable and safe to share by threads."""

    @abstractmethod
    def spans(self, text: str) -> list[Span]:
        """Return the tokens of `text` with their places."""

    @abstractmethod
    def split(self, text: str) -> list[bytes]:
        """Return the tokens of `text` as UTF-8."""

    @abstractmethod
    def split_many(self, texts: Sequence[str]) -> SplitTexts:
        """Return the tokens of all `texts`."""


class _ByteSplitTokenizer(Tokenizer):
    """Shared by the tokenizers that can cut a whole batch by one pass over its bytes.

    tantivy defines what a token is; ASCII texts, where its rule is a table of 128 entries,
    take the fast way.
    """

    def __init__(self, tokenizer: Any) -> None:
        self._analyze = tantivy().TextAnalyzerBuilder(tokenizer).build().analyze

    @abstractmethod
    def _split_ascii(self, text: bytes) -> list[bytes]:
        """Return the tokens of a text whose cut bytes are all ASCII."""

    @abstractmethod
    def _is_simple(self, text: str) -> bool:
        """Return whether `_split_ascii` is right for `text`."""

    def spans(self, text: str) -> list[Span]:
        found: list[Span] = []
        end = 0
        for position, token in enumerate(self._analyze(text)):
            start = text.index(token, end)  # only characters that no token has lie before it
            end = start + len(token)
            found.append(Span(token, start, end, position, 1))
        return found

    def split(self, text: str) -> list[bytes]:
        if self._is_simple(text):
            return self._split_ascii(text.encode())
        return [token.encode() for token in self._analyze(text)]

    def split_many(self, texts: Sequence[str]) -> SplitTexts:
        joined = _JOINT.join(texts)
        if self._is_simple(joined.replace("\0", "", max(len(texts) - 1, 0))):
            return SplitTexts(self._split_ascii(joined.encode()), None, None)
        return collected([self.split(text) for text in texts], None)


class StandardTokenizer(_ByteSplitTokenizer):
    """Runs of alphanumeric characters (tantivy's simple tokenizer)."""

    _TABLE = bytes(c if c == 0 or c >= 128 or chr(c).isalnum() else 32 for c in range(256))

    def __init__(self) -> None:
        super().__init__(tantivy().Tokenizer.simple())

    def _split_ascii(self, text: bytes) -> list[bytes]:
        return text.translate(self._TABLE).split()

    def _is_simple(self, text: str) -> bool:
        return text.isascii() and "\0" not in text


class WhitespaceTokenizer(_ByteSplitTokenizer):
    """Runs of characters other than ASCII white space (tantivy's whitespace tokenizer)."""

    def __init__(self) -> None:
        super().__init__(tantivy().Tokenizer.whitespace())

    def _split_ascii(self, text: bytes) -> list[bytes]:
        return text.split()

    def _is_simple(self, text: str) -> bool:
        # Python splits at vertical tabs too, tantivy does not.
        return _BREAKING.search(text) is None


class _CharacterPositionTokenizer(Tokenizer):
    """Shared by the tokenizers that cut text by text and count positions in characters."""

    @abstractmethod
    def _words(self, text: str) -> Iterator[tuple[str, int, int]]:
        """Yield each token with its first and last (exclusive) character."""

    def spans(self, text: str) -> list[Span]:
        return [Span(w, a, b, a, b - a) for w, a, b in self._words(text)]

    def split(self, text: str) -> list[bytes]:
        return [word.encode() for word, _, _ in self._words(text)]

    def split_many(self, texts: Sequence[str]) -> SplitTexts:
        tokens: list[list[bytes]] = []
        positions: list[int] = []
        for text in texts:
            words = list(self._words(text))
            tokens.append([word.encode() for word, _, _ in words])
            positions.extend(start for _, start, _ in words)
        return collected(tokens, np.array(positions, np.int32))


class RankedTokenizer(Tokenizer):
    """Shared by the tokenizers that cut text by text and count positions in tokens."""

    @abstractmethod
    def _words(self, text: str) -> Iterator[tuple[str, int, int]]:
        """Yield each token with its first and last (exclusive) character."""

    def spans(self, text: str) -> list[Span]:
        """As `Tokenizer` says."""
        return [Span(w, a, b, rank, 1) for rank, (w, a, b) in enumerate(self._words(text))]

    def split(self, text: str) -> list[bytes]:
        """As `Tokenizer` says."""
        return [word.encode() for word, _, _ in self._words(text)]

    def split_many(self, texts: Sequence[str]) -> SplitTexts:
        """As `Tokenizer` says."""
        return collected([self.split(text) for text in texts], None)


class JiebaTokenizer(_CharacterPositionTokenizer):
    """Chinese word segmentation by jieba.

    Args:
        mode: ``search`` (default) also yields the short words inside long ones; ``exact``
            does not.
        hmm: Whether words outside the dictionary are guessed.
        dictionary: Extra words; ``_default_`` among them stands for jieba's own words,
            which are left out if it is not there.
    """

    def __init__(
        self,
        mode: str = "search",
        hmm: bool = True,
        dictionary: Sequence[str] = (_DEFAULT_DICTIONARY,),
    ) -> None:
        self._mode = "search" if mode == "search" else "default"
        self._hmm = hmm
        words = [word for word in dictionary if word != _DEFAULT_DICTIONARY]
        default = _DEFAULT_DICTIONARY in dictionary
        self._segmenter = _jieba_with(words, default) if words else _jieba_base(default)

    def _words(self, text: str) -> Iterator[tuple[str, int, int]]:
        words: Iterator[tuple[str, int, int]] = self._segmenter.tokenize(
            text, mode=self._mode, HMM=self._hmm
        )
        return words


class IcuTokenizer(_CharacterPositionTokenizer):
    """Unicode word boundaries by ICU; spaces and punctuation are tokens of their own."""

    def __init__(self) -> None:
        self._breaker = icu_breakers().WordBreaker

    def _words(self, text: str) -> Iterator[tuple[str, int, int]]:
        start = 0
        for word in self._breaker(text, "root"):
            yield word, start, start + len(word)
            start += len(word)


class ThaiTokenizer(_CharacterPositionTokenizer):
    """Thai words by ICU's dictionary; what has neither a letter nor a digit is left out."""

    def __init__(self) -> None:
        self._breaker = icu_breakers().WordBreaker

    def _words(self, text: str) -> Iterator[tuple[str, int, int]]:
        start = 0
        for word in self._breaker(text, "th"):
            if any(character.isalnum() for character in word):
                yield word, start, start + len(word)
            start += len(word)


def jieba_tokenizer(params: Mapping[str, object]) -> JiebaTokenizer:
    """Return the tokenizer that a ``jieba`` name or object describes.

    Raises:
        ParamError: An option is unknown or of the wrong type.
    """
    owner = "jieba tokenizer"
    check_keys(params, {"type", "dict", "extra_dict_file", "mode", "hmm"}, owner)
    mode = string(params, "mode", owner) if "mode" in params else "search"
    if mode not in {"exact", "search"}:
        refuse(f'{owner} mode must be "exact" or "search", got {mode!r}')
    dictionary = strings(params, "dict", owner) if "dict" in params else None
    hmm = boolean(params, "hmm", owner, default=True)
    extra = lines_in(params, "extra_dict_file", owner)
    if dictionary is None:
        dictionary = [_DEFAULT_DICTIONARY]
    return JiebaTokenizer(mode, hmm, [*dictionary, *extra])


@cache
def _jieba_base(default: bool) -> Any:
    """Return a segmenter with jieba's own dictionary, or with an empty one."""
    segmenter = jieba().Tokenizer()
    if default:
        # Read from the package directly: jieba's initialize() would trust and write a
        # marshalled cache in the shared temporary directory.
        segmenter.FREQ, segmenter.total = segmenter.gen_pfdict(segmenter.get_dict_file())
    else:
        # A total of 1 keeps the logarithms of an empty dictionary finite.
        segmenter.FREQ, segmenter.total = {}, 1
    segmenter.initialized = True
    return segmenter


def _jieba_with(words: Sequence[str], default: bool) -> Any:
    base = _jieba_base(default)
    segmenter = jieba().Tokenizer()
    segmenter.FREQ, segmenter.total = dict(base.FREQ), base.total
    segmenter.initialized = True
    for line in words:
        word, _, rest = line.partition(" ")
        frequency = rest.partition(" ")[0]
        if frequency.isdecimal():
            segmenter.add_word(word, int(frequency))
            continue
        # None lets jieba pick the frequency that makes the word win over its parts.
        segmenter.add_word(word, None if default else 1)
    return segmenter


def collected(tokens: list[list[bytes]], positions: NDArray[np.int32] | None) -> SplitTexts:
    """Return the tokens of texts laid end to end; `positions` are None where they are ranks."""
    offsets = np.zeros(len(tokens) + 1, np.int64)
    np.cumsum(np.fromiter(map(len, tokens), np.int64, len(tokens)), out=offsets[1:])
    return SplitTexts([t for run in tokens for t in run], offsets, positions)
