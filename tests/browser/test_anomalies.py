"""Anomalies in a browser: the threshold is dragged, the counts follow, and another judge has other scores."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.test_page import PATIENCE, ready
from tests.browser.test_views import enter, named


def opened(visit: Visit) -> Page:
    page = ready(visit)
    enter(page, named("Anomalies"))
    expect(page.locator(".ae-threshold-auc")).to_be_visible(timeout=PATIENCE)
    return page


def counted(page: Page) -> dict[str, int]:
    names = {"caught": "caught", "missed": "missed", "false": "false alarms", "rightly": "passed"}
    texts = {name: page.locator(f".ae-count.ae-{key} b").inner_text() for key, name in names.items()}
    return {name: int(text.replace(",", "")) for name, text in texts.items()}


def test_dragging_the_threshold_trades_catches_for_false_alarms(desktop: Visit) -> None:
    page = opened(desktop)
    first = counted(page)
    normal, foreign = first["false alarms"] + first["passed"], first["caught"] + first["missed"]
    assert 0 <= first["false alarms"] <= 0.05 * normal
    line = page.locator(".ae-threshold-line")
    line.scroll_into_view_if_needed()
    box, plot = line.locator("circle").bounding_box(), page.locator(".ae-threshold-plot").bounding_box()
    assert box is not None
    assert plot is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(plot["x"] + 0.08 * plot["width"], box["y"], steps=6)
    page.mouse.up()
    lower = counted(page)
    assert lower["caught"] >= first["caught"]
    assert lower["false alarms"] > first["false alarms"]
    dot = page.locator(".ae-threshold-roc circle").get_attribute("cx")
    line.press("End")
    last = counted(page)
    assert last["caught"] < lower["caught"]
    assert page.locator(".ae-threshold-roc circle").get_attribute("cx") != dot
    line.press("Home")
    line.press("PageUp")
    moved = counted(page)
    assert moved["caught"] + moved["missed"] == foreign
    assert moved["false alarms"] + moved["passed"] == normal
    assert moved["false alarms"] > last["false alarms"]
    assert desktop.complaints == []


def test_another_judge_another_score_and_another_input(desktop: Visit) -> None:
    page = opened(desktop)
    area, verdict = page.locator(".ae-threshold-auc"), page.locator(".ae-threshold-verdict")
    before = area.text_content() or ""
    expect(verdict).to_contain_text("never saw this digit")  # the first input is a 7, the judge knows 3 alone
    page.get_by_role("radio", name="7", exact=True).check()
    expect(area).not_to_have_text(before, timeout=PATIENCE)
    expect(verdict).not_to_contain_text("never saw this digit")
    said = verdict.inner_text()
    page.locator("button.ae-sheet-cell:visible").nth(8).click()
    expect(verdict).not_to_have_text(said, timeout=PATIENCE)
    page.get_by_role("radio", name="all ten: the open model").check()
    expect(page.get_by_role("radio", name="digits it never saw")).to_have_count(0, timeout=PATIENCE)
    expect(page.get_by_role("radio", name="digits turned by 90°")).to_be_checked()
    page.get_by_role("radio", name="−ELBO").check()
    expect(verdict).to_contain_text("−ELBO", timeout=PATIENCE)
    page.get_by_role("radio", name="letters").check()
    expect(page.get_by_text("Foreign: letters: 468")).to_be_visible(timeout=PATIENCE)
    assert desktop.complaints == []
