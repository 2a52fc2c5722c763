"""Every view with every shipped model: it answers for all that it shows, in JSON, or says what the model lacks."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import threading
from dataclasses import replace
from typing import Any

import gradio as gr
import pytest
from gradio.components import Component

from explorer.training.jobs import Jobs
from explorer.training.store import RunStore
from explorer.ui.explorer import Explorer
from explorer.ui.gallery import SHIPPED, Gallery
from explorer.ui.library import Library
from explorer.ui.page import Page
from explorer.ui.session import Session
from explorer.ui.stages import Place, Stage, place_views
from explorer.ui.view import views

MODELS = sorted(file.stem for file in SHIPPED.glob("*.json"))
KEYS = [view.key for inside in views().values() for view in inside]


def no_work(*_: Any, **__: Any) -> Any:
    raise AssertionError("no view starts a training by being looked at")


async def placed(explorer: Explorer) -> dict[str, Place]:
    """The places with their views, built while an event loop runs, without which Gradio leaves four open behind."""
    with gr.Blocks(analytics_enabled=False):
        return place_views(Page(explorer))


@pytest.fixture(scope="module")
def explorer(tmp_path_factory: pytest.TempPathFactory) -> Explorer:
    return Explorer(Library(), Gallery(RunStore(tmp_path_factory.mktemp("runs"))), Jobs(no_work))


@pytest.fixture(scope="module")
def stages(explorer: Explorer) -> dict[str, Stage]:
    places = asyncio.run(placed(explorer))
    return {key: stage for place in places.values() for key, stage in place.stages.items()}


def defaults(stage: Stage) -> list[Any]:
    return [control.value for control in stage.panel.controls]


def answered(stage: Stage, explorer: Explorer, session: Session) -> list[Any]:
    answers = stage.render(explorer.current(session), defaults(stage))
    assert len(answers) == len(stage.outputs)
    outputs: list[Any] = stage.outputs
    for answer, output in zip(answers, outputs, strict=True):
        is_update = isinstance(answer, dict) and answer.get("__type__") == "update"
        worded: Any = output.postprocess if isinstance(output, Component) and not is_update else lambda plain: plain
        sent = worded(answer)
        json.dumps(sent, allow_nan=False)
    return answers


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("model", MODELS)
def test_each_view_shows_each_model_or_says_why_not(
    stages: dict[str, Stage], explorer: Explorer, key: str, model: str
) -> None:
    variant = explorer.gallery.shipped[model].variant
    lack, body, *_ = answered(stages[key], explorer, Session(model=model, variant=variant))
    assert lack["visible"] is not body["visible"]
    assert bool(lack["value"]) == lack["visible"]


@pytest.mark.parametrize("key", KEYS)
def test_each_view_takes_a_picture_of_ones_own(stages: dict[str, Stage], explorer: Explorer, key: str) -> None:
    own = bytes(300) + bytes(range(184)) + bytes(300)
    session = dataclasses.replace(Session(model="dense", variant="dense"), own=own)
    lack, *_ = answered(stages[key], explorer, session)
    assert not lack["visible"]


@pytest.mark.parametrize("key", KEYS)
def test_no_view_changes_the_model_that_it_shows(stages: dict[str, Stage], explorer: Explorer, key: str) -> None:
    session = Session(model="variational", variant="variational")
    model = explorer.current(session).exhibit.model
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    answered(stages[key], explorer, session)
    assert not model.training
    assert all(bool((tensor == before[name]).all()) for name, tensor in model.state_dict().items())


def test_no_test_digit_is_marked_while_an_own_picture_is_the_input(
    stages: dict[str, Stage], explorer: Explorer
) -> None:
    stage = stages[KEYS[0]]
    for own, marked in ((b"", 5), (bytes(784), None)):
        strip = stage.panel.render(explorer.current(Session(index=5, own=own)))[1]
        assert strip["value"] == {"index": marked}


def test_a_model_whose_map_is_being_drawn_keeps_no_other_waiting(
    explorer: Explorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    gallery, dataset, go_on = Gallery(explorer.gallery.store), explorer.library.dataset, threading.Event()
    drawing = threading.Event()

    def slow(*_: object) -> Any:
        drawing.set()
        go_on.wait(60)
        return maps

    maps = gallery.open("linear", dataset).maps
    monkeypatch.setattr("explorer.ui.gallery.draw", slow)
    monkeypatch.setattr("explorer.ui.gallery.Maps.from_bytes", lambda _: replace(maps, dataset_sha256="other digits"))
    waiting = threading.Thread(target=gallery.open, args=("dense", dataset))
    waiting.start()
    try:
        assert drawing.wait(60)
        assert gallery.open("linear", dataset).maps is maps
        assert waiting.is_alive()
    finally:
        go_on.set()
        waiting.join()
