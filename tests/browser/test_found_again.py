"""A page finds again what was its own: a training after a reload or in another tab, and all when it was forgotten."""

from __future__ import annotations

import json
import re

from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import Visit
from tests.browser.test_components import knob
from tests.browser.test_page import PATIENCE, choose, place, ready


def training(visit: Visit) -> Page:
    """A page with a long training under way."""
    page = ready(visit)
    choose(page, "Dense")
    place(page, "Train")
    page.evaluate("document.querySelectorAll('.ae-knobs details').forEach((part) => { part.open = true; })")
    knob(page, "Epochs").locator("input[type=number]").fill("80")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Train", exact=True).click()
    expect(page.locator(".ae-state:visible")).to_contain_text("images/s", timeout=3 * PATIENCE)
    return page


def remembered(page: Page) -> dict[str, object]:
    """What the browser keeps of the visit."""
    kept: dict[str, object] = json.loads(page.evaluate("localStorage.getItem('explorer-visit')"))
    return kept


def test_a_training_is_found_again_by_the_page_that_was_loaded_again(desktop: Visit) -> None:
    page = training(desktop)
    said = page.locator(".ae-state:visible")
    page.reload()
    place(ready(desktop), "Train")
    desktop.console_errors.clear()  # what the page before said when its requests were cut off
    expect(said).to_contain_text("of 80", timeout=3 * PATIENCE)
    expect(page.locator(".ae-curves")).to_be_visible(timeout=PATIENCE)
    before = said.inner_text()
    expect(said).not_to_have_text(before, timeout=3 * PATIENCE)  # the page hears of what goes on
    page.get_by_role("button", name="Stop", exact=True).click()
    expect(said).to_contain_text("stopped", timeout=3 * PATIENCE)
    expect(page.locator(".ae-picker-models .ae-mine input")).to_be_checked(timeout=PATIENCE)  # what came out is opened
    expect(said).to_have_text(re.compile("weights kept"))
    assert desktop.complaints == []


def test_a_second_tab_follows_the_training_and_both_open_what_comes_out(desktop: Visit) -> None:
    first = training(desktop)
    other = Visit(first.context.new_page())
    other.page.goto(first.url)
    second = ready(other)
    place(second, "Train")
    said = second.locator(".ae-state:visible")
    expect(said).to_contain_text("of 80", timeout=3 * PATIENCE)
    before = said.inner_text()
    expect(said).not_to_have_text(before, timeout=3 * PATIENCE)  # this page hears of what goes on
    second.get_by_role("button", name="Stop", exact=True).click()
    for page in (first, second):
        expect(page.locator(".ae-state:visible")).to_contain_text("weights kept", timeout=3 * PATIENCE)
        expect(page.locator(".ae-picker-models .ae-mine input")).to_be_checked(timeout=PATIENCE)
    assert [*desktop.complaints, *other.complaints] == []


def test_a_page_that_the_server_has_forgotten_comes_again_with_all_that_was_its_own(desktop: Visit) -> None:
    page = ready(desktop)
    choose(page, "Contractive")
    page.locator(".ae-strip-digit").nth(3).click()
    caption = page.locator(".ae-flow figcaption").first
    expect(caption).to_contain_text("a 3")
    page.wait_for_function("() => JSON.parse(localStorage.getItem('explorer-visit')).model === 'contractive'")
    hashes: list[str] = []

    def elsewhere(route: Route) -> None:
        """The same questions, in the name of a page that the server does not know."""
        asked = route.request
        told = asked.post_data or ""
        if not hashes and "session_hash" in told:
            hashes.append(json.loads(told)["session_hash"])
        stranger = "stranger" + hashes[0][8:] if hashes else ""
        route.continue_(
            url=asked.url.replace(hashes[0], stranger) if hashes else asked.url,
            post_data=told.replace(hashes[0], stranger) if hashes and told else None,
        )

    page.route("**/gradio_api/queue/**", elsewhere)
    page.locator(".ae-strip-digit").nth(8).click()
    expect(page.get_by_text("had no room for this page any more")).to_be_visible(timeout=2 * PATIENCE)
    expect(page.locator(".ae-picker .ae-chip input[value=contractive]").first).to_be_checked(timeout=PATIENCE)
    expect(caption).to_contain_text("a 3", timeout=PATIENCE)
    assert desktop.page_errors == []


def test_a_model_that_another_tab_has_trained_is_not_forgotten(desktop: Visit) -> None:
    page = ready(desktop)
    page.evaluate(
        """() => {
          const kept = JSON.parse(localStorage.getItem('explorer-visit'));
          localStorage.setItem('explorer-visit', JSON.stringify({ ...kept, mine: ['of another tab'] }));
        }"""
    )
    page.locator(".ae-strip-digit").nth(3).click()
    page.wait_for_function("() => JSON.parse(localStorage.getItem('explorer-visit')).index > 0", timeout=PATIENCE)
    assert remembered(page)["mine"] == ["of another tab"]
    assert desktop.complaints == []
