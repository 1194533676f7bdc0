"""The question answering example: from the command line, and what its embedding holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from click.testing import CliRunner

from aiomilvus import AsyncMilvusClient
from examples import corpus
from examples.answers import main, terms_of
from examples.dictionary import entries
from examples.embedding import Embedding

if TYPE_CHECKING:
    from pathlib import Path

COMMON = 12_400
"""So many of the commonest definitions; the dentist is among the last of them."""
QUESTIONS = ("a doctor for teeth", "the man who leads a country", "frozen water")
pytestmark = pytest.mark.slow


def ask(directory: Path, *arguments: str, most: int = COMMON) -> str:
    """Return what the command prints, without the bar of its progress."""
    options = ["--directory", str(directory), "--most", str(most)]
    answer = CliRunner().invoke(main, [*options, *arguments])
    assert answer.exit_code == 0, answer.output
    return answer.output.removeprefix("definitions\n")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A database of the definitions, and what the command that made it printed."""
    directory = tmp_path_factory.mktemp("answers")
    return directory, ask(directory, *QUESTIONS)


def test_questions_are_answered_and_the_second_time_from_the_kept_database(
    made: tuple[Path, str],
) -> None:
    directory, output = made
    blocks = output.strip().split("\n\n")
    assert [block.splitlines()[0] for block in blocks] == list(QUESTIONS)
    assert all(len(block.splitlines()) == 4 for block in blocks)
    assert "countryman: a [man] from your own [country] (n)" in blocks[1]
    assert "ice, [water] ice: [water] [frozen] in the solid state (n)" in blocks[2]
    before = {path.name: path.stat().st_ino for path in directory.iterdir()}
    assert ask(directory, *QUESTIONS) == output
    assert {path.name: path.stat().st_ino for path in directory.iterdir()} == before


def test_the_dentist_is_found_as_a_doctor_for_teeth(made: tuple[Path, str]) -> None:
    best = made[1].splitlines()[2]
    dentist = "dentist, tooth [doctor], dental practitioner"
    assert best == f"  {dentist}: a person qualified to practice dentistry (n)"


def test_an_answer_found_by_its_meaning_alone_is_shown_whole(made: tuple[Path, str]) -> None:
    lines = ask(made[0], "attractive female", "--limit", "8").strip().splitlines()[1:]
    plain = [line for line in lines if "[" not in line]
    assert len(lines) == 8
    assert any(line.startswith("  girlfriend, girl, lady friend: ") for line in plain)


def test_a_database_that_was_not_made_to_its_end_is_made_again(tmp_path: Path) -> None:
    ask(tmp_path, "being", most=50)
    assert ask(tmp_path, "being", most=100) == ask(tmp_path, "being", most=100)


def test_the_dictionary_is_whole_and_the_commonest_come_first() -> None:
    every = entries()
    assert len(every) == 117_659
    assert entries(2) == every[:2]
    assert every[1].text.endswith("mortal, soul: a human being")
    assert {entry.pos for entry in every} == set("nvar")


def test_a_text_is_near_to_its_like_and_unknown_terms_move_nothing() -> None:
    embedding = Embedding.load()
    tooth, dentist, boat, unknown = embedding.embed([["tooth"], ["dentist"], ["boat"], ["xyz"]])
    np.testing.assert_allclose(np.linalg.norm([tooth, dentist, boat], axis=1), 1, rtol=1e-5)
    assert tooth @ dentist > 0.5 > tooth @ boat
    assert not unknown.any()


async def test_the_table_of_terms_finds_most_of_what_its_model_finds() -> None:
    async with AsyncMilvusClient(":memory:") as client:
        known = await terms_of(client, [f"{row['lemma']}: {row['gloss']}" for row in corpus.rows()])
        asked = await terms_of(client, [question["text"] for question in corpus.questions()])
    embedding = Embedding.load()
    ids = np.array([row["id"] for row in corpus.rows()])
    scores = embedding.embed(asked) @ embedding.embed(known).T
    near = ids[np.argsort(-scores, axis=1)[:, :10]].tolist()
    best = [question["best"] for question in corpus.questions()]
    shares = [len({*b} & {*n}) / 10 for b, n in zip(best, near, strict=True)]
    assert np.mean(shares) > 0.5
