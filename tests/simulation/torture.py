"""Try many seeds: ``python -m tests.simulation.torture 0-100``.

Each seed stands for four lives of a database, every second of which has failing calls, and for a
number of losses of power in each; it does the same again whenever and wherever it is tried. A
seed that fails is told with what it left; the others go on.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import shutil
import sys
import tempfile
import time
import traceback
from pathlib import Path

FIXED = {"PYTHONHASHSEED": "0", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
"""What a process has to be started with to do the same as another one."""
_MEMORY = Path("/dev/shm")  # noqa: S108 - a file system in memory, where there is one


def seeds(text: str) -> range:
    """Return the seeds of ``7`` or ``0-100``, the last one included."""
    first, _, last = text.partition("-")
    return range(int(first), int(last or first) + 1)


def main() -> int:
    """Try the seeds; return how many failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation.torture")
    parser.add_argument("seeds", type=seeds, help="one, or the first and the last: 0-100")
    parser.add_argument("--states", type=int, default=20, help="losses of power in each life")
    parser.add_argument("--lives", type=int, default=4, help="lives of each seed")
    parser.add_argument("--minutes", type=float, default=1e9, help="begin no seed later")
    arguments = parser.parse_args()
    from tests.simulation.history import hurry
    from tests.simulation.life import Figures, torture

    logging.disable(logging.CRITICAL)  # maintenance logs each refusal
    hurry()
    with tempfile.TemporaryDirectory() as warm:
        torture(Path(warm), 0, 1, 2)  # what is loaded late is loaded, so no seed is the first
    total, failed, tried = Figures(), [], 0
    begun = time.monotonic()
    for seed in arguments.seeds:
        if time.monotonic() - begun > arguments.minutes * 60:
            break
        tried += 1
        room = _MEMORY if _MEMORY.is_dir() else None
        folder = Path(tempfile.mkdtemp(prefix=f"seed-{seed}-", dir=room))
        try:
            total.add(torture(folder, seed, arguments.states, arguments.lives))
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt):
                raise
            failed.append(seed)
            traceback.print_exc()
            sys.stderr.write(f"seed {seed} failed; what was left is in {folder}\n")
        else:
            shutil.rmtree(folder)
    sys.stdout.write(json.dumps({"seeds": tried, **vars(total), "failed": failed}) + "\n")
    return len(failed)


if __name__ == "__main__":
    if any(os.environ.get(name) != value for name, value in FIXED.items()):
        command = [sys.executable, "-m", "tests.simulation.torture", *sys.argv[1:]]
        os.execve(sys.executable, command, {**os.environ, **FIXED})  # noqa: S606 - ourselves
    sys.exit(bool(main()))
