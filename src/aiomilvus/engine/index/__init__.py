"""Index structures, one module or package per family. The query part of the engine calls."""
