"""`python -m benchmarks [NAME …]`: the comparison with faiss and the peers, or the named one."""

import importlib
import sys

NAMES = (
    "compare",
    "ingest",
    "search_while_inserting",
    "ten_million",
    "loop_stalls",
    "calibrate",
    "processes",
    "doors",
    "graph_build",
    "without_kernels",
)

name = sys.argv.pop(1) if len(sys.argv) > 1 and sys.argv[1] in NAMES else "compare"
importlib.import_module(f"benchmarks.{name}").main()
