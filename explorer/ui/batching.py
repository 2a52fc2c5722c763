"""Questions of many visitors that one pass through a network can answer together."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

import anyio.to_thread

Question = TypeVar("Question")
Answer = TypeVar("Answer")
MOST = 64  # questions answered at once


class Batches:
    """While one batch is at work, the next one gathers: a lonely question never waits, and a crowd shares the work.

    To be used from one event loop.
    """

    def __init__(self) -> None:
        self._waiting: dict[Hashable, list[tuple[Any, asyncio.Future[Any]]]] = {}
        self._tasks: dict[Hashable, asyncio.Task[None]] = {}

    async def ask(self, key: Hashable, question: Question, work: Callable[[list[Question]], list[Answer]]) -> Answer:
        """The answer that ``work``, in a thread, gives to this question among others of the same key, in their order.

        Raises what ``work`` raises, for all questions of the batch.
        """
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(key, []).append((question, future))
        if key not in self._tasks:
            self._tasks[key] = asyncio.create_task(self._serve(key, work))
        return await future

    async def _serve(self, key: Hashable, work: Callable[[list[Any]], list[Any]]) -> None:
        """Batch after batch until nobody waits."""
        while batch := self._waiting[key][:MOST]:
            del self._waiting[key][:MOST]
            try:
                answers = await anyio.to_thread.run_sync(work, [question for question, _ in batch])
            except Exception as error:  # noqa: BLE001  # whatever it is, those who asked must hear of it
                for _, future in batch:
                    if not future.done():
                        future.set_exception(error)
            else:
                for (_, future), answer in zip(batch, answers, strict=True):
                    if not future.done():  # a visitor may have gone
                        future.set_result(answer)
        del self._waiting[key], self._tasks[key]
