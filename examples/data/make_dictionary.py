"""Make the dictionary of the answers example: WordNet's definitions, and what its terms mean.

    python -m examples.data.make_dictionary CORPUS_FOLDER WORDNET_FOLDER

CORPUS_FOLDER holds ``base.parquet`` (lexfile, gloss, vector: 384 float16), the definitions with
the vectors of a language model. WORDNET_FOLDER holds WordNet 3.0's ``data.noun`` and its kin, and
``cntlist.rev``, which says how often each sense was met. Writes beside this file what README.md
there describes. Needs numpy, pyarrow and scipy.

Each term of a definition moves its vector by a vector of its own. These are the ridge regression
(Hoerl and Kennard, 1970) from the definitions' weighed term counts to the model's vectors, reduced
to their principal axes, solved by conjugate gradients (Hestenes and Stiefel, 1952).
"""

from __future__ import annotations

import argparse
import asyncio
import lzma
import re
from collections import Counter
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq
from scipy.sparse import csr_matrix, diags

from aiomilvus import AsyncMilvusClient
from examples.answers import terms_of
from examples.embedding import counts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

HERE = Path(__file__).resolve().parent
FILES = {"n": "noun", "v": "verb", "a": "adj", "r": "adv"}
PARTS = 3  # files of each kind, each under a megabyte
DIMENSION = 96
RAREST = 3  # a term in fewer definitions teaches more about them than about itself
STIFFNESS = 0.3
STEPS = 40

Floats = npt.NDArray[np.float32]


class Sense(NamedTuple):
    """A definition as WordNet has it, and how often texts used its words in this sense.

    `lemma` is the first of its `words`, with the mark that some adjectives have.
    """

    pos: str
    lexfile: int
    lemma: str
    words: str
    gloss: str
    uses: int


def main() -> None:
    """Read both folders, learn, and write."""
    parser = argparse.ArgumentParser(description="Make the dictionary of the answers example.")
    parser.add_argument("corpus", type=Path, help="folder with base.parquet")
    parser.add_argument("wordnet", type=Path, help="folder with data.noun, cntlist.rev, …")
    folders = parser.parse_args()
    senses = sorted(
        read_wordnet(folders.wordnet), key=lambda sense: (-sense.uses, sense.words.lower())
    )
    vectors = model_vectors(folders.corpus / "base.parquet", senses)
    for part, each in enumerate(np.array_split(np.arange(len(senses)), PARTS), start=1):
        lines = "".join(f"{senses[n].pos}\t{senses[n].words}\t{senses[n].gloss}\n" for n in each)
        path = HERE / f"dictionary-{part}.tsv.xz"
        path.write_bytes(lzma.compress(lines.encode(), preset=9 | lzma.PRESET_EXTREME))

    texts = [f"{sense.words}: {sense.gloss}" for sense in senses]
    terms, moves = learn(asyncio.run(_analyzed(texts)), vectors)
    (HERE / "terms.txt").write_text("\n".join(terms) + "\n", encoding="utf-8")
    # The direction of each term, and how far it moves a text, as seven bits and a float each.
    scales = np.abs(moves).max(axis=1, keepdims=True) / 127
    np.save(HERE / "term-scales.npy", scales.astype(np.float32))
    for part, each in enumerate(np.array_split(np.rint(moves / scales), PARTS), start=1):
        np.save(HERE / f"term-moves-{part}.npy", each.astype(np.int8))


def read_wordnet(folder: Path) -> Iterator[Sense]:
    """Yield the definitions in the files' order, without their quoted examples."""
    uses = _uses(folder / "cntlist.rev")
    for pos, name in FILES.items():
        for line in (folder / f"data.{name}").read_text(encoding="latin-1").splitlines():
            if line.startswith("  "):
                continue  # the licence
            head, gloss = line.rstrip().split("|", 1)
            fields = head.split()
            lexfile, end = int(fields[1]), 4 + 2 * int(fields[3], 16)
            lemmas = [lemma.replace("_", " ") for lemma in fields[4:end:2]]
            words = [lemma.partition("(")[0] for lemma in lemmas]
            text = re.sub(r';?\s*"[^"]*"[^;]*', "", gloss.strip()).strip(" ;")
            if text:
                senses = zip(words, fields[5:end:2], strict=True)
                met = sum(uses[word.lower(), lexfile, int(number, 16)] for word, number in senses)
                yield Sense(pos, lexfile, lemmas[0], ", ".join(words), text, met)


def _uses(path: Path) -> Counter[tuple[str, int, int]]:
    """Return how often each sense was met, by word, lexicographer file and number in it."""
    uses: Counter[tuple[str, int, int]] = Counter()
    for line in path.read_text(encoding="latin-1").splitlines():
        key, _, count = line.split()
        word, _, rest = key.partition("%")
        _, lexfile, number, *_ = rest.split(":")
        uses[word.replace("_", " "), int(lexfile), int(number)] += int(count)
    return uses


def model_vectors(path: Path, senses: Sequence[Sense]) -> Floats:
    """Return the model's vectors of definitions: (senses, 384)."""
    table = pq.read_table(path)
    columns = (table[name].to_pylist() for name in ("pos", "lexfile", "lemma", "gloss"))
    known = {key: n for n, key in enumerate(zip(*columns, strict=True))}
    rows = [known[s.pos, s.lexfile, s.lemma, s.gloss] for s in senses]
    vectors = np.stack(list(table["vector"].to_numpy()))
    return vectors[rows].astype(np.float32)


async def _analyzed(texts: Sequence[str]) -> list[list[str]]:
    async with AsyncMilvusClient(":memory:") as client:
        return await terms_of(client, texts)


def learn(texts: Sequence[Sequence[str]], vectors: Floats) -> tuple[list[str], Floats]:
    """Return the terms, and how each moves a text's vector: (terms, `DIMENSION`).

    Args:
        texts: The terms of each text.
        vectors: Their vectors: (texts, any dimension).
    """
    frequencies = Counter(chain.from_iterable(set(text) for text in texts))
    terms = sorted(term for term, count in frequencies.items() if count >= RAREST)
    rarity = np.log1p(len(texts) / np.array([frequencies[term] for term in terms]))
    weighed = counts(texts, {term: n for n, term in enumerate(terms)}) @ diags(rarity)
    lengths = np.sqrt(weighed.power(2).sum(axis=1)).A1
    shares = csr_matrix(diags(1 / np.maximum(lengths, 1)) @ weighed, dtype=np.float32)
    centred = vectors - vectors.mean(axis=0)
    axes = np.linalg.eigh(centred.T @ centred)[1][:, : -DIMENSION - 1 : -1]
    return terms, (rarity[:, None] * ridge(shares, centred @ axes)).astype(np.float32)


def ridge(known: csr_matrix, wanted: Floats) -> Floats:
    """Return X with the least |known X - wanted|^2 + `STIFFNESS` |X|^2, a column at a time."""
    turned = known.T.tocsr()
    rest = turned @ wanted
    found, direction, size = np.zeros_like(rest), rest, (rest**2).sum(axis=0)
    for _ in range(STEPS):
        image = turned @ (known @ direction) + STIFFNESS * direction
        step = size / (direction * image).sum(axis=0)
        found = found + step * direction
        rest = rest - step * image
        size, before = (rest**2).sum(axis=0), size
        direction = rest + size / before * direction
    return found


if __name__ == "__main__":
    main()
