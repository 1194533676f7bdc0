"""A forwarded call that is sent twice is carried out once."""

from __future__ import annotations

import threading

import pytest

from aiomilvus.engine.processes.begun_calls import MOST, BegunCalls
from aiomilvus.engine.processes.messages import Answer


def test_the_second_of_two_equal_calls_is_answered_what_the_first_was() -> None:
    calls = BegunCalls()
    assert calls.once("a", lambda: Answer("first")) == Answer("first")
    assert calls.once("a", lambda: Answer("second")) == Answer("first")
    assert calls.once("b", lambda: Answer("other")) == Answer("other")


def test_a_call_that_is_sent_again_while_it_runs_waits_for_its_answer() -> None:
    calls, begun, may_end = BegunCalls(), threading.Event(), threading.Event()
    answers: list[Answer] = []

    def work() -> Answer:
        begun.set()
        may_end.wait(30)
        return Answer("first")

    first = threading.Thread(target=lambda: answers.append(calls.once("a", work)))
    first.start()
    assert begun.wait(30)
    second = threading.Thread(
        target=lambda: answers.append(calls.once("a", lambda: Answer("second")))
    )
    second.start()
    may_end.set()
    first.join(30)
    second.join(30)
    assert answers == [Answer("first")] * 2


def test_an_interrupted_call_does_not_leave_its_sender_waiting() -> None:
    calls = BegunCalls()

    def interrupted() -> Answer:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        calls.once("a", interrupted)
    with pytest.raises(InterruptedError, match="the call a was cut short"):
        calls.once("a", lambda: Answer("never"))


def test_the_oldest_calls_that_have_ended_are_forgotten() -> None:
    calls = BegunCalls()
    for number in range(MOST + 2):
        calls.once(str(number), lambda: Answer("first"))
    assert calls.once("0", lambda: Answer("again")) == Answer("again")
    assert calls.once(str(MOST + 1), lambda: Answer("again")) == Answer("first")
