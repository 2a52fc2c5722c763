"""Questions that come while others are at work are answered together, each with its own answer."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest

from explorer.ui.batching import MOST, Batches


def test_a_crowd_is_answered_in_few_batches_and_each_gets_its_own_answer() -> None:
    batches, sizes = Batches(), list[int]()

    def double(questions: list[int]) -> list[int]:
        sizes.append(len(questions))
        time.sleep(0.02)
        return [2 * question for question in questions]

    async def crowd() -> list[int]:
        return await asyncio.gather(*(batches.ask("key", i, double) for i in range(100)))

    assert asyncio.run(crowd()) == [2 * i for i in range(100)]
    assert sum(sizes) == 100
    assert max(sizes) <= MOST
    assert len(sizes) <= 3


def test_questions_of_other_keys_do_not_wait() -> None:
    batches, gate = Batches(), threading.Event()

    async def both() -> str:
        async def quick() -> str:
            answer = await batches.ask("quick", "b", list)
            gate.set()
            return answer

        return "".join(
            await asyncio.gather(batches.ask("slow", "a", lambda asked: [str(gate.wait(5)) for _ in asked]), quick())
        )

    assert asyncio.run(both()) == "Trueb"


def test_a_failure_reaches_all_who_asked_and_the_next_batch_is_as_new() -> None:
    batches = Batches()

    def fail(questions: list[int]) -> list[int]:
        raise ValueError(f"no answer to {questions}")

    async def story() -> int:
        results = await asyncio.gather(*(batches.ask("key", i, fail) for i in (1, 2)), return_exceptions=True)
        assert [str(result) for result in results] == ["no answer to [1, 2]"] * 2
        return await batches.ask("key", 3, list)

    assert asyncio.run(story()) == 3


def test_a_visitor_who_leaves_disturbs_nobody() -> None:
    batches = Batches()

    def work(questions: list[int]) -> list[int]:
        time.sleep(0.05)
        return questions

    async def story() -> int:
        gone = asyncio.create_task(batches.ask("key", 1, work))
        stays = asyncio.create_task(batches.ask("key", 2, work))
        await asyncio.sleep(0.01)
        gone.cancel()
        with pytest.raises(asyncio.CancelledError):
            await gone
        return await stays

    assert asyncio.run(story()) == 2
