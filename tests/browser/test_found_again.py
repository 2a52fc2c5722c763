"""A page that is loaded again in the middle of a training finds it again, and can stop it."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.test_components import knob
from tests.browser.test_page import PATIENCE, choose, place, ready


def test_a_training_is_found_again_by_the_page_that_was_loaded_again(desktop: Visit) -> None:
    page = ready(desktop)
    choose(page, "Dense")
    place(page, "Train")
    said = page.locator(".ae-state:visible")
    page.evaluate("document.querySelectorAll('.ae-knobs details').forEach((part) => { part.open = true; })")
    knob(page, "Epochs").locator("input[type=number]").fill("80")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Train", exact=True).click()
    expect(said).to_contain_text("images/s", timeout=3 * PATIENCE)
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
