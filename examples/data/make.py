"""Cut the small corpus of the examples out of the large one.

    python examples/data/make.py CORPUS_FOLDER

CORPUS_FOLDER holds ``base.parquet`` (id, pos, lexfile, lemma, gloss, vector: 384 float16) and
``queries.parquet`` (text, vector: 384 float32). Writes beside this file what README.md there
describes. Needs numpy and pyarrow.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq

HERE = Path(__file__).resolve().parent
ROWS = 2_500
EVERYDAY_ROWS = 1_250
PARTS = 3  # files of vectors, each under a megabyte

# Questions whose answers are a pleasure to read. Their best answers in the large corpus are all
# in the small one, so the small one answers them just as well.
QUERIES = [
    "peach and plum seeds embedded in a sweet edible pulp",
    "a display of courage",
    "The milk has soured",
    "bind the books in leather",
    "The plane taxied down the runway",
    "incense filled the room",
    "turn the flour onto a plate",
    "an obligate anaerobe can survive only in the absence of oxygen",
    "a battalion of ants",
    "some sea anemones are biradial",
    "Count on the monsoon",
    "the soup was spicily flavored",
    "individual drops of rain",
    "the flower arrangement was created as an echo of a client's still life",
    "bites of black flies are more than irritating; they can be very painful",
    "not everyone regards humility as a virtue",
    "a healthy fear of rattlesnakes",
    "a school of small glittering fish swam by",
    "The window must be weatherstripped before the cold weather sets in",
    "the moon cast soft shadows",
]
BEST_OF_EACH = 30

# How many rows of a lexicographer file there are at least, as far as it has them.
QUOTAS = {5: 550, 13: 380, 20: 380, 12: 280, 37: 280, 19: 120, 43: 80}

# Words that visitors ask about: their nearest definitions come as well, the nearest of each first.
EVERYDAY = (
    "dentist doctor nurse surgeon baker cook teacher lawyer farmer sailor painter singer thief "
    "king judge tooth bone heart eye knife hammer clock lamp chair boat bicycle bridge umbrella "
    "thermometer"
).split()


Row = dict[str, Any]
Floats = npt.NDArray[np.floating]


def main() -> None:
    """Read the large corpus, choose, and write."""
    parser = argparse.ArgumentParser(description="Cut the small corpus out of the large one.")
    parser.add_argument("corpus", type=Path, help="folder with base.parquet and queries.parquet")
    folder = parser.parse_args().corpus
    rows, vectors = _read(folder / "base.parquet")
    queries, query_vectors = _read(folder / "queries.parquet")
    places = [[query["text"] for query in queries].index(text) for text in QUERIES]
    query_vectors = query_vectors[places]
    scores = query_vectors @ vectors.astype(np.float32).T

    ids = choose(rows, scores)
    ids = sorted([*ids, *everyday(rows, vectors, set(ids))])
    _write_lines("rows.jsonl", [rows[row_id] for row_id in ids])
    for part, half in enumerate(np.array_split(ids, PARTS), start=1):
        np.save(HERE / f"vectors-{part}.npy", vectors[half])

    best = np.argsort(-scores[:, ids], axis=1, kind="stable")[:, :10]
    _write_lines(
        "queries.jsonl",
        [
            {"text": text, "best": [int(ids[place]) for place in top]}
            for text, top in zip(QUERIES, best, strict=True)
        ],
    )
    np.save(HERE / "queries.npy", query_vectors)


def choose(rows: list[Row], scores: Floats) -> list[int]:
    """Return `ROWS` ids, ascending: the best answers, then the quotas, then any noun."""
    best = np.argsort(-scores, axis=1, kind="stable")[:, :BEST_OF_EACH]
    chosen = set(best.ravel().tolist())
    wanted = Counter(QUOTAS)
    wanted.subtract(rows[row_id]["lexfile"] for row_id in chosen)
    readable = [row for row in rows if _reads_well(row) and row["id"] not in chosen]
    for row in readable:
        if wanted[row["lexfile"]] > 0:
            wanted[row["lexfile"]] -= 1
            chosen.add(row["id"])
    rest = (row["id"] for row in readable if row["pos"] == "n" and row["id"] not in chosen)
    chosen.update(islice(rest, ROWS - len(chosen)))
    return sorted(chosen)


def everyday(rows: list[Row], vectors: Floats, known: set[int]) -> list[int]:
    """Return `EVERYDAY_ROWS` ids beside the known ones: what is nearest to `EVERYDAY`, in turns."""
    every = vectors.astype(np.float32)
    orders = []
    for word in EVERYDAY:
        own = [row["id"] for row in rows if row["lemma"] == word]
        orders.append(np.argsort(-(every[own] @ every.T).max(axis=0), kind="stable"))
    in_turns = np.stack(orders, axis=1).ravel().tolist()
    fresh = (i for i in dict.fromkeys(in_turns) if i not in known and _reads_well(rows[i]))
    return list(islice(fresh, EVERYDAY_ROWS))


def _reads_well(row: Row) -> bool:
    lemma = row["lemma"]
    is_word = lemma.isascii() and lemma.isalpha() and lemma.islower()
    return is_word and 20 <= len(row["gloss"]) <= 110


def _read(path: Path) -> tuple[list[Row], Floats]:
    table = pq.read_table(path)
    vectors = np.stack(list(table["vector"].to_numpy()))
    return table.drop_columns("vector").to_pylist(), vectors


def _write_lines(name: str, rows: list[Row]) -> None:
    lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    (HERE / name).write_text("".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
