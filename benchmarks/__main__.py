"""`python -m benchmarks [NAME …]`: the comparison with faiss and the peers, or the named one.

A name is that of a module here which has a `main`.
"""

import importlib
import pkgutil
import sys

import benchmarks

_MODULES = {each.name for each in pkgutil.iter_modules(benchmarks.__path__)}

name = sys.argv.pop(1) if len(sys.argv) > 1 and sys.argv[1] in _MODULES else "compare"
main = getattr(importlib.import_module(f"benchmarks.{name}"), "main", None)
if main is None:
    sys.exit(f"benchmarks.{name} measures nothing by itself")
main()
