"""Mask and fill in a browser: painted by mouse and by keys, turned by sliders, filled at once."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Visit
from tests.browser.test_page import PATIENCE, choose, ready
from tests.browser.test_views import enter, named, shown

HIDDEN = ".ae-patch-input .ae-patch.ae-hidden"
OTHERS = """([hidden, places]) => (
  [...document.querySelectorAll(hidden)].map((cell) => cell.ariaLabel).join() !== places
)"""


def masking(visit: Visit) -> Page:
    """The view, with the masked autoencoder and 37 of 49 patches hidden."""
    page = ready(visit)
    choose(page, "Masked")
    enter(page, named("Mask and fill"))
    expect(page.locator(HIDDEN)).to_have_count(37, timeout=PATIENCE)
    return page


def cell(page: Page, i: int) -> Locator:
    return page.locator(".ae-patch-input .ae-patch").nth(i)


def test_sliders_and_patterns_hide_what_they_say(desktop: Visit) -> None:
    page = masking(desktop)
    before = shown(page, ".ae-patch-pictures canvas")
    page.get_by_label("Hidden", exact=True).fill("0.5")
    expect(page.locator(HIDDEN)).to_have_count(24, timeout=PATIENCE)
    expect(page.locator(".ae-patch-grid .ae-note")).to_contain_text("25 of 49 tokens go through the encoder")
    assert shown(page, ".ae-patch-pictures canvas") != before
    expect(page.locator(".ae-tokens canvas")).to_have_count(25)
    places = page.locator(HIDDEN).evaluate_all("cells => cells.map(cell => cell.ariaLabel).join()")
    page.get_by_label("Seed", exact=True).fill("5")
    page.wait_for_function(OTHERS, arg=[HIDDEN, places], timeout=PATIENCE)
    expect(page.locator(HIDDEN)).to_have_count(24)
    for pattern, hidden in [("half", 21), ("stripes", 21), ("checkerboard", 24), ("all but one", 48), ("none", 0)]:
        page.get_by_label(pattern, exact=True).check()
        expect(page.locator(HIDDEN)).to_have_count(hidden, timeout=PATIENCE)
    expect(page.get_by_label("Seed", exact=True)).to_be_disabled()
    assert desktop.complaints == []


def test_patches_are_painted_by_mouse_and_by_keys(desktop: Visit) -> None:
    page = masking(desktop)
    page.get_by_label("none", exact=True).check()
    expect(page.locator(HIDDEN)).to_have_count(0, timeout=PATIENCE)
    first, last = (cell(page, i).bounding_box() for i in (7, 11))
    assert first
    assert last
    page.mouse.move(first["x"] + 9, first["y"] + 9)
    page.mouse.down()
    page.mouse.move(last["x"] + 9, last["y"] + 9, steps=3)  # fewer steps than patches are crossed
    page.mouse.up()
    expect(page.locator(HIDDEN)).to_have_count(5)
    for key in ("ArrowDown", "Space", "ArrowRight", "Space", "Space"):
        page.keyboard.press(key)
    expect(page.locator(HIDDEN)).to_have_count(6)
    expect(page.locator(".ae-patch-grid .ae-note")).to_contain_text("43 of 49 tokens", timeout=PATIENCE)
    expect(page.get_by_text(re.compile("6 of 49 patches hidden each"))).to_be_visible(timeout=PATIENCE)
    page.get_by_role("button", name="Swap hidden and visible").click()
    expect(page.locator(HIDDEN)).to_have_count(43)
    page.get_by_role("button", name="Back to the pattern").click()
    expect(page.locator(HIDDEN)).to_have_count(0, timeout=PATIENCE)
    assert desktop.complaints == []


def test_a_finger_paints_and_a_hidden_patch_says_where_it_looks(phone: Visit) -> None:
    page = ready(phone)
    page.locator(".ae-picker summary").click()
    choose(page, "Masked")
    enter(page, named("Mask and fill"))
    expect(page.locator(HIDDEN)).to_have_count(37, timeout=PATIENCE)
    cell(page, 1).tap()  # the first visible one
    expect(page.locator(HIDDEN)).to_have_count(38)
    words = page.locator(".ae-attention .ae-number")
    expect(words).to_contain_text("of its attention goes to the visible patches", timeout=PATIENCE)
    page.locator(".ae-attention .ae-patch").first.tap()
    expect(words).to_contain_text("Hidden patch in row 1, column 1")
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert phone.complaints == []
