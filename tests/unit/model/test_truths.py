"""Boolean parameters as text."""

import pytest

from aiomilvus.model.schema import Field
from aiomilvus.model.truths import is_boolean, is_true
from aiomilvus.model.types import DataType


@pytest.mark.parametrize(
    ("texts", "boolean", "true"),
    [
        (("true", "True", "TRUE", "t", "T", "1"), True, True),
        (("false", "False", "FALSE", "f", "F", "0"), True, False),
        (("", "yes", "on", "2", " true"), False, False),
    ],
)
def test_texts_say_yes_or_no_or_neither(
    texts: tuple[str, ...], *, boolean: bool, true: bool
) -> None:
    assert {(is_boolean(text), is_true(text)) for text in texts} == {(boolean, true)}
    for text in texts:
        params = {"enable_analyzer": text, "enable_match": text}
        field = Field(name="a", dtype=DataType.VARCHAR, params=params)
        assert (field.is_analyzed, field.is_matched) == (true, true)
