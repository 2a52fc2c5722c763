"""A visitor's events count in their order, and none of them overwrites what a later one has shown."""

from __future__ import annotations

import asyncio
import threading
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import gradio as gr
import pytest

from explorer.training.jobs import Jobs
from explorer.training.store import RunStore
from explorer.ui.explorer import Explorer
from explorer.ui.gallery import Gallery
from explorer.ui.library import Library
from explorer.ui.page import Page
from explorer.ui.session import Session
from explorer.ui.view import views
from explorer.ui.visit import Visit, handler

PATIENCE = 10  # seconds


@pytest.fixture
def output() -> gr.Markdown:
    return gr.Markdown(render=False)


class Moment:
    """Something slow: it begins when it is called, and ends when the test lets it."""

    def __init__(self) -> None:
        self.has_begun, self.may_end = threading.Event(), threading.Event()

    def pass_by(self) -> None:
        """Take that time."""
        self.has_begun.set()
        assert self.may_end.wait(PATIENCE)


def chosen(visit: Visit, index: int) -> None:
    visit.move(lambda session: replace(session, index=index))


def digit(visit: Visit, *_: int) -> list[str]:
    return [f"digit {visit.session.index}"]


async def begun(moment: Moment) -> None:
    assert await asyncio.to_thread(moment.has_begun.wait, PATIENCE)


def test_an_event_is_answered_from_where_the_one_before_it_led_and_does_not_wait_for_what_that_shows(
    output: gr.Markdown,
) -> None:
    moment = Moment()

    def slow(visit: Visit, *_: int) -> list[str]:
        moment.pass_by()
        return digit(visit)

    async def both() -> tuple[str, str]:
        visit = Visit()
        first = asyncio.create_task(handler(slow, [output], chosen)(visit, 8))
        await begun(moment)
        second = await handler(digit, [gr.Markdown(render=False)])(visit)
        moment.may_end.set()
        return await first, second

    assert asyncio.run(both()) == ("digit 8", "digit 8")


def test_what_a_later_event_has_shown_is_not_overwritten(output: gr.Markdown) -> None:
    moment, other = Moment(), gr.Markdown(render=False)

    def slow(*_: Any) -> list[str]:
        moment.pass_by()
        return ["old", "only I know"]

    async def both() -> list[Any]:
        visit = Visit()
        first = asyncio.create_task(handler(slow, [output, other])(visit))
        await begun(moment)
        assert await handler(lambda *_: ["new", gr.skip()], [output, other])(visit) == ["new", gr.skip()]
        moment.may_end.set()
        return [*await first]

    assert asyncio.run(both()) == [gr.skip(), "only I know"]


def test_of_the_same_event_only_what_comes_last_is_shown_after_the_first_but_each_one_counts(
    output: gr.Markdown,
) -> None:
    moment, seen = Moment(), list[int]()

    def count(visit: Visit, index: int) -> None:
        visit.move(lambda session: replace(session, index=max(session.index, 0) + index))

    def show(visit: Visit, index: int) -> list[str]:
        seen.append(index)
        moment.pass_by()
        return digit(visit)

    async def all_three() -> list[Any]:
        visit, event = Visit(), handler(show, [output], count)
        first = asyncio.create_task(event(visit, 1))
        await begun(moment)
        later = [asyncio.create_task(event(visit, index)) for index in (20, 300)]
        while visit.session.index < 321:
            await asyncio.sleep(0.01)
        moment.may_end.set()
        return [*await asyncio.gather(first, *later)]

    assert asyncio.run(all_three()) == ["digit 321", gr.skip(), "digit 321"]
    assert seen == [1, 300]


def test_who_fails_does_not_hold_up_the_next(output: gr.Markdown) -> None:
    def refused(*_: Any) -> None:
        raise ValueError("the steps must be a whole number from 5 to 15, got 99")

    async def all_three() -> str:
        visit = Visit()
        for failing in (handler(digit, [output], refused), handler(refused, [output], chosen)):  # type: ignore[arg-type]
            with pytest.raises(gr.Error, match="from 5 to 15, got 99"):
                await failing(visit, 4)
        return str(await handler(digit, [output])(visit))

    assert asyncio.run(all_three()) == "digit 4"


def test_every_page_has_a_visit_of_its_own() -> None:
    visit = Visit()
    chosen(visit, 5)
    visit.front, visit.events = "Train/Run", 7
    other = deepcopy(visit)
    assert (other.session, other.front, other.events) == (Session(), "", 0)
    assert other.turn is not visit.turn


def built(folder: Path, work: Any, needs: str) -> list[dict[str, Any]]:
    """The events of a page on which two controls turn one view."""

    async def page() -> list[dict[str, Any]]:
        with gr.Blocks(analytics_enabled=False) as blocks:
            explorer = Explorer(Library(), Gallery(RunStore(folder)), Jobs(lambda *_: None))
            one, other, shown = gr.Slider(), gr.Radio(["linear", "slerp"]), gr.Markdown()
            inside = next(view for view in views()["Latent space"] if view.title == needs)
            Page(explorer).when([one.input, other.input], work, [one, other], [shown], view=inside)
        handler = blocks.fns[0].fn
        assert handler is not None
        events: list[dict[str, Any]] = blocks.get_config_file()["dependencies"]
        masked, dense, unknown = Visit(), Visit(), Visit()
        masked.session = Session(model="masked", variant="masked", has_arrived=True)
        dense.session = Session(model="dense", variant="dense", has_arrived=True)
        answers = [await handler(visit, 5, "slerp") for visit in (masked, dense, unknown)]
        return [*events, *({"answer": answer} for answer in answers)]

    return asyncio.run(page())


def test_all_controls_of_a_view_are_one_event_so_that_no_old_answer_comes_last(tmp_path: Path) -> None:
    event, nothing, something, to_a_stranger = built(tmp_path, lambda _, steps, way: [f"{steps} {way}"], "Interpolate")
    assert [how for _, how in event["targets"]] == ["input", "input"]
    assert event["trigger_mode"] == "always_last"
    assert something["answer"] == [gr.skip(), "5 slerp"]
    assert nothing["answer"] == [gr.skip(), gr.skip()], "a masked model cannot be interpolated"
    memory, _ = to_a_stranger["answer"]
    assert memory["forgotten"], "a page that the server does not know is to tell what its browser remembers"
