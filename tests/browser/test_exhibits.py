"""An exhibit says what went wrong and shows it, and its cure trains on the page."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.test_page import PATIENCE, place, ready


def test_a_failed_training_is_told_and_cured(desktop: Visit) -> None:
    page = ready(desktop)
    place(page, "Train")
    place(page, "Exhibits")
    page.get_by_label("dead units (Dense)").click()
    expect(page.get_by_text("lets no gradient back")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text(re.compile(r"6\d of 64 numbers are never awake"))).to_be_visible()
    expect(page.locator(".ae-picker-models")).to_contain_text("dead units")
    page.get_by_role("button", name="Train the cure").click()
    expect(page.locator(".ae-state:visible")).to_contain_text("finished", timeout=4 * PATIENCE)
    own = page.locator(".ae-picker-models .ae-mine input")
    expect(own).to_be_checked(timeout=PATIENCE)
    assert page.locator(".ae-picker-models").inner_text().count("dead units") == 0
    expect(page.get_by_text("The cure of dead units")).to_be_visible(timeout=PATIENCE)
    place(page, "Health")
    expect(page.get_by_text("Nothing alarming.")).to_be_visible(timeout=PATIENCE)
    assert desktop.complaints == []
