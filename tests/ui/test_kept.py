"""What is kept is made once, the longest unused goes first, and a failure keeps nothing."""

from __future__ import annotations

import threading
import time
from functools import partial

import pytest

from explorer.ui.kept import Kept


def test_the_longest_unused_is_made_again() -> None:
    kept, made = Kept[str](2), []

    def make(key: str) -> str:
        made.append(key)
        return key.upper()

    assert [kept.get(key, partial(make, key)) for key in "abacb"] == ["A", "B", "A", "C", "B"]
    assert made == ["a", "b", "c", "b"]


def test_two_who_ask_at_once_wait_for_one_computation() -> None:
    kept, made = Kept[int](1), []

    def make() -> int:
        made.append(1)
        time.sleep(0.05)
        return 7

    threads = [threading.Thread(target=kept.get, args=("key", make)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert made == [1]


def test_a_failure_keeps_nothing() -> None:
    kept = Kept[int](2)
    kept.get("other", lambda: 1)
    for key in "abc":
        with pytest.raises(ZeroDivisionError):
            kept.get(key, lambda: 1 // 0)
    assert kept.get("other", lambda: 2) == 1, "nothing has been pushed out"
    with pytest.raises(ZeroDivisionError):
        kept.get("key", lambda: 1 // 0)
    assert kept.get("key", lambda: 3) == 3


def test_a_long_computation_keeps_nobody_else_waiting() -> None:
    kept, go_on = Kept[int](2), threading.Event()
    slow = threading.Thread(target=kept.get, args=("slow", go_on.wait))
    slow.start()
    assert kept.get("quick", lambda: 7) == 7  # while the other is still at work
    assert slow.is_alive()
    go_on.set()
    slow.join()


def test_a_result_is_replaced_and_forgotten() -> None:
    kept = Kept[int](2)
    kept.put("a", 1)
    assert kept.get("a", lambda: 2) == 1
    kept.put("b", 1)
    kept.put("c", 1)
    assert kept.get("a", lambda: 3) == 3, "the longest unused has gone"
    kept.drop(lambda key: key == "a")
    assert kept.get("a", lambda: 4) == 4


def test_who_waits_for_one_that_fails_makes_it_for_all() -> None:
    kept, at_work, go_on, made = Kept[int](1), threading.Event(), threading.Event(), []

    def fail() -> int:
        at_work.set()
        go_on.wait(60)
        raise ZeroDivisionError

    def first() -> None:
        with pytest.raises(ZeroDivisionError):
            kept.get("key", fail)

    def succeed() -> int:
        made.append(1)
        return 7

    threads = [threading.Thread(target=first)]
    threads += [threading.Thread(target=kept.get, args=("key", succeed)) for _ in range(3)]
    for thread in threads:
        thread.start()
        assert at_work.wait(60)
    go_on.set()
    for thread in threads:
        thread.join()
    assert kept.get("key", fail) == 7
    assert made == [1]
