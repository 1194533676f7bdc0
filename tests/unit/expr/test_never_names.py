"""Names that filters can't say, against what the parser reads."""

from __future__ import annotations

import itertools

import pytest

from aiomilvus.errors import MilvusException
from aiomilvus.expr.bind.binder import compile_filter
from aiomilvus.expr.parser import NEVER_NAMES
from aiomilvus.model.schema import Field, Schema
from aiomilvus.model.types import DataType

WORDS = sorted(
    {
        *NEVER_NAMES,
        *("like", "is", "iso", "interval", "escape", "between", "any", "all", "to"),
        *("json_contains", "array_length", "text_match", "st_within", "match_any", "random_sample"),
    }
)
FORMS = ("{} == 1", "{} in [1]", "not ({} > 3)", "{} is null", "1 < {} < 5", "id == 1 and {} == 1")


def spellings(word: str) -> set[str]:
    """Return the word in every case of its first letters."""
    cases = itertools.product(*({each, each.upper()} for each in word[:4]))
    return {"".join(case) + word[4:] for case in cases} | {word.upper()}


def is_said(name: str) -> bool:
    """Return whether a field of this name can be named in every form."""
    fields = (Field(name="id", dtype=DataType.INT64), Field(name=name, dtype=DataType.INT64))
    try:
        return all(name in compile_filter(form.format(name), Schema(fields=fields)).columns
                   for form in FORMS)  # fmt: skip
    except MilvusException:
        return False


@pytest.mark.parametrize("word", WORDS)
def test_a_word_is_a_name_in_every_case_or_never(word: str) -> None:
    said = {is_said(spelling) for spelling in spellings(word)}
    assert len(said) == 1
    assert said.pop() or word in NEVER_NAMES
