"""The tokenizer ``language_identifier``: the analyzer of the language that a text is written in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from aiomilvus.engine.text.analyzer_params import check_keys, refuse, string
from aiomilvus.engine.text.libraries import lingua, whatlang
from aiomilvus.engine.text.tokenizers import Span, SplitTexts, Tokenizer, collected

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

OWNER = "language_identifier tokenizer"
_DEFAULT = "default"
_NAMES = dict(
    pair.split(":")
    for pair in """afr:Afrikaans aka:Akan amh:Amharic ara:Arabic aze:Azerbaijani bel:Belarusian
    ben:Bengali bul:Bulgarian cat:Catalan ces:Czech cmn:Mandarin cym:Welsh dan:Danish deu:German
    ell:Greek eng:English epo:Esperanto est:Estonian fin:Finnish fra:French guj:Gujarati heb:Hebrew
    hin:Hindi hrv:Croatian hun:Hungarian hye:Armenian ind:Indonesian ita:Italian jav:Javanese
    jpn:Japanese kan:Kannada kat:Georgian khm:Khmer kor:Korean lat:Latin lav:Latvian lit:Lithuanian
    mal:Malayalam mar:Marathi mkd:Macedonian mya:Burmese nep:Nepali nld:Dutch nob:Bokmal ori:Oriya
    pan:Punjabi pes:Persian pol:Polish por:Portuguese ron:Romanian rus:Russian sin:Sinhalese
    slk:Slovak slv:Slovene sna:Shona spa:Spanish srp:Serbian swe:Swedish tam:Tamil tel:Telugu
    tgl:Tagalog tha:Thai tuk:Turkmen tur:Turkish ukr:Ukrainian urd:Urdu uzb:Uzbek vie:Vietnamese
    yid:Yiddish zul:Zulu""".split()
)
"""whatlang's names of languages, by their codes of ISO 639-3."""


class InnerAnalyzer(Protocol):
    """An analyzer that a language is handed to."""

    def terms(self, text: str) -> list[Span]:
        """Return the terms of a text with their places."""


class IdentifierTokenizer(Tokenizer):
    """The terms that the analyzer of a text's language makes; positions are that one's.

    Args:
        detect: Returns the name of a text's language, None where it can't tell.
        analyzers: By name of language, ``default`` among them.
        mapping: Name of a language → key of `analyzers`.
    """

    def __init__(
        self,
        detect: Callable[[str], str | None],
        analyzers: Mapping[str, InnerAnalyzer],
        mapping: Mapping[str, str],
    ) -> None:
        self._detect = detect
        self._analyzers = dict(analyzers)
        self._mapping = dict(mapping)

    def spans(self, text: str) -> list[Span]:
        """As `Tokenizer` says."""
        name = self._detect(text) or _DEFAULT
        name = self._mapping.get(name, name)
        return self._analyzers.get(name, self._analyzers[_DEFAULT]).terms(text)

    def split(self, text: str) -> list[bytes]:
        """As `Tokenizer` says."""
        return [span.text.encode() for span in self.spans(text)]

    def split_many(self, texts: Sequence[str]) -> SplitTexts:
        """As `Tokenizer` says."""
        spans = [self.spans(text) for text in texts]
        positions = [span.position for each in spans for span in each]
        tokens = [[span.text.encode() for span in each] for each in spans]
        return collected(tokens, np.array(positions, np.int32))


def identifier_tokenizer(
    params: Mapping[str, object], build: Callable[[Mapping[str, object]], InnerAnalyzer]
) -> IdentifierTokenizer:
    """Return the tokenizer that a ``language_identifier`` object describes.

    Args:
        params: ``analyzers``, ``identifier`` and ``mapping``.
        build: Makes an analyzer of its JSON.

    Raises:
        ParamError: An option is missing, unknown or of the wrong type, or the identifier's package
            is not installed.
    """
    check_keys(params, {"type", "analyzers", "identifier", "mapping"}, OWNER)
    analyzers = params.get("analyzers")
    if not isinstance(analyzers, dict):
        refuse(f"{OWNER} analyzers should be a json map, got {analyzers!r}")
    if _DEFAULT not in analyzers:
        refuse(f"{OWNER} must have default analyzer")
    mapping = params.get("mapping", {})
    if not isinstance(mapping, dict):
        refuse(f"{OWNER} mapping should be a json map, got {mapping!r}")
    for language in mapping:
        if string(mapping, language, f"{OWNER} mapping") not in analyzers:
            refuse(f"{OWNER} mapping {language} leads to unknown analyzer {mapping[language]}")
    for name, given in analyzers.items():
        if not isinstance(given, dict):
            refuse(f"{OWNER} analyzer {name} should be a json map, got {given!r}")
    built = {name: build(given) for name, given in analyzers.items()}
    return IdentifierTokenizer(_detector(params.get("identifier", "whatlang")), built, mapping)


def _detector(given: object) -> Callable[[str], str | None]:
    params = given if isinstance(given, dict) else {"type": given}
    check_keys(params, {"type", "confidence"}, "language identifier")
    name = string(params, "type", "language identifier")
    least = params.get("confidence", 0)
    if isinstance(least, bool) or not isinstance(least, (int, float)) or not 0 <= least <= 1:
        refuse(f"language identifier confidence should be a number from 0 to 1, got {least!r}")
    if name == "whatlang":
        library = whatlang()
        return lambda text: _by_whatlang(library, text, least)
    if name != "lingua":
        refuse(f"unknown identifier name: {name} (known: whatlang, lingua)")
    detector = lingua().LanguageDetectorBuilder.from_all_languages().build()
    return lambda text: _by_lingua(detector, text)


def _by_whatlang(library: Any, text: str, least: float) -> str | None:
    try:
        found = library.detect(text)
    except ValueError:  # which it says of texts without a letter
        return None
    return _NAMES.get(found.lang) if found.confidence > least else None


def _by_lingua(detector: Any, text: str) -> str | None:
    found = detector.detect_language_of(text)
    return None if found is None else str(found.name).title()
