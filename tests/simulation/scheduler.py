"""Threads that run one at a time, in an order that a seed chooses, on a simulated clock.

`Scheduler.run` runs a function and whatever threads it starts. Exactly one of them runs; at each
lock, wait and call to the disk another one may be chosen. When none can go on, the clock jumps to
the first time-out; without any, they wait for each other for ever, and `Hang` says where.
"""

from __future__ import annotations

import random
import sys
import threading
import time
import traceback
from contextlib import ExitStack, contextmanager
from types import ModuleType, SimpleNamespace
from typing import TYPE_CHECKING, Any
from unittest import mock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_FIRST = 1_800_000_000 * 10**9
"""When simulated time begins, in nanoseconds since 1970."""
_LONGEST = 3600 * 10**9
"""Simulated nanoseconds after which a run that has not ended counts as hanging."""
_STEP = 20_000
"""Simulated nanoseconds from one step to the next."""
_SWITCHES = 0.25
"""How often a step lets another thread go on."""
_REAL = ("index.kernels", "index.dense.kernel_access", "providers")
"""What compiles kernels or runs models beside everything else; it never touches the disk."""


class Hang(Exception):
    """The threads wait for each other for ever."""


class Task:
    """One thread, as `threading.Thread`."""

    def __init__(
        self,
        scheduler: Scheduler,
        target: Callable[..., object],
        name: str = "",
        args: tuple[Any, ...] = (),
    ) -> None:
        self.name = name
        self.ended = False
        self.is_ready: Callable[[], bool] | None = None
        self.deadline: int | None = None
        self.gate = threading.Semaphore(0)
        self._scheduler = scheduler
        self._target = target
        self._args = args
        self.thread = threading.Thread(target=self._run, name=name, daemon=True)

    def _run(self) -> None:
        self.gate.acquire()
        self._scheduler.of_thread[threading.get_ident()] = self
        try:
            self._target(*self._args)
        except BaseException as error:  # noqa: BLE001 - told at the end of the run
            self._scheduler.errors.append(error)
        finally:
            self.ended = True
            self._scheduler.of_thread.pop(threading.get_ident())
            self._scheduler.switch(self)

    def start(self) -> None:
        """Let the scheduler choose it from now on."""
        self._scheduler.tasks.append(self)
        self.thread.start()
        self._scheduler.pause()

    def join(self, timeout: float | None = None) -> None:
        """Wait until it has ended."""
        self._scheduler.wait(lambda: self.ended, timeout)

    def is_alive(self) -> bool:
        """Whether it has not ended."""
        return not self.ended


class Scheduler:
    """Chooses which thread goes on.

    Args:
        seed: Of all choices.

    Attributes:
        now: Simulated nanoseconds since 1970.
        errors: What threads ended in.
    """

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.now = _FIRST
        self.errors: list[BaseException] = []
        self.tasks: list[Task] = []
        self.of_thread: dict[int, Task] = {}
        self._over = threading.Event()

    def run(self, main: Callable[[], object]) -> None:
        """Run `main` and its threads to their ends.

        Raises:
            Hang: They wait for each other.
            BaseException: What one of them ended in.
        """
        first = Task(self, main, "main")
        self.tasks.append(first)
        first.thread.start()
        first.gate.release()
        self._over.wait()
        if self.errors:
            raise self.errors[0]

    @property
    def current(self) -> Task | None:
        """The task of this thread; None in a thread that is none of them."""
        return self.of_thread.get(threading.get_ident())

    def pause(self) -> None:
        """Let time pass, and perhaps another thread go on."""
        task = self.current
        if task is None:
            return
        self.now += _STEP
        if self.random.random() < _SWITCHES:
            self.switch(task)

    def wait(self, is_ready: Callable[[], bool], timeout: float | None = None) -> bool:
        """Let others go on until something is so, or for `timeout` seconds."""
        task = self.current
        if task is None:
            if not is_ready():
                raise Hang("a thread of no task would wait")
            return True
        if not is_ready():
            task.is_ready = is_ready
            task.deadline = None if timeout is None else self.now + int(timeout * 1e9)
            self.switch(task)
            task.is_ready = task.deadline = None
        return is_ready()

    def switch(self, task: Task) -> None:
        """Choose who goes on; return when it is `task`, unless that has ended."""
        self.tasks = [each for each in self.tasks if not each.ended]
        chosen = self._chosen()
        if chosen is None:
            self._end()
        elif chosen is task:
            return
        else:
            chosen.gate.release()
        if not task.ended:
            task.gate.acquire()

    def _chosen(self) -> Task | None:
        ready = [each for each in self.tasks if each.is_ready is None or each.is_ready()]
        if ready and self.now < _FIRST + _LONGEST:
            return ready[self.random.randrange(len(ready))]
        timed = [each for each in self.tasks if each.deadline is not None]
        if not timed or self.now >= _FIRST + _LONGEST:
            return None
        first = min(timed, key=lambda each: each.deadline or 0)
        self.now = max(self.now, first.deadline or 0)
        return first

    def _end(self) -> None:
        if self.tasks:
            frames = sys._current_frames()
            told = []
            for each in self.tasks:
                frame = frames.get(each.thread.ident or 0)
                told.append(f"{each.name}:\n{''.join(traceback.format_stack(frame)[-12:])}")
            self.errors.insert(0, Hang("\n".join(told)))
        self._over.set()

    def as_threading(self) -> Any:
        """Return what stands for the module `threading`."""
        return SimpleNamespace(
            Lock=lambda: Lock(self),
            RLock=lambda: RLock(self),
            Condition=lambda lock=None: Condition(self, lock),
            Thread=lambda target, name="", daemon=True, args=(): Task(self, target, name, args),
            current_thread=lambda: self.current or threading.current_thread(),
            main_thread=threading.main_thread,
            get_ident=threading.get_ident,
            get_native_id=threading.get_native_id,
            local=threading.local,
            ExceptHookArgs=threading.ExceptHookArgs,
            excepthook=lambda args: self.errors.append(args.exc_value),
        )

    def as_time(self) -> Any:
        """Return what stands for the module `time`."""
        return SimpleNamespace(
            time=lambda: self.now / 1e9,
            time_ns=lambda: self.now,
            monotonic=self.monotonic,
            perf_counter=self.monotonic,
            perf_counter_ns=lambda: self.now,
            sleep=lambda seconds: self.wait(lambda: False, seconds),
        )

    def monotonic(self) -> float:
        """Return simulated seconds."""
        return self.now / 1e9


class Lock:
    """As `threading.Lock`."""

    def __init__(self, scheduler: Scheduler) -> None:
        self._scheduler = scheduler
        self._locked = False

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        """Take it once it is free."""
        self._scheduler.pause()
        if self._locked and (
            not blocking
            or not self._scheduler.wait(lambda: not self._locked, None if timeout < 0 else timeout)
        ):
            return False
        self._locked = True
        return True

    def release(self) -> None:
        """Free it."""
        if not self._locked:
            raise RuntimeError("release unlocked lock")
        self._locked = False

    def locked(self) -> bool:
        """Whether somebody has it."""
        return self._locked

    def __enter__(self) -> bool:
        return self.acquire()

    def __exit__(self, *_: object) -> None:
        self.release()


class RLock:
    """As `threading.RLock`."""

    def __init__(self, scheduler: Scheduler) -> None:
        self._scheduler = scheduler
        self._owner = 0
        self._count = 0

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        """Take it once it is free, or once more."""
        me = threading.get_ident()
        if self._owner != me:
            self._scheduler.pause()
            if self._owner and (
                not blocking
                or not self._scheduler.wait(
                    lambda: not self._owner, None if timeout < 0 else timeout
                )
            ):
                return False
        self._owner = me
        self._count += 1
        return True

    def release(self) -> None:
        """Free it once."""
        if self._owner != threading.get_ident():
            raise RuntimeError("cannot release un-acquired lock")
        self._count -= 1
        if not self._count:
            self._owner = 0

    def __enter__(self) -> bool:
        return self.acquire()

    def __exit__(self, *_: object) -> None:
        self.release()

    def is_owned(self) -> bool:
        """Whether this thread has it."""
        return self._owner == threading.get_ident()

    def release_all(self) -> int:
        """Free it; return how often it was taken."""
        count, self._count, self._owner = self._count, 0, 0
        return count

    def take_back(self, count: int) -> None:
        """Take it as often as it was."""
        self.acquire()
        self._count = count


class Condition:
    """As `threading.Condition`."""

    def __init__(self, scheduler: Scheduler, lock: RLock | None = None) -> None:
        self._scheduler = scheduler
        self._lock = lock or RLock(scheduler)
        self._waiters: list[object] = []
        self.acquire = self._lock.acquire
        self.release = self._lock.release

    def __enter__(self) -> bool:
        return self._lock.acquire()

    def __exit__(self, *_: object) -> None:
        self._lock.release()

    def _check(self) -> None:
        if not self._lock.is_owned():
            raise RuntimeError("cannot use an un-acquired condition")

    def wait(self, timeout: float | None = None) -> bool:
        """Wait to be notified."""
        self._check()
        token = object()
        self._waiters.append(token)
        count = self._lock.release_all()
        notified = self._scheduler.wait(lambda: token not in self._waiters, timeout)
        if not notified:
            self._waiters.remove(token)
        self._lock.take_back(count)
        return notified

    def wait_for(self, predicate: Callable[[], Any], timeout: float | None = None) -> Any:
        """Wait until something is so."""
        end = None if timeout is None else self._scheduler.monotonic() + timeout
        while not (result := predicate()):
            left = None if end is None else end - self._scheduler.monotonic()
            if left is not None and left <= 0:
                break
            self.wait(left)
        return result

    def notify(self, n: int = 1) -> None:
        """Wake some that wait."""
        self._check()
        del self._waiters[:n]

    def notify_all(self) -> None:
        """Wake all that wait."""
        self._check()
        self._waiters.clear()


def _engine() -> list[ModuleType]:
    return [
        module
        for name, module in sorted(sys.modules.items())
        if name.startswith("aiomilvus.engine.")
        and not any(name.startswith(f"aiomilvus.engine.{real}") for real in _REAL)
    ]


@contextmanager
def simulated(scheduler: Scheduler) -> Iterator[None]:
    """Let the engine's threads, locks and clocks be those of `scheduler`."""
    stand_ins = {
        "threading": (threading, scheduler.as_threading()),
        "time": (time, scheduler.as_time()),
        "monotonic": (time.monotonic, scheduler.monotonic),
    }
    with ExitStack() as patches:
        for module in _engine():
            for name, (real, stand_in) in stand_ins.items():
                if getattr(module, name, None) is real:
                    patches.enter_context(mock.patch.object(module, name, stand_in))
        yield
