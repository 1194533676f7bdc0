"""What values of subclasses hold, as Python's own types and as text."""

from __future__ import annotations

import enum

import numpy as np
import pytest

from aiomilvus.errors import ParamError
from aiomilvus.model.plain import as_text, plain, whole_number


class Lang(str, enum.Enum):
    EN = "en"


class Level(enum.IntEnum):
    LOW = 1


class Shy(str):
    __slots__ = ()

    def __str__(self) -> str:
        return "another"


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        (Lang.EN, "en"),
        (Shy("x"), "x"),
        (Level.LOW, 1),
        (True, True),
        (np.bool_(True), True),
        (np.float32(0.5), 0.5),
        (np.str_("x"), "x"),
        ([Lang.EN, (Level.LOW,)], ["en", [1]]),
        (np.array([1, 2]), [1, 2]),
    ],
)
def test_a_value_is_of_pythons_own_type(given: object, wanted: object) -> None:
    found = plain(given)
    assert found == wanted
    assert type(found) is type(wanted)


def test_parameters_are_written_as_what_they_hold() -> None:
    assert as_text(Lang.EN) == "en"
    assert as_text({"a": np.int64(1), "b": [Shy("x"), Lang.EN]}) == '{"a":1,"b":["x","en"]}'
    with pytest.raises(ParamError, match="object is not JSON"):
        as_text({"a": object()})


@pytest.mark.parametrize(
    ("given", "wanted"), [(3, 3), (True, 1), (Level.LOW, 1), (np.int8(3), 3), (np.array(3), 3)]
)
def test_whole_numbers_of_other_libraries_are_int(given: object, wanted: int) -> None:
    assert whole_number(given) == wanted


@pytest.mark.parametrize("given", [np.True_, np.array(True), 3.0, "3", None, np.array([3, 4])])
def test_what_is_no_whole_number_is_refused_on_every_numpy(given: object) -> None:
    with pytest.raises(TypeError):
        whole_number(given)
