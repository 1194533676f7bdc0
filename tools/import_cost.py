"""Measure what importing each runtime dependency costs, as a Markdown table.

    python -m tools.import_cost [--runs 5] [MODULE ...]

Each module is imported alone in a fresh interpreter, several times; the table gives the
fastest wall time, the memory that the process grew by, and the modules that came with it.
Modules that a machine lacks are listed below the table.
"""

from __future__ import annotations

import argparse
import importlib.util
import subprocess
import sys
from typing import NamedTuple

# Distribution -> the module that its users import first.
MODULES = {
    "click": "click",
    "faiss-cpu": "faiss",
    "google-crc32c": "google_crc32c",
    "google-re2": "re2",
    "grpcio": "grpc",
    "httptools": "httptools",
    "icu4py": "icu4py",
    "jieba": "jieba",
    "msgspec": "msgspec",
    "numba": "numba",
    "numpy": "numpy",
    "orjson": "orjson",
    "prometheus-client": "prometheus_client",
    "protobuf": "google.protobuf.message_factory",
    "pyarrow": "pyarrow",
    "shapely": "shapely",
    "stopwordsiso": "stopwordsiso",
    "tantivy": "tantivy",
    "tomli": "tomli",
    "uvicorn": "uvicorn",
    "uvloop": "uvloop",
}

_PROBE = """
import resource, sys, time
before_modules = len(sys.modules)
before_memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
start = time.perf_counter()
{statement}
seconds = time.perf_counter() - start
memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_memory
print(seconds, memory, len(sys.modules) - before_modules)
"""


class Cost(NamedTuple):
    """What one import took: milliseconds, mebibytes of memory, modules loaded."""

    milliseconds: float
    mebibytes: float
    modules: int


def measure(module: str, runs: int) -> Cost:
    """Import a module in `runs` fresh interpreters and return the cheapest of them."""
    probe = _PROBE.format(statement=f"import {module}")
    costs = []
    for _ in range(runs):
        printed = subprocess.run(
            [sys.executable, "-c", probe], capture_output=True, text=True, check=True
        ).stdout
        seconds, kibibytes, modules = printed.split()
        costs.append(Cost(float(seconds) * 1e3, int(kibibytes) / 1024, int(modules)))
    return min(costs)


def is_installed(module: str) -> bool:
    """Whether the module's top-level package can be found."""
    return importlib.util.find_spec(module.partition(".")[0]) is not None


def main(arguments: list[str] | None = None) -> None:
    """Print the table for the modules named, or for all of `MODULES` and the package itself."""
    parser = argparse.ArgumentParser(description="What importing each dependency costs.")
    parser.add_argument("modules", nargs="*", default=["aiomilvus", *MODULES.values()])
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args(arguments)
    print("| import | ms | MiB | modules |\n|---|---|---|---|")
    missing = []
    for module in options.modules:
        if not is_installed(module):
            missing.append(module)
            continue
        cost = measure(module, options.runs)
        row = f"{cost.milliseconds:.0f} | {cost.mebibytes:.0f} | {cost.modules}"
        print(f"| `{module}` | {row} |", flush=True)
    if missing:
        print(f"\nNot installed: {', '.join(missing)}.")


if __name__ == "__main__":
    main()
