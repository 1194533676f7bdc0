"""A forwarded call that is sent twice is carried out once."""

from __future__ import annotations

import threading

import pytest

from aiomilvus.engine.processes.begun_calls import MOST, BegunCalls


def test_the_second_of_two_equal_calls_is_answered_what_the_first_was():
    calls = BegunCalls()
    done = []
    for _ in range(2):
        assert calls.once("a", lambda: done.append(1) or len(done)) == 1
    assert calls.once("b", lambda: "other") == "other"


def test_a_call_that_is_sent_again_while_it_runs_waits_for_its_answer():
    calls, begun, may_end, answers = BegunCalls(), threading.Event(), threading.Event(), []

    def work():
        begun.set()
        may_end.wait(30)
        return "first"

    first = threading.Thread(target=lambda: answers.append(calls.once("a", work)))
    first.start()
    assert begun.wait(30)
    second = threading.Thread(target=lambda: answers.append(calls.once("a", lambda: "second")))
    second.start()
    may_end.set()
    first.join(30)
    second.join(30)
    assert answers == ["first", "first"]


def test_an_interrupted_call_does_not_leave_its_sender_waiting():
    calls = BegunCalls()

    def interrupted():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        calls.once("a", interrupted)
    with pytest.raises(InterruptedError, match="the call a was cut short"):
        calls.once("a", lambda: "never")


def test_the_oldest_calls_that_have_ended_are_forgotten():
    calls = BegunCalls()
    for number in range(MOST + 2):
        calls.once(str(number), lambda: "first")
    assert calls.once("0", lambda: "again") == "again"
    assert calls.once(str(MOST + 1), lambda: "again") == "first"
