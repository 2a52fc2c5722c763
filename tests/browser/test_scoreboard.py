"""The scoreboard in a browser: sorting, curves, names, deletion, the file, and runs whose weights are gone."""

from __future__ import annotations

import csv
import io
import json
import os
import re
from dataclasses import replace
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from explorer.models.checkpoint import pack
from explorer.models.registry import named
from explorer.training.record import Curve, Record
from explorer.training.store import RunStore
from tests.browser.conftest import Visit
from tests.browser.test_page import PATIENCE, place, ready
from tests.cases import Case, card_for

CASE = Case(named("linear"), named("linear").config.from_dict({"latent_dim": 3}))
CURVE = Curve("stopped", 1.7e9, ((0.5, {"reconstruction": 0.2}), (1.0, {"reconstruction": 0.1})))
NAME = '<b>"best"</b>, so far'


def kept(title: str = "for a test") -> tuple[RunStore, Record]:
    """A run of the server's, in its store."""
    store, weights = RunStore(Path(os.environ["EXPLORER_CACHE"]) / "runs"), pack(CASE.model())
    card = replace(card_for(CASE, weights), title=title)
    run = store.keep(weights, card, b"", b"", CURVE.to_bytes())
    return store, Record(run, card, CURVE.status, CURVE.ended)


def returned(visit: Visit, *records: Record) -> Page:
    """The scoreboard of a visitor who comes back with these runs."""
    memory = {"mine": [record.run for record in records], "records": [record.as_dict() for record in records]}
    ready(visit).evaluate("told => localStorage.setItem('explorer-visit', told)", json.dumps(memory))
    visit.page.reload()
    visit.console_errors.clear()  # what the page before said when its requests were cut off
    return scoreboard(visit)


def scoreboard(visit: Visit) -> Page:
    """The page with the scoreboard in front."""
    page = ready(visit)
    place(page, "Train")
    place(page, "Scoreboard")
    expect(page.locator(".ae-scores")).to_be_visible(timeout=PATIENCE)
    return page


def curves(page: Page) -> Locator:
    """The lines on the chart."""
    return page.locator(".ae-chart:visible .scatterlayer .trace")


def test_a_run_is_drawn_named_opened_and_deleted(desktop: Visit) -> None:
    store, record = kept()
    page, run = returned(desktop, record), record.run
    own = page.locator("tr.ae-kind-yours")
    expect(own).to_contain_text("1 of 10, stopped")
    expect(curves(page)).to_have_count(4)
    page.get_by_role("radio", name="reconstruction").check()
    expect(curves(page)).to_have_count(1)
    expect(page.get_by_text("of the chosen runs have no curve of this term on these axes")).to_be_visible()
    own.get_by_role("checkbox").uncheck()
    expect(curves(page)).to_have_count(4)  # nobody has that term now: back to the test error
    own.get_by_role("button", name="Rename").click()
    page.keyboard.press("Escape")
    expect(own.get_by_role("button", name="Rename")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Control+A")
    page.keyboard.type(NAME)
    page.keyboard.press("Enter")
    expect(own.get_by_role("button", name=NAME).first).to_be_visible(timeout=PATIENCE)
    assert store.record(run).card.title == NAME
    own.locator(".ae-comparison-name").click()
    expect(page.locator(".ae-picker-models .ae-mine input")).to_be_checked(timeout=PATIENCE)
    expect(own).to_contain_text("open now")
    own.get_by_role("button", name="Delete").click()
    expect(own.get_by_role("alert")).to_have_text("Delete it for good?")
    assert store.holds(run)
    page.keyboard.press("Enter")
    expect(own).to_have_count(0, timeout=PATIENCE)
    assert not store.holds(run)
    expect(page.locator(".ae-picker-models input:checked")).to_have_count(1)
    assert desktop.complaints == []


def test_the_table_is_sorted_and_taken_home(desktop: Visit) -> None:
    page = returned(desktop, kept()[1], kept(NAME)[1])
    page.get_by_role("button", name="test MSE").click()
    said = page.locator("tbody .ae-score-mse").all_inner_texts()
    errors = [float(text.split(",")[0]) for text in said]
    assert errors == sorted(errors)
    assert len(errors) > 16
    with page.expect_download() as download:
        page.get_by_role("button", name="Save as CSV").click()
    rows = [*csv.DictReader(io.StringIO(Path(download.value.path()).read_text(encoding="utf-8"), newline=""))]
    assert [float(row["figures.mse"]) for row in rows] == sorted(float(row["figures.mse"]) for row in rows)
    mine = {row["title"]: row for row in rows if row["kind"] == "yours"}
    assert {*mine} == {NAME, "for a test"}
    assert (mine[NAME]["settings.latent_dim"], mine[NAME]["status"], mine[NAME]["training.seed"]) == (
        "3",
        "stopped",
        "0",
    )
    assert len(rows) == len(errors)
    assert desktop.complaints == []


def test_a_run_whose_weights_are_gone_can_be_trained_again(phone: Visit) -> None:
    store, record = kept()
    store.drop(record.run)
    page = returned(phone, record)
    gone = page.locator("tr.ae-kind-gone")
    expect(gone).to_contain_text("no more room for the weights")
    expect(gone).to_contain_text("latent dim 3")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    gone.get_by_role("button", name="Train again").click()
    expect(page.locator(".ae-state:visible")).to_have_text(re.compile("epoch"), timeout=PATIENCE)
    page.get_by_role("button", name="Stop", exact=True).click()
    own = page.locator("tr.ae-kind-yours")
    expect(own).to_contain_text("latent dim 3", timeout=PATIENCE)
    expect(own).to_contain_text("stopped")
    expect(gone).to_have_count(1)
    assert phone.complaints == []
