"""Making machine code callable, by LLVM's linker alone: in milliseconds, without numba.

Loading numba and what it keeps of a compiled function takes a second of a processor of 2 GHz; the
linker's library and the code take 0.07.

The library has a lock of its own around every call. A child that is forked meanwhile has the lock
as well, and nobody to release it: its first call would never end. So all use of the library here
is within a lock that a fork waits for.
"""

from __future__ import annotations

import ctypes
import os
import threading
from contextlib import contextmanager
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from aiomilvus.engine.index.kernels.calls import Argument, Compiled, Entry, Function
from aiomilvus.native import load

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

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
_lock = threading.RLock()  # a thread may fork while it holds it: a finalizer, a signal
_engines: list[Any] = []
"""What holds the code: as long as the process."""


@contextmanager
def _library() -> Iterator[Any]:
    """Lend LLVM's library; no other thread forks meanwhile."""
    with _lock:
        yield load("llvmlite.binding", "llvmlite/binding/libllvmlite.*")


def machine() -> list[bytes]:
    """Return what code is made for: the kind of system, of processor, and its instructions."""
    with _library() as llvm:
        told = (
            llvm.get_process_triple(),
            llvm.get_host_cpu_name(),
            llvm.get_host_cpu_features().flatten(),
        )
    return [each.encode() for each in told]


def check_permission() -> None:
    """Return if this process may run code that it has written itself.

    Raises:
        OSError: The system forbids it.
    """
    with _library() as llvm:
        try:
            llvm.check_jit_execution()
        except OSError as error:
            message = (
                "the system allows no memory to be written and then run as code "
                f"(MemoryDenyWriteExecute of systemd, execmem of SELinux): {error.strerror}"
            )
            raise PermissionError(message) from error


def link(compiled: Iterable[Compiled]) -> SimpleNamespace:
    """Return compiled functions as attributes, each an `Entry`.

    Raises:
        OSError: As of `check_permission`.
        RuntimeError: LLVM can't link them here.
    """
    check_permission()  # LLVM does not look, and the process would end by a signal
    entries: dict[str, Entry] = {}
    with _library() as llvm:
        _provide_runtime(llvm)
        for each in compiled:
            entries.setdefault(each.entry, Entry(each.entry)).add(_linked(llvm, each))
    return SimpleNamespace(**entries)


def _provide_runtime(llvm: Any) -> None:
    """Let names of numba's runtime be found; a numba that was loaded has its own."""
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    # Some function of C that changes nothing: a callback into Python would be code as well.
    nowhere = ctypes.cast(ctypes.pythonapi.Py_IsInitialized, ctypes.c_void_p).value
    for name in _RUNTIME:
        if llvm.address_of_symbol(name) is None:
            llvm.add_symbol(name, nowhere)


def _linked(llvm: Any, compiled: Compiled) -> Function:
    """Return where a function is once it is linked."""
    machine = llvm.Target.from_triple(llvm.get_process_triple()).create_target_machine(jit=True)
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), machine)
    engine.add_object_file(llvm.ObjectFileRef.from_data(compiled.code))
    engine.finalize_object()
    address = engine.get_function_address(compiled.symbol)
    if not address:
        raise RuntimeError(f"the code of {compiled.entry} has no {compiled.symbol}")
    _engines.append(engine)
    return Function(tuple(Argument(*each) for each in compiled.arguments), address)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_lock.acquire, after_in_parent=_lock.release, after_in_child=_lock.release
    )
