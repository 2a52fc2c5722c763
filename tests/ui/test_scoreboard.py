"""The scoreboard: what it tells of each run, and that nobody lays hands on the runs of another visitor."""

from __future__ import annotations

import asyncio
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from explorer.analysis.replay import Moment, from_bytes, to_bytes
from explorer.models.checkpoint import CheckpointError, pack
from explorer.training.jobs import Jobs
from explorer.training.record import Curve, Record
from explorer.training.runs import RunSpec
from explorer.training.store import RunStore
from explorer.ui.components.training_panel import Action
from explorer.ui.desk import Desk
from explorer.ui.explorer import Explorer
from explorer.ui.gallery import Gallery
from explorer.ui.library import Library
from explorer.ui.page import Page
from explorer.ui.scores import TEST_ERROR, chosen, differing, lines, rows, terms, usual
from explorer.ui.session import Session, recalled
from explorer.ui.views.scoreboard import acted, again, once_more, show
from explorer.ui.views.training import carried_out, opened
from tests.cases import DEFAULTS, card_for

CASE = next(case for case in DEFAULTS if case.variant.name == "dense")
WEIGHTS = pack(CASE.model())
POINTS = ((0.5, {"reconstruction": 0.2, "price": 0.1}), (1.0, {"reconstruction": 0.1}))


@pytest.fixture
def page(tmp_path: Path) -> Page:
    return Page(Explorer(Library(), Gallery(RunStore(tmp_path)), Jobs(lambda *_: None)))


def moments() -> bytes:
    points = np.zeros((3, 2), np.float32)
    return to_bytes([Moment(at, error, points, bytes(7840)) for at, error in ((0.0, 0.25), (1.0, 0.125))])


def trained(page: Page, session: Session, status: str = "done", **changed: Any) -> Session:
    """The visitor after a run."""
    store, card = page.explorer.gallery.store, replace(card_for(CASE, WEIGHTS), **changed)
    run = store.keep(WEIGHTS, card, b"", moments(), Curve(status, 9.0, POINTS).to_bytes())
    return replace(session.with_run(Record(run, card, status, 9.0)), model=run, variant="dense")


def test_a_run_is_told_with_what_came_out(page: Page) -> None:
    visitor = trained(page, Session(), status="diverged", epochs=0)
    own, *shipped = rows(page.explorer.current(visitor))
    assert (own["id"], own["kind"], own["status"], own["curve"]) == (visitor.mine[0], "yours", "diverged", True)
    assert (own["figures"], own["epochs"], own["ended"]) == ({"mse": 0.5}, 0, 9.0)
    assert {row["id"] for row in shipped} == {*page.explorer.gallery.shipped}
    exhibits = {row["id"]: row["status"] for row in shipped if row["kind"] == "exhibit"}
    assert exhibits["diverged"] == "diverged"
    assert exhibits["collapsed"] == "done"


def test_only_what_differs_from_the_recommended_settings_is_named() -> None:
    card = card_for(CASE, WEIGHTS)
    assert differing(card) == ""
    turned = replace(card, settings={**card.settings, "latent_dim": 7}, training={**card.training, "clip_norm": 0.5})
    assert differing(turned) == "latent dim 7, clip norm 0.5"
    assert differing(replace(card, training={**card.training, "epochs": 3, "seed": 4})) == ""


def test_a_setting_and_a_knob_of_training_with_the_same_name_are_told_apart() -> None:
    variational = next(case for case in DEFAULTS if case.variant.name == "variational")
    card = card_for(variational, WEIGHTS)
    assert card.settings["warmup"] != card.training["warmup"]
    assert differing(card) == ""
    assert differing(replace(card, training={**card.training, "warmup": 0.4})) == "warmup 0.4"


def test_curves_are_those_that_were_kept(page: Page) -> None:
    visitor = trained(page, Session())
    current = page.explorer.current(visitor)
    runs = ["", visitor.mine[0], "linear"]
    assert terms(current, runs) == [TEST_ERROR, "reconstruction", "price"]
    own, linear = lines(current, runs, TEST_ERROR)
    assert (own["x"], own["y"]) == ([0.0, 1.0], [0.25, 0.125])
    whole = from_bytes((page.explorer.gallery.folder / "linear.replay").read_bytes())
    assert linear["x"] == pytest.approx([moment.at for moment in whole], abs=1e-4)
    assert linear["y"] == pytest.approx([moment.error for moment in whole], rel=1e-3)
    assert own["line"]["color"] != linear["line"]["color"]
    (own,) = lines(current, runs, "reconstruction")
    assert (own["x"], own["y"]) == ([0.5, 1.0], [0.2, 0.1])
    _, figure, missing = show(current, {"chosen": runs}, "price", [])
    assert figure["value"]["data"][0]["x"] == [0.5]
    assert missing == "1 of the chosen runs has no curve of this term on these axes."


def test_a_moment_before_the_first_step_has_no_place_on_a_logarithmic_axis(page: Page) -> None:
    current = page.explorer.current(trained(page, Session()))
    runs = {"chosen": list(current.mine)}
    starts = [show(current, runs, TEST_ERROR, axes)[1]["value"]["data"][0]["x"][0] for axes in ([], ["epochs"])]
    assert starts == [0.0, 1.0]


def test_a_title_is_text_on_the_chart_too(page: Page) -> None:
    current = page.explorer.current(trained(page, Session(), title="<b>a & b</b>"))
    (line,) = lines(current, list(current.mine), TEST_ERROR)
    assert line["name"] == "Dense, &lt;b&gt;a &amp; b&lt;/b&gt;"


@pytest.mark.parametrize("wanted", ["dense", ["dense"] * 11, [7], [None], {"dense": 1}])
def test_what_are_no_curves_is_refused(page: Page, wanted: object) -> None:
    with pytest.raises(ValueError, match="at most 10 runs"):
        chosen({"chosen": wanted}, page.explorer.current(Session()))


@pytest.mark.parametrize("axes", [None, "error", ["error", "time"], [["error"]]])
def test_what_are_no_axes_is_refused(page: Page, axes: object) -> None:
    with pytest.raises(ValueError, match="among error, epochs"):
        show(page.explorer.current(Session()), None, TEST_ERROR, axes)


def test_other_visitors_can_do_nothing_with_a_run(page: Page) -> None:
    owner, other = trained(page, Session()), trained(page, Session())
    run, store = owner.mine[0], page.explorer.gallery.store
    for act in ("rename", "delete"):
        with pytest.raises(ValueError, match="only your own runs"):
            acted({"do": act, "id": run, "title": "stolen"}, other, page)
    with pytest.raises(ValueError, match="one of those on the board"):
        acted({"do": "open", "id": run}, other, page)
    with pytest.raises(ValueError, match="one of those on the board"):
        again({"train": run}, other, page)
    current = page.explorer.current(other)
    assert run not in str(rows(current))
    assert chosen({"chosen": [run]}, current) == [""]
    assert store.record(run).card.title == "for a test"


@pytest.mark.parametrize("name", ["linear", "diverged"])
@pytest.mark.parametrize("act", ["rename", "delete"])
def test_shipped_models_stay_as_they_are(page: Page, act: str, name: str) -> None:
    with pytest.raises(ValueError, match="only your own runs"):
        acted({"do": act, "id": name, "title": "mine"}, Session(), page)


@pytest.mark.parametrize("value", [None, [], {"do": "sell", "id": "linear"}, {"do": ["open"]}, {"id": "linear"}])
def test_other_acts_are_refused(page: Page, value: object) -> None:
    with pytest.raises(ValueError, match="opened, renamed or deleted"):
        acted(value, Session(), page)


def test_a_run_is_renamed_everywhere(page: Page) -> None:
    visitor = trained(page, Session())
    page.explorer.current(visitor)
    run = visitor.mine[0]
    visitor = acted({"do": "rename", "id": run, "title": " best "}, visitor, page)
    assert page.explorer.current(visitor).exhibit.card.title == "best"
    assert visitor.records[0].card.title == page.explorer.gallery.of("dense", visitor.mine)[-1]["title"] == "best"
    with pytest.raises(ValueError, match="1 to 40 letters"):
        acted({"do": "rename", "id": run, "title": "x" * 41}, visitor, page)


def test_a_deleted_run_is_gone_and_the_page_shows_another(page: Page) -> None:
    visitor = trained(page, trained(page, Session()))
    first, second = visitor.mine
    page.explorer.current(visitor)
    left = acted({"do": "delete", "id": second}, visitor, page)
    assert (left.mine, [record.run for record in left.records], left.model) == ((first,), [first], "dense")
    assert not page.explorer.gallery.store.holds(second)
    with pytest.raises(CheckpointError, match="no longer kept"):
        page.explorer.current(visitor)
    assert acted({"do": "delete", "id": first}, replace(left, model="linear"), page).model == "linear"


def test_a_run_whose_weights_are_gone_stays_with_its_settings(page: Page) -> None:
    visitor = trained(page, Session(), settings={**CASE.config.as_dict(), "latent_dim": 9})
    run = visitor.mine[0]
    page.explorer.gallery.store.drop(run)
    back = recalled(visitor.memory, page.explorer.gallery, page.explorer.library.dataset)
    assert (back.mine, [record.run for record in back.records]) == ((), [run])
    row = rows(page.explorer.current(replace(back, model="dense")))[0]  # what the page shows in its place
    assert (row["id"], row["kind"], row["curve"], row["differs"]) == (run, "gone", False, "latent dim 9")
    assert again({"train": run}, back, page).settings["latent_dim"] == 9
    assert acted({"do": "delete", "id": run}, back, page).records == ()
    with pytest.raises(ValueError, match="no longer kept"):
        acted({"do": "rename", "id": run, "title": "x"}, back, page)


def finished(status: str) -> dict[str, Any]:
    card = asdict(card_for(CASE, WEIGHTS))
    return {"status": status, "text": "", "weights": WEIGHTS, "card": card, "maps": b""}


def test_a_run_that_goes_on_takes_the_place_and_the_name_of_its_first_part(page: Page) -> None:
    store, desk = page.explorer.gallery.store, Desk(points=[[at, named] for at, named in POINTS], wants="pause")
    desk.settle(finished("stopped"), b"state", store)
    visitor = opened(store, desk, Session())
    first = visitor.model
    assert (visitor.mine, visitor.records[0].status, store.curve(first).points) == ((first,), "paused", POINTS)
    visitor = acted({"do": "rename", "id": first, "title": "mine"}, visitor, page)
    desk.settle(finished("done"), None, store)
    visitor = opened(store, desk, visitor)
    (last,) = visitor.mine
    assert [(record.run, record.status) for record in visitor.records] == [(last, "done")]
    assert last != first
    assert not store.holds(first)
    assert store.record(last).card.title == "mine"
    assert opened(store, desk, visitor) is visitor


def test_to_train_again_is_a_new_run_and_not_the_rest_of_one_that_was_stopped(page: Page) -> None:
    spec = again({"train": "linear"}, Session(), page)
    assert once_more(Desk(spec=spec)) == spec
    with pytest.raises(ValueError, match="choose a run in the table first"):
        once_more(Desk())
    submitted: dict[str, Any] = {}

    class Asked(Exception):
        pass

    def submit(what: object, **how: Any) -> str:
        submitted.update(spec=what, **how)
        raise Asked

    async def press(name: str, before: RunSpec) -> None:
        desk = Desk(spec=before, state=b"half", shown_state="stopped")
        page.explorer.jobs.submit = submit  # type: ignore[method-assign,assignment]
        async for _ in carried_out(page.explorer, Action(name, 0, None, 0), lambda: spec, desk, owner=""):
            pass

    other = replace(spec, variant="dense", settings={})
    for name, before, state in (("anew", spec, None), ("train", spec, b"half"), ("train", other, None)):
        with pytest.raises(Asked):
            asyncio.run(press(name, before))
        assert (submitted["state"], submitted["spec"]) == (state, spec)


def test_a_run_that_has_gone_leaves_the_chart_and_the_table_stays(page: Page) -> None:
    visitor = trained(page, Session())
    current, run = page.explorer.current(visitor), visitor.model
    assert usual(current)[0] == run
    page.explorer.gallery.store.drop(run)
    assert run not in usual(current)
    assert chosen({"chosen": [run, "linear"]}, current) == ["", "linear"]
    pushed_out = replace(current, mine=())  # the oldest leaves when there are too many; its model may still be open
    assert run not in usual(pushed_out)
    _, figure, _ = show(current, {}, TEST_ERROR, [])
    assert len(figure["value"]["data"]) == len(usual(current))


def test_a_training_that_is_refused_leaves_the_run_on_the_desk(page: Page) -> None:
    spec = again({"train": "linear"}, Session(), page)
    desk = Desk(
        spec=spec, run="before", state=b"half", shown_state="stopped", points=[[1.0, {}]], epoch=3, kept="model"
    )
    before = replace(desk)

    def refused(*_: object, **__: object) -> str:
        raise ValueError("one run at a time")

    page.explorer.jobs.submit = refused  # type: ignore[method-assign]
    for asked, anew in ((replace(spec, variant="dense", settings={}), False), (spec, True), (spec, False)):
        with pytest.raises(ValueError, match="one run at a time"):
            desk.begin(page.explorer.jobs, asked, "me", anew=anew)
        assert desk == before


def test_every_page_of_a_visitor_opens_what_its_run_has_brought(page: Page) -> None:
    store, desk = page.explorer.gallery.store, Desk()
    desk.settle(finished("done"), None, store)
    one, other = (opened(store, desk, Session()) for _ in range(2))
    assert one.model == other.model == desk.kept
    elsewhere = replace(one, model="linear", variant="linear")
    assert opened(store, desk, elsewhere) is elsewhere, "it has been opened there"
    store.drop(desk.kept)
    assert opened(store, desk, Session()) == Session()
