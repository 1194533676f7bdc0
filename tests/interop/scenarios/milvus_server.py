"""Run the real Milvus 2.3.5 of the package `milvus`; run by the interpreter that has it.

    python milvus_server.py DIRECTORY

Prints the port when the server answers, and stops it when the standard input ends.
"""

from __future__ import annotations

import sys

from milvus import MilvusServer


def main(directory: str) -> None:
    server = MilvusServer()
    server.set_base_dir(directory)
    server.start()
    try:
        print(server.listen_port, flush=True)
        sys.stdin.read()
    finally:
        server.stop()


if __name__ == "__main__":
    main(*sys.argv[1:])
