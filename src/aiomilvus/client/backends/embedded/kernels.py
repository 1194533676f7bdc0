"""Making the compiled kernels ahead, for what runs later: containers, read-only homes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiomilvus.engine.index.dense import kernel_access as dense
from aiomilvus.engine.index.kernels import loader
from aiomilvus.engine.index.sparse import kernel_access as sparse

if TYPE_CHECKING:
    from pathlib import Path


def make_kernels() -> dict[str, Path | None]:
    """Make all kernels that this machine lacks, one after the other.

    Returns:
        By module: the folder in which it is kept, or None where it can't be kept, so that each
        process makes it again.
    """
    return {each.name: loader.make(each) for each in (dense.KERNELS, sparse.KERNELS)}
