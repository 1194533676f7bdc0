"""One module per engine, each with a class `Engine` that `benchmarks.worker` drives."""
