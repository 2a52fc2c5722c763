"""Run: its knobs start where the model on show was trained, and where nobody has to wait for an hour."""

from __future__ import annotations

import pytest

from explorer import data
from explorer.models.registry import named
from explorer.training.jobs import Jobs
from explorer.training.shipped import FAILURES, SHIPPED
from explorer.training.store import RunStore
from explorer.ui.explorer import Explorer
from explorer.ui.gallery import Gallery
from explorer.ui.library import Library
from explorer.ui.session import Current, Session
from explorer.ui.views.training import asked, render


@pytest.fixture(scope="module")
def gallery(tmp_path_factory: pytest.TempPathFactory) -> Gallery:
    return Gallery(RunStore(tmp_path_factory.mktemp("runs")))


def start_of(gallery: Gallery, model: str) -> dict[str, dict[str, object]]:
    dataset = data.load()
    current = Current(gallery.open(model, dataset), dataset, 3, "", "label", gallery)
    start: dict[str, dict[str, object]] = render(current)[0]["start"]
    return start


@pytest.mark.parametrize("name", ["dead", "diverged"])
def test_an_exhibit_shows_the_settings_that_failed(gallery: Gallery, name: str) -> None:
    start = start_of(gallery, name)
    assert start["settings"].items() >= FAILURES[name].settings.items()
    assert start["training"].items() >= FAILURES[name].training.items()


@pytest.mark.parametrize("name", ["dense", "convolutional-64"])
def test_a_shipped_model_keeps_its_settings_but_trains_as_long_as_its_variant_likes(
    gallery: Gallery, name: str
) -> None:
    start = start_of(gallery, name)
    assert start["settings"].items() >= SHIPPED[name].settings.items()
    assert start["training"] == named(SHIPPED[name].variant).training.as_dict()


@pytest.mark.parametrize("model", ["linear", "dead"])
def test_pressed_before_the_knobs_are_drawn_train_takes_where_they_start(gallery: Gallery, model: str) -> None:
    explorer = Explorer(Library(), gallery, Jobs(lambda *_: None))
    session = Session(model=model, variant=gallery.shipped[model].variant)
    start = start_of(gallery, model)
    assert asked(explorer, None, session) == asked(explorer, start, session)
    assert asked(explorer, None, session).training == start["training"]
