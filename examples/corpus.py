"""The small real corpus that the examples ask questions of; data/README.md describes it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, TypedDict

import numpy as np
import numpy.typing as npt

DATA = Path(__file__).resolve().parent / "data"
DIMENSION = 384

# WordNet's names for its lexicographer files: what a row is about.
LEXFILES = dict(
    enumerate(
        "adj.all adj.pert adv.all noun.Tops noun.act noun.animal noun.artifact noun.attribute "
        "noun.body noun.cognition noun.communication noun.event noun.feeling noun.food "
        "noun.group noun.location noun.motive noun.object noun.person noun.phenomenon "
        "noun.plant noun.possession noun.process noun.quantity noun.relation noun.shape "
        "noun.state noun.substance noun.time verb.body verb.change verb.cognition "
        "verb.communication verb.competition verb.consumption verb.contact verb.creation "
        "verb.emotion verb.motion verb.perception verb.possession verb.social verb.stative "
        "verb.weather adj.ppl".split()
    )
)


class Row(TypedDict):
    """A definition: `lexfile` is a key of `LEXFILES`, `pos` one of n, v, a and r."""

    id: int
    pos: str
    lexfile: int
    lemma: str
    gloss: str


class Question(TypedDict):
    """A question and the ids of its ten best answers by inner product, best first."""

    text: str
    best: list[int]


def rows() -> list[Row]:
    """Return the 3,750 definitions, by ascending id."""
    return _lines("rows.jsonl")


def vectors() -> npt.NDArray[np.float32]:
    """Return their embeddings in the same order, of length one: (3750, 384)."""
    parts = [np.load(path) for path in sorted(DATA.glob("vectors-*.npy"))]
    return np.concatenate(parts, dtype=np.float32)


def questions() -> list[Question]:
    """Return the twenty questions."""
    return _lines("queries.jsonl")


def question_vectors() -> npt.NDArray[np.float32]:
    """Return their embeddings in the same order, of length one: (20, 384)."""
    return np.asarray(np.load(DATA / "queries.npy"), dtype=np.float32)


def _lines(name: str) -> list[Any]:
    text = (DATA / name).read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]
