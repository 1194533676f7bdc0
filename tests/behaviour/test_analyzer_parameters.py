"""Every option of every analyzer, tokenizer and filter runs or is refused, at every door."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from aiomilvus import DataType, MilvusException, NotSupportedError, ParamError
from tests.support.analyzer_parameters import CASES, NOT_SERVED, AnalyzerCase, analyzer_of

PAGE = Path(__file__).parents[2] / "docs" / "text.md"
TEXT = "The quick fox-hound ran over 我爱北京 at ٣ o'clock"


async def tokens(client: Any, params: dict[str, Any]) -> list[str]:
    found = await client.run_analyzer(TEXT, analyzer_params=params)
    return [str(token) for token in found.tokens]


async def test_each_option_is_taken_with_a_value_it_may_have(client: Any) -> None:
    for case in CASES:
        options = {case.option: case.good} if case.good is not None else {}
        if case.option.endswith("_file"):
            continue  # test_file_resources.py has the files
        assert isinstance(await tokens(client, analyzer_of(case, **options)), list), case


async def test_each_option_is_refused_by_name_with_a_value_it_may_not_have(client: Any) -> None:
    for case in CASES:
        option, bad = (case.option, case.bad) if case.option else ("unheard_of", 1)
        with pytest.raises(ParamError, match=case.said or option) as refused:
            await tokens(client, analyzer_of(case, **{option: bad}))
        assert refused.value.code == 1100, case


async def test_an_option_that_there_is_not_is_never_passed_over(client: Any) -> None:
    for case in CASES:
        options = {case.option: case.good} if case.good is not None else {}
        with pytest.raises(ParamError, match=r"unknown .* key: unheard_of"):
            await tokens(client, analyzer_of(case, **options, unheard_of=1))


async def test_what_only_milvus_serves_is_refused_as_such(client: Any) -> None:
    for params in NOT_SERVED:
        with pytest.raises(NotSupportedError) as refused:
            await tokens(client, params)
        assert refused.value.code == 10


async def test_a_field_is_refused_for_what_run_analyzer_is_refused_for(client: Any) -> None:
    """Whether its texts are analyzed or not, since they may be one day."""
    wrong = AnalyzerCase("filter", "stemmer", "language", bad="klingon")
    for enabled in (True, False):
        schema = client.raw.create_schema()
        schema.add_field("id", DataType.INT64, is_primary=True)
        schema.add_field("v", DataType.FLOAT_VECTOR, dim=2)
        schema.add_field(
            "text",
            DataType.VARCHAR,
            max_length=99,
            enable_analyzer=enabled,
            analyzer_params=analyzer_of(wrong, language="klingon"),
        )
        with pytest.raises(MilvusException, match="klingon"):
            await client.create_collection("c", schema=schema)


def names_of_page() -> set[tuple[str, str]]:
    """Return (name, option) of the page's tables, the option "" for each name."""
    text = PAGE.read_text(encoding="utf-8").partition("## Analyzers")[2].partition("\n## ")[0]
    found = set()
    for row in re.findall(r"^\| (`.*?) \|(?:.*)\| (.*?) ?\|$", text, re.MULTILINE):
        for name in re.findall(r"`(\w+)`", row[0]):
            found.add((name, ""))
            found |= {(name, option) for option in re.findall(r"`([a-z_]+)`", row[1])}
    return found


def test_the_page_on_text_and_the_cases_name_the_same() -> None:
    values = {"search", "exact", "_default_", "normal", "decompose", "ipadic", "ko", "cc"}
    values |= {
        "whitespace",
        "letter",
        "digit",
        "punctuation",
        "symbol",
        "ascii_",
        "default",
        "_english_",
    }
    on_page = {(name, option) for name, option in names_of_page() if option not in values}
    walked = {(case.name, case.option) for case in CASES}
    walked |= {(case.name, "") for case in CASES}
    assert len(on_page) > 40
    assert on_page <= walked, on_page - walked
    files = {option for option in walked if option[1].endswith("_file")}  # told below the tables
    assert walked - files <= on_page, walked - files - on_page
