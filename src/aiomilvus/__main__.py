"""``python -m aiomilvus``: the same as the command ``aiomilvus``."""

from aiomilvus.cli import main

main()
