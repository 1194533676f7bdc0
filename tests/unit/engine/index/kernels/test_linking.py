"""Linking compiled functions: where it is allowed, and beside forks."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from aiomilvus.engine.index.kernels.calls import Compiled
from aiomilvus.engine.index.kernels.linking import link

llvm = pytest.importorskip("llvmlite.binding")

WITHOUT_WRITTEN_CODE = """
import ctypes, sys
SET_MDWE, REFUSE_EXEC_GAIN = 65, 1
if ctypes.CDLL(None).prctl(SET_MDWE, REFUSE_EXEC_GAIN, 0, 0, 0):
    sys.exit(77)
"""
LINKING = """
import llvmlite.binding as llvm
from aiomilvus.engine.index.kernels.calls import Compiled
from aiomilvus.engine.index.kernels.linking import link
llvm.initialize_native_target()
llvm.initialize_native_asmprinter()
target = llvm.Target.from_triple(llvm.get_process_triple()).create_target_machine(jit=True)
code = target.emit_object(llvm.parse_assembly("define void @run() { ret void }"))
try:
    link([Compiled("own", (), "run", code)])
except PermissionError as error:
    print(error)
"""
SEARCHING = """
import numpy as np
from aiomilvus import MilvusClient
from aiomilvus.engine.index.dense import kernel_access as dense
from aiomilvus.engine.index.sparse import kernel_access as sparse

vectors = np.random.default_rng(0).standard_normal((300, 8)).astype(np.float32)
with MilvusClient(":memory:") as client:
    client.create_collection("c", dimension=8, metric_type="L2")
    client.insert("c", [{"id": i, "vector": v} for i, v in enumerate(vectors)])
    client.flush("c")
    for row in (*range(12), 299):
        assert client.search("c", [vectors[row]], limit=1)[0][0]["id"] == row
    assert dense.kernels() is sparse.kernels() is None
    assert client.search("c", [vectors[7]], limit=1)[0][0]["id"] == 7
"""
FORKING = """
import os, signal, sys, threading, time
import llvmlite.binding as llvm
from aiomilvus.engine.index.kernels import linking

linking.machine()
held, forking = threading.Event(), threading.Event()

def hold():
    with linking._library(), llvm.ffi.lib._lock:
        held.set()
        forking.wait(30)
        time.sleep(0.1)  # where a fork does not wait it has happened by then

threading.Thread(target=hold).start()
held.wait(30)
os.register_at_fork(before=forking.set)  # what was registered last runs first
child = os.fork()
if child == 0:
    signal.alarm(20)
    linking.machine()
    os._exit(0)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


def run(program: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )


@pytest.mark.skipif(sys.platform != "linux", reason="PR_SET_MDWE is Linux'")
@pytest.mark.parametrize("program", [LINKING, SEARCHING], ids=["linking", "searching"])
def test_where_no_written_memory_may_be_run_searches_go_without_kernels(program: str) -> None:
    done = run(WITHOUT_WRITTEN_CODE + program)
    if done.returncode == 77:
        pytest.skip("this kernel does not know PR_SET_MDWE")
    assert done.returncode == 0, done.stderr
    assert "MemoryDenyWriteExecute" in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
def test_a_fork_waits_until_the_linker_is_not_in_use() -> None:
    done = run(FORKING)
    assert done.returncode == 0, done.stderr


def test_code_without_the_function_is_refused() -> None:
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    target = llvm.Target.from_triple(llvm.get_process_triple()).create_target_machine(jit=True)
    code = target.emit_object(llvm.parse_assembly("define void @run(ptr %words) { ret void }"))
    link([Compiled("own", (), "run", code)]).own()
    with pytest.raises(RuntimeError, match="the code of own has no walk"):
        link([Compiled("own", (), "walk", code)])
