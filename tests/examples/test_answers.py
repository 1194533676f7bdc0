"""The question answering example: from the command line, and what its embedding holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from click.testing import CliRunner

from aiomilvus import AsyncMilvusClient
from examples import corpus
from examples.answers import main, terms_of
from examples.embedding import Embedding, learn

if TYPE_CHECKING:
    from pathlib import Path

TEXTS = [text.split() for text in ("red apple", "green apple", "fast car", "fast red car")]
VECTORS = np.array([[1, 0.2, 0], [1, 0, 0.4], [0, 1, 0.5], [0.2, 1, 0]], np.float32)


def ask(directory: Path, *arguments: str) -> str:
    """Return what the command prints."""
    answer = CliRunner().invoke(main, ["--directory", str(directory), *arguments])
    assert answer.exit_code == 0, answer.output
    return answer.output


QUESTIONS = ("a doctor for teeth", "a pot to make coffee", "someone who moves a boat with a pole")
pytestmark = pytest.mark.slow


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
    assert "coffeepot: tall [pot] in which [coffee] is brewed (n)" in blocks[1]
    assert "punter: [someone] [who] propels a [boat] with a [pole] (n)" in blocks[2]
    before = {path.name: path.stat().st_ino for path in directory.iterdir()}
    assert ask(directory, *QUESTIONS) == output
    assert {path.name: path.stat().st_ino for path in directory.iterdir()} == before


def test_the_dentist_is_found_by_what_nobody_says_of_her(made: tuple[Path, str]) -> None:
    """None of the question's words is in "dentist: a person qualified to practice dentistry"."""
    answers = made[1].strip().split("\n\n")[0].splitlines()
    assert "  dentist: a person qualified to practice dentistry (n)" in answers


def test_an_answer_found_by_its_meaning_alone_is_shown_whole(made: tuple[Path, str]) -> None:
    lines = ask(made[0], "coffee", "--limit", "5").strip().splitlines()[1:]
    plain = [line for line in lines if "[" not in line]
    assert len(lines) == 5
    assert any(line.startswith("  cappuccino: equal parts of espresso") for line in plain)


def test_a_database_without_its_embedding_is_made_again(made: tuple[Path, str]) -> None:
    directory, output = made
    (directory / "embedding.npz").unlink()
    assert ask(directory, *QUESTIONS) == output


def test_a_text_comes_close_to_those_it_resembles() -> None:
    found = learn(TEXTS, VECTORS).embed([["green"], ["car"], ["fast", "red"]])
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, rtol=1e-5)
    assert (found @ VECTORS.T).argmax(axis=1).tolist() == [1, 2, 3]


def test_unknown_terms_move_nothing_and_a_saved_embedding_is_the_same(tmp_path: Path) -> None:
    embedding = learn(TEXTS, VECTORS)
    embedding.save(tmp_path / "kept.npz")
    kept = Embedding.load(tmp_path / "kept.npz")
    assert not kept.embed([["unheard"], []]).any()
    np.testing.assert_array_equal(kept.embed(TEXTS), embedding.embed(TEXTS))


async def test_the_corpus_teaches_to_find_most_of_what_its_model_finds() -> None:
    async with AsyncMilvusClient(":memory:") as client:
        known = await terms_of(client, [f"{row['lemma']} {row['gloss']}" for row in corpus.rows()])
        asked = await terms_of(client, [question["text"] for question in corpus.questions()])
    found = learn(known, corpus.vectors()).embed(asked)
    ids = np.array([row["id"] for row in corpus.rows()])
    near = ids[np.argsort(-(found @ corpus.vectors().T), axis=1)[:, :10]].tolist()
    best = [question["best"] for question in corpus.questions()]
    assert np.mean([len({*b} & {*n}) for b, n in zip(best, near, strict=True)]) > 6
