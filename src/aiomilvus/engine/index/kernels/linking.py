"""Making machine code callable, by LLVM's linker alone: in milliseconds, without numba.

Loading numba and what it keeps of a compiled function takes a second of a processor of 2 GHz; the
linker's library and the code take 0.07.
"""

from __future__ import annotations

import ctypes
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from aiomilvus.engine.index.kernels.calls import Argument, Compiled, Entry, Function
from aiomilvus.native import load

if TYPE_CHECKING:
    from collections.abc import Iterable

_RUNTIME = (
    "NRT_Free",
    "NRT_MemInfo_call_dtor",
    "numba_do_raise",
    "numba_gil_ensure",
    "numba_gil_release",
    "numba_runtime_build_excinfo_struct",
    "numba_unpickle",
)
"""What numba puts behind every function for the case that it raises or owns memory. Kernels do
neither, so that none of these is called."""
_NEVER_CALLED = ctypes.CFUNCTYPE(None)(lambda: None)
_engines: list[Any] = []
"""What holds the code: as long as the process."""


def linker() -> Any:
    """Return LLVM's library, ready to link for this machine."""
    return load("llvmlite.binding", "llvmlite/binding/libllvmlite.*")


def link(compiled: Iterable[Compiled]) -> SimpleNamespace:
    """Return compiled functions as attributes, each an `Entry`.

    Raises:
        RuntimeError: LLVM can't link them here.
    """
    llvm = linker()
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    nowhere = ctypes.cast(_NEVER_CALLED, ctypes.c_void_p).value
    for name in _RUNTIME:
        if llvm.address_of_symbol(name) is None:  # a numba that was loaded has its own
            llvm.add_symbol(name, nowhere)
    entries: dict[str, Entry] = {}
    for each in compiled:
        machine = llvm.Target.from_triple(llvm.get_process_triple()).create_target_machine(jit=True)
        engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), machine)
        engine.add_object_file(llvm.ObjectFileRef.from_data(each.code))
        engine.finalize_object()
        _engines.append(engine)
        entry = entries.setdefault(each.entry, Entry(each.entry))
        arguments = tuple(Argument(*argument) for argument in each.arguments)
        entry.add(Function(arguments, engine.get_function_address(each.symbol)))
    return SimpleNamespace(**entries)
