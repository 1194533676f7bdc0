"""The compiled kernels of this machine: made ahead, and whether they are there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiomilvus.engine.index.dense import kernel_access as dense
from aiomilvus.engine.index.graph_build import kernel_access as graph_build
from aiomilvus.engine.index.kernels import loader
from aiomilvus.engine.index.kernels.beside import NotCompiledError
from aiomilvus.engine.index.sparse import kernel_access as sparse

if TYPE_CHECKING:
    from pathlib import Path

    from aiomilvus.engine.index.kernels.store import Kernels

_ALL = (dense.KERNELS, graph_build.KERNELS, sparse.KERNELS)


def make_kernels() -> dict[str, Path | str]:
    """Make all kernels that this machine lacks, one after the other.

    Returns:
        By module: the folder in which it is kept, or why it is not.
    """
    return {each.name: _made(each) for each in _ALL}


def _made(kernels: Kernels) -> Path | str:
    try:
        return loader.make(kernels)
    except NotCompiledError as error:
        return str(error)


def kernels_state() -> str:
    """Return ``compiled``, ``not compiled yet``, or ``none`` and why there can't be any."""
    states = [loader.state(each) for each in _ALL]
    return next((each for each in states if each != loader.COMPILED), loader.COMPILED)
