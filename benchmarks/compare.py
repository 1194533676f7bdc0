"""Compare ourselves with the raw index library and with peers, in one run on the same data.

    make bench                                          everything that is installed
    python -m benchmarks.compare --engines ourselves,faiss_raw --runs 5
    python -m benchmarks.compare --corpus ../shared/data/wordnet-minilm

Each engine runs in a process of its own, one after the other. The tables show medians with the
lowest and highest run, recall@10 against exact answers, memory and disk beyond the raw vectors,
and the ratio to faiss' own HNSW called directly: at the same ef; for AUTOINDEX, at the smallest
ef that finds 95 of 100. A dash: the engine does not offer it.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import platform
import subprocess
import sys
from pathlib import Path
from typing import Any

from benchmarks.corpus import FOLDER

NEEDS = {
    "faiss_raw": "faiss",
    "ourselves": "aiomilvus",
    "hnswlib_raw": "hnswlib",
    "zvec_engine": "zvec",
    "lancedb_engine": "lancedb",
    "chroma_engine": "chromadb",
    "qdrant_local": "qdrant_client",
    "milvus_protocol": "milvus_lite",
}
SLOW = {"qdrant_local", "milvus_protocol", "chroma_engine"}
"""Engines that answer a few dozen searches a second get fewer queries and runs."""

TWICE = {"faiss_raw", "ourselves"}
"""Engines that are measured as HNSW and as AUTOINDEX."""


def run(engine: str, index: str, given: argparse.Namespace) -> dict[str, Any] | None:
    """Measure one engine in a process of its own; None when that fails."""
    command = [sys.executable, "-m", "benchmarks.worker", engine, "--index", index]
    command += ["--ef", str(given.ef), "--runs", str(2 if engine in SLOW else given.runs)]
    command += ["--rows", str(given.rows), "--threads", str(given.threads)]
    command += ["--queries", str(min(100, given.queries) if engine in SLOW else given.queries)]
    if given.corpus:
        command += ["--corpus", str(given.corpus)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        print(f"{engine}: {done.stderr.strip().splitlines()[-1:]}", file=sys.stderr)
        return None
    figures: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return figures


def rate(figure: dict[str, float] | None) -> str:
    """Format operations a second with their spread and, if there, the recall."""
    if not figure:
        return "–"
    text = f"{figure['median']:,.0f} ({figure['low']:,.0f}–{figure['high']:,.0f})"
    return text + (f" r {figure['recall']:.3f}" if "recall" in figure else "")


def ratio(figure: dict[str, float] | None, base: dict[str, float] | None) -> str:
    """Format how many times `base` a figure is."""
    return f"{figure['median'] / base['median']:.2f}" if figure and base else "–"


def table(rows: list[dict[str, Any]]) -> str:
    """Return the figures as Markdown."""
    bases = {row["index"]: row["one"] for row in rows if row["name"].startswith("faiss")}
    lines = [
        (
            "| engine | one at a time | ÷ faiss | 32 at a time | ÷ faiss | lexfile == 37 | "
            'pos == "n" | get 2 keys | count(*) |'
        ),
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        base = bases.get(row["index"])
        lines.append(
            f"| {row['name']} {row['index']} | {rate(row['one'])} | {ratio(row['one'], base)} | "
            f"{rate(row['many'])} | {ratio(row['many'], base)} | {rate(row['lexfile'])} | "
            f"{rate(row['pos'])} | {rate(row['get'])} | {rate(row['count'])} |"
        )
    lines += [
        "",
        "| engine | ingest, rows/s | build, s | disk ÷ raw | peak memory ÷ raw | open, s |",
        "|---|---|---|---|---|---|",
    ]
    for row in rows:
        raw = row["raw_megabytes"]
        ingest, opened = row["ingest_rows_per_second"], row["open_seconds"]
        disk = row["disk_megabytes"] / raw
        lines.append(
            f"| {row['name']} {row['index']} | {f'{ingest:,.0f}' if ingest else '–'} | "
            f"{row['build_seconds']:.1f} | {f'{disk:.2f}' if disk else '–'} | "
            f"{row['peak_megabytes_over_start'] / raw:.2f} | "
            f"{'–' if opened is None else f'{opened:.3f}'} |"
        )
    return "\n".join(lines)


def main() -> None:
    """Measure every engine that is installed and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, default=FOLDER if FOLDER.exists() else None)
    parser.add_argument("--engines", default=",".join(NEEDS))
    parser.add_argument("--rows", type=int, default=0, help="0: all of a corpus")
    parser.add_argument("--queries", type=int, default=1_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--ef", type=int, default=64)
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    given = parser.parse_args()
    measured = []
    for engine in given.engines.split(","):
        if importlib.util.find_spec(NEEDS[engine]) is None:
            print(f"{engine}: {NEEDS[engine]} is not installed", file=sys.stderr)
            continue
        indexes = ["HNSW", "AUTOINDEX"] if engine in TWICE else ["HNSW"]
        measured += [figures for index in indexes if (figures := run(engine, index, given))]
    print(f"Corpus: {given.corpus.name if given.corpus else 'generated'}; {platform.machine()}, ")
    print(f"{given.threads} threads, Python {platform.python_version()}, ef {given.ef}, limit 10\n")
    print(table(measured))


if __name__ == "__main__":
    main()
