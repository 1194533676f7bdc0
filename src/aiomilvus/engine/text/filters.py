"""Token filters: each maps one token to the tokens that replace it.

No filter looks at a token's neighbours, so a chain of them is a function of the token alone
and runs once for each distinct token (`analyzer.Analyzer` remembers the outcome). Filters
that tantivy has are tantivy's; the others are written here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from aiomilvus.engine.text.analyzer_params import (
    check_keys,
    refuse,
    string,
    strings,
    unsigned,
)
from aiomilvus.engine.text.libraries import tantivy
from aiomilvus.engine.text.pinyin import pinyin_filter
from aiomilvus.engine.text.resources import lines_in
from aiomilvus.engine.text.stop_words import stop_filters
from aiomilvus.engine.text.synonyms import synonym_filter

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

TokenFilter = Callable[[str], "Sequence[str]"]
"""Takes a token, returns what replaces it: nothing, itself, or several tokens."""

STEMMER_LANGUAGES = frozenset(
    (
        "arabic",
        "danish",
        "dutch",
        "english",
        "finnish",
        "french",
        "german",
        "greek",
        "hungarian",
        "italian",
        "norwegian",
        "portuguese",
        "romanian",
        "russian",
        "spanish",
        "swedish",
        "tamil",
        "turkish",
    )
)
_HAN = r"\p{Han}"
_HAN_OR_ALPHANUMERIC = r"[\p{Han}a-zA-Z0-9]"
_ONLY_PUNCTUATION = r"^[\p{P}\s]+$"


def filter_chain(specs: object) -> list[TokenFilter]:
    """Return the filters that an analyzer's ``filter`` array asks for, in order.

    Args:
        specs: A list whose items are filter names or objects with a ``type``.

    Raises:
        ParamError: A filter or an option of it is unknown or of the wrong type.
    """
    if not isinstance(specs, list):
        refuse(f"filter params should be array, got {specs!r}")
    chain: list[TokenFilter] = []
    for spec in specs:
        chain.extend(_filters_of(spec))
    return chain


def english_filters(stop_words: list[str]) -> list[TokenFilter]:
    """Return the chain of the built-in ``english`` analyzer."""
    factory = tantivy().Filter
    return [
        *_of_tantivy(factory.lowercase(), factory.stemmer("english")),
        *_of_tantivy(*stop_filters(["_english_", *stop_words])),
    ]


def standard_filters(stop_words: list[str]) -> list[TokenFilter]:
    """Return the chain of the built-in ``standard`` analyzer."""
    return _of_tantivy(tantivy().Filter.lowercase(), *stop_filters(stop_words))


def chinese_filters(stop_words: list[str]) -> list[TokenFilter]:
    """Return the chain of the built-in ``chinese`` analyzer."""
    return [_keep_matching(_HAN_OR_ALPHANUMERIC), *_of_tantivy(*stop_filters(stop_words))]


def arabic_filters(stop_words: list[str]) -> list[TokenFilter]:
    """Return the chain of the built-in ``arabic`` analyzer."""
    factory = tantivy().Filter
    return [
        *_of_tantivy(factory.lowercase()),
        _plain_digits,
        _plain_arabic,
        *_of_tantivy(factory.stemmer("arabic"), *stop_filters(["_arabic_", *stop_words])),
    ]


def thai_filters(stop_words: list[str]) -> list[TokenFilter]:
    """Return the chain of the built-in ``thai`` analyzer."""
    factory = tantivy().Filter
    stop = stop_filters(["_thai_", *stop_words])
    return [*_of_tantivy(factory.lowercase()), _plain_digits, *_of_tantivy(*stop)]


def _plain_digits(token: str) -> Sequence[str]:
    """Return the token with decimal digits of any script as 0 … 9."""
    if token.isascii():
        return (token,)
    return ("".join(str(unicodedata.decimal(c, c)) for c in token),)


_ARABIC = str.maketrans(
    "\u0622\u0623\u0625\u0629\u0649",
    "\u0627\u0627\u0627\u0647\u064a",
    "\u0640" + "".join(map(chr, range(0x064B, 0x0660))),
)
"""Forms of one letter become one; the stroke that stretches words and the vowel signs go."""


def _plain_arabic(token: str) -> Sequence[str]:
    plain = token.translate(_ARABIC)
    return (plain,) if plain else ()


def _filters_of(spec: object) -> list[TokenFilter]:
    if isinstance(spec, str):
        name, params = spec, {"type": spec}
    elif isinstance(spec, dict):
        name, params = string(spec, "type", "filter"), spec
    else:
        refuse(f"a filter should be a string or an object, got {spec!r}")
    if name in _PLAIN:
        check_keys(params, {"type"}, f"{name} filter")
        return _PLAIN[name]()
    if name not in _WITH_OPTIONS:
        known = ", ".join(sorted([*_PLAIN, *_WITH_OPTIONS]))
        refuse(f"build analyzer failed, filter not found :{name} (known: {known})")
    return _WITH_OPTIONS[name](params)


def _of_tantivy(*filters: Any) -> list[TokenFilter]:
    """Return one filter that runs tantivy's `filters` over a whole token."""
    if not filters:
        return []
    binding = tantivy()
    builder = binding.TextAnalyzerBuilder(binding.Tokenizer.raw())
    for each in filters:
        builder = builder.filter(each)
    analyze: TokenFilter = builder.build().analyze
    return [analyze]


def _keep_matching(expression: str, *, invert: bool = False) -> TokenFilter:
    """Return a filter that keeps tokens in which `expression` (Rust syntax) is found."""
    binding = tantivy()
    # By itself first: within other brackets, unbalanced ones might find partners.
    binding.TextAnalyzerBuilder(binding.Tokenizer.regex(expression)).build()
    # The tokenizer yields non-empty matches; stretched over the token, every match is one.
    pattern = f"(?s:.*)(?:{expression})(?s:.*)"
    tokenizer = binding.Tokenizer.regex(pattern)
    analyze = binding.TextAnalyzerBuilder(tokenizer).build().analyze

    def keep(token: str) -> Sequence[str]:
        return (token,) if bool(analyze(token)) is not invert else ()

    return keep


def _length(params: Mapping[str, object]) -> list[TokenFilter]:
    check_keys(params, {"type", "min", "max"}, "length filter")
    low = unsigned(params, "min", "length filter") or 0
    high = unsigned(params, "max", "length filter")
    if high is None and "min" not in params:
        refuse("length filter max param was none or not uint")
    if high is not None and high < low:
        refuse(f"length filter max should be at least min, got min {low}, max {high}")

    def keep(token: str) -> Sequence[str]:
        size = len(token.encode())
        return (token,) if low <= size and (high is None or size <= high) else ()

    return [keep]


def _stop(params: Mapping[str, object]) -> list[TokenFilter]:
    check_keys(params, {"type", "stop_words", "stop_words_file"}, "stop filter")
    words = strings(params, "stop_words", "stop filter")
    words += lines_in(params, "stop_words_file", "stop filter")
    return _of_tantivy(*stop_filters(words))


def _stemmer(params: Mapping[str, object]) -> list[TokenFilter]:
    check_keys(params, {"type", "language"}, "stemmer filter")
    language = string(params, "language", "stemmer filter").lower()
    if language not in STEMMER_LANGUAGES:
        known = ", ".join(sorted(STEMMER_LANGUAGES))
        refuse(f"create stemmer failed : unsupport language: {language} (known: {known})")
    return _of_tantivy(tantivy().Filter.stemmer(language))


def _decompounder(params: Mapping[str, object]) -> list[TokenFilter]:
    check_keys(params, {"type", "word_list", "word_list_file"}, "decompounder filter")
    words = strings(params, "word_list", "decompounder filter")
    words += lines_in(params, "word_list_file", "decompounder filter")
    if not words or not all(words):
        refuse("decompounder word list is empty or holds an empty word")
    return _of_tantivy(tantivy().Filter.split_compound(words))


def _regex(params: Mapping[str, object]) -> list[TokenFilter]:
    check_keys(params, {"type", "expr"}, "regex filter")
    expression = string(params, "expr", "regex filter")
    try:
        return [_keep_matching(expression)]
    except ValueError:
        # Rust's engine has no look-around or back-references; Milvus accepts them.
        return [_keep_matching_python(expression)]


def _keep_matching_python(expression: str) -> TokenFilter:
    try:
        found = re.compile(expression).search
    except re.error as error:
        refuse(f"regex expression invalid, expr:{expression}, err: {error}")

    def keep(token: str) -> Sequence[str]:
        return (token,) if found(token) else ()

    return keep


_PLAIN: dict[str, Callable[[], list[TokenFilter]]] = {
    "lowercase": lambda: _of_tantivy(tantivy().Filter.lowercase()),
    "asciifolding": lambda: _of_tantivy(tantivy().Filter.ascii_fold()),
    "alphanumonly": lambda: _of_tantivy(tantivy().Filter.alphanum_only()),
    "cnalphanumonly": lambda: [_keep_matching(_HAN_OR_ALPHANUMERIC)],
    "cncharonly": lambda: [_keep_matching(_HAN)],
    "decimaldigit": lambda: [_plain_digits],
    "arabic_normalization": lambda: [_plain_arabic],
    "removepunct": lambda: [_keep_matching(_ONLY_PUNCTUATION, invert=True)],
}
_WITH_OPTIONS: dict[str, Callable[[Mapping[str, object]], list[TokenFilter]]] = {
    "length": _length,
    "stop": _stop,
    "stemmer": _stemmer,
    "decompounder": _decompounder,
    "regex": _regex,
    "pinyin": lambda params: [pinyin_filter(params)],
    "synonym": lambda params: [synonym_filter(params)],
}
