"""Threads of the scheduler go on in the order that the seed chooses, and never wait for real."""

from __future__ import annotations

import pytest

from tests.simulation.scheduler import Hang, Scheduler


def order(seed: int) -> list[str]:
    scheduler, told = Scheduler(seed), []
    threading = scheduler.as_threading()
    lock = threading.Lock()

    def work(name: str) -> None:
        for _ in range(5):
            with lock:
                told.append(name)

    def main() -> None:
        threads = [threading.Thread(target=work, args=(name,)) for name in "abc"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    scheduler.run(main)
    return told


def test_one_seed_gives_one_order_and_others_give_others():
    assert order(1) == order(1)
    assert len({tuple(order(seed)) for seed in range(10)}) > 5


def test_threads_that_wait_for_each_other_are_told():
    scheduler = Scheduler(0)
    threading = scheduler.as_threading()
    first, second = threading.Lock(), threading.Lock()

    def main() -> None:
        def other() -> None:
            with second, first:
                pass

        with first:
            thread = threading.Thread(target=other, name="the other")
            thread.start()
            while not second.locked():
                scheduler.pause()
            with second:
                pass

    with pytest.raises(Hang, match="the other"):
        scheduler.run(main)


def test_a_time_out_costs_simulated_time_only():
    scheduler, found = Scheduler(0), []
    threading = scheduler.as_threading()

    def main() -> None:
        before = scheduler.monotonic()
        changed = threading.Condition()
        with changed:
            found.append(changed.wait_for(lambda: False, 600))
        found.append(scheduler.monotonic() - before >= 600)

    scheduler.run(main)
    assert found == [False, True]


def test_what_a_thread_ends_in_is_raised():
    scheduler = Scheduler(0)

    def main() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        scheduler.run(main)
