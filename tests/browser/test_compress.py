"""Compress in a browser: the slider squeezes at once, and all variants are drawn and listed."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.test_page import PATIENCE, choose, ready
from tests.browser.test_views import enter, named, shown

ROUNDED = ".ae-squeeze figure:nth-child(3)"


def test_the_slider_squeezes_the_digit_and_all_that_follows(desktop: Visit) -> None:
    page = ready(desktop)
    choose(page, "Linear")
    enter(page, named("Compress"))
    expect(page.locator(".ae-squeeze canvas:visible")).to_have_count(5, timeout=PATIENCE)
    before = shown(page, f"{ROUNDED} canvas")
    expect(page.locator(ROUNDED)).to_contain_text("16 × 4 bits")
    slider = page.get_by_label("Bits for each number of the code")
    slider.fill("1")
    expect(page.locator(ROUNDED)).to_contain_text("2 bytes", timeout=PATIENCE)
    expect(page.locator(ROUNDED)).to_contain_text("16 × 1 bits")
    assert shown(page, f"{ROUNDED} canvas") != before
    expect(page.get_by_text("In 2 bytes a picture this model keeps")).to_be_visible(timeout=PATIENCE)
    slider.fill("16")
    expect(page.get_by_text("In 32 bytes a picture this model keeps")).to_be_visible(timeout=PATIENCE)
    expect(page.locator(".ae-sheet:visible canvas")).to_have_count(50)
    assert desktop.complaints == []


def test_all_variants_are_drawn_and_listed(desktop: Visit) -> None:
    page = ready(desktop)
    enter(page, named("Compress"))
    expect(page.locator(".ae-squeeze canvas:visible")).to_have_count(5, timeout=PATIENCE)
    legend = page.locator(".ae-chart:visible .legendtext")
    expect(legend).to_have_count(7, timeout=PATIENCE)  # the current model, two beside it, and four more
    page.get_by_role("button", name="All variants").click()
    expect(page.locator(".ae-wide-table tbody tr")).to_have_count(11, timeout=3 * PATIENCE)
    expect(legend).to_have_count(15, timeout=PATIENCE)
    page.get_by_role("checkbox", name="Linear, 16 numbers").uncheck()
    expect(legend).to_have_count(14, timeout=PATIENCE)
    assert desktop.complaints == []
