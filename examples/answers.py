"""Questions answered from a whole dictionary, by meaning and by word.

    python -m examples.answers "a device that measures temperature" ["another question" …]

The 117,659 definitions of WordNet are indexed twice: their words for BM25, and a vector each, from
the table of terms in `examples/embedding.py`. A question is asked of both at once, and the two
lists are merged by rank (`MERGED`). In the answers, the words of the question are marked; an
answer without any was found by its meaning. The database is made at the first call and kept.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from aiomilvus import (
    AnnSearchRequest,
    AsyncMilvusClient,
    DataType,
    Function,
    FunctionType,
    LexicalHighlighter,
)
from examples.dictionary import Entry, entries
from examples.embedding import Embedding

if TYPE_CHECKING:
    from collections.abc import Sequence

COLLECTION = "definitions"
BATCH = 5_000
ENGLISH = {"type": "english"}
SHOWN = ["pos", "text"]
MERGED = Function(
    "merged",
    FunctionType.RERANK,
    [],
    params={"reranker": "rrf", "k": 1, "weights": [0.5, 1.0]},
)
"""Reciprocal rank fusion in which meaning counts twice as much as words, and first places most.

A dentist is the nearest to "a doctor for teeth" by meaning, but not among the first fifty by words,
of which it shares one. With the usual k of 60 and equal weights, which favour what is somewhere in
both lists, it would be the seventeenth answer.
"""
# A fragment as long as any text, so that the whole text comes back, marked.
MARKS = LexicalHighlighter(
    highlight_search_text=True,
    pre_tags=["["],
    post_tags=["]"],
    fragment_offset=2_000,
    fragment_size=4_000,
)


async def terms_of(client: AsyncMilvusClient, texts: Sequence[str]) -> list[list[str]]:
    """Return the terms of each text, as the index sees them."""
    analyzed: Any = await client.run_analyzer(list(texts), analyzer_params=ENGLISH)
    return [each.tokens for each in analyzed]


async def make_collection(client: AsyncMilvusClient, dimension: int) -> None:
    """Make the empty collection: texts, their words by BM25, their vectors."""
    schema = client.create_schema()
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("pos", DataType.VARCHAR, max_length=1)
    schema.add_field(
        "text",
        DataType.VARCHAR,
        max_length=2_000,
        enable_analyzer=True,
        enable_match=True,
        analyzer_params=ENGLISH,
    )
    schema.add_field("words", DataType.SPARSE_FLOAT_VECTOR)
    schema.add_field("meaning", DataType.FLOAT_VECTOR, dim=dimension)
    schema.add_function(Function("bm25", FunctionType.BM25, ["text"], ["words"]))
    indexes = client.prepare_index_params()
    indexes.add_index("words", index_type="AUTOINDEX", metric_type="BM25")
    indexes.add_index("meaning", index_type="AUTOINDEX", metric_type="COSINE")
    await client.create_collection(COLLECTION, schema=schema, index_params=indexes)


async def fill(client: AsyncMilvusClient, embedding: Embedding, known: Sequence[Entry]) -> None:
    """Embed and insert the definitions, a batch at a time."""
    with click.progressbar(range(0, len(known), BATCH), label="definitions") as starts:
        for start in starts:
            batch = known[start : start + BATCH]
            texts = [entry.text for entry in batch]
            vectors = embedding.embed(await terms_of(client, texts))
            data = [
                {"id": start + n, "pos": entry.pos, "text": text, "meaning": vector}
                for n, (entry, text, vector) in enumerate(zip(batch, texts, vectors, strict=True))
            ]
            await client.insert(COLLECTION, data)
    await client.flush(COLLECTION)


async def answers(
    client: AsyncMilvusClient, embedding: Embedding, questions: Sequence[str], limit: int
) -> list[list[dict[str, Any]]]:
    """Return the best definitions for each question, best first."""
    meanings = embedding.embed(await terms_of(client, questions))
    requests = [
        AnnSearchRequest(list(questions), "words", {"metric_type": "BM25"}, limit=50),
        AnnSearchRequest(meanings, "meaning", {"metric_type": "COSINE"}, limit=50),
    ]
    found = await client.hybrid_search(
        COLLECTION,
        requests,
        MERGED,
        limit=limit,
        output_fields=SHOWN,
        highlighter=MARKS,
    )
    return [list(hits) for hits in found]


def marked(hit: Any) -> str:
    """Return a hit's text, with the question's words in brackets."""
    fragments = hit.highlight["text"]["fragments"]
    return str(fragments[0] if fragments else hit["entity"]["text"])


def show(question: str, hits: Sequence[dict[str, Any]]) -> None:
    """Print a question and its answers."""
    click.secho(f"\n{question}", bold=True)
    for hit in hits:
        click.echo(f"  {marked(hit)} ({hit['entity']['pos']})")


async def run(questions: Sequence[str], directory: Path, limit: int, most: int | None) -> None:
    """Make the database if it is not there, or not whole, and answer."""
    embedding = await asyncio.to_thread(Embedding.load)
    async with AsyncMilvusClient(str(directory / "answers.db")) as client:
        known = await asyncio.to_thread(entries, most)
        if not await is_whole(client, len(known)):
            await client.drop_collection(COLLECTION)
            await make_collection(client, embedding.dimension)
            await fill(client, embedding, known)
        found = await answers(client, embedding, questions, limit)
    for question, hits in zip(questions, found, strict=True):
        show(question, hits)


async def is_whole(client: AsyncMilvusClient, wanted: int) -> bool:
    """Return whether the collection holds as many definitions as wanted."""
    if not await client.has_collection(COLLECTION):
        return False
    stats = await client.get_collection_stats(COLLECTION)
    return int(stats["row_count"]) == wanted


@click.command()
@click.argument("questions", nargs=-1, required=True)
@click.option(
    "--directory",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("answers"),
    show_default=True,
    help="Where the database is kept.",
)
@click.option("--limit", default=3, show_default=True, help="Answers to each question.")
@click.option("--most", type=click.IntRange(min=1), help="Use only the commonest definitions.")
def main(questions: tuple[str, ...], directory: Path, limit: int, most: int | None) -> None:
    """Answer QUESTIONS from a dictionary of 117,659 definitions."""
    directory.mkdir(parents=True, exist_ok=True)
    asyncio.run(run(questions, directory, limit, most))


if __name__ == "__main__":
    main()
