"""`python -m benchmarks`: the comparison with faiss and the peers."""

from benchmarks.compare import main

main()
