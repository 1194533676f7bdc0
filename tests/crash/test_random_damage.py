"""Damages at random places, files of others beside ours: nothing goes unnoticed or destroyed."""

from __future__ import annotations

import random
import shutil
from typing import TYPE_CHECKING, NamedTuple

import pytest

from tests.support import random_damage, whole_database
from tests.support.examples import examples

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.contents import Model


class Whole(NamedTuple):
    """A closed database, and what its collection holds."""

    path: Path
    model: Model


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Whole:
    folder = tmp_path_factory.mktemp("whole")
    return Whole(folder / "db", whole_database.make(folder))


def test_a_damage_at_a_random_place_is_named_or_strikes_padding(whole: Whole, tmp_path: Path):
    ends = set()
    for number in range(examples(30)):
        path = tmp_path / str(number)
        ended, done = random_damage.damaged(
            whole.path, path, whole.model, random.Random(f"7 {number}")
        )
        assert ended, f"{number}: {done}"
        ends.add(ended)
        shutil.rmtree(path)
    assert "named" in ends


def test_files_of_others_stay_byte_for_byte_when_a_directory_is_opened(
    whole: Whole, tmp_path: Path
):
    ends = set()
    for number in range(20):
        path = tmp_path / str(number)
        ended, done = random_damage.foreign(whole.path, path, random.Random(f"7 {number}"))
        assert ended, f"{number}: {done}"
        ends.add(ended)
    assert ends == {"opened", "refused"}
