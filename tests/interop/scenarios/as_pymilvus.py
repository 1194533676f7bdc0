"""Runs another scenario with aiomilvus in the place of the pymilvus that its framework brings.

python as_pymilvus.py PACKAGES SCENARIO URI: PACKAGES is the folder that has the framework.
"""

from __future__ import annotations

import runpy
import sys

import aiomilvus.as_pymilvus


def main(packages: str, scenario: str, uri: str) -> None:
    sys.path.append(packages)
    sys.argv = [scenario, uri]
    runpy.run_path(scenario, run_name="__main__")
    assert sys.modules["pymilvus"].MilvusClient is aiomilvus.MilvusClient


if __name__ == "__main__":
    main(*sys.argv[1:])
