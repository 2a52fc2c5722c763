"""Slow motion in a browser: each control goes to the step that it says, and draws what it says."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.test_page import PATIENCE, choose, ready
from tests.browser.test_views import shown

STEP = ".ae-slow-count:visible"
OUT = ".ae-slow-term:last-child canvas"


def opened(visit: Visit, variant: str = "") -> Page:
    """The view with a variant's first model."""
    page = ready(visit)
    if variant:
        choose(page, variant)
    page.get_by_role("tab", name="Slow motion", exact=True).click()
    expect(page.locator(STEP)).to_contain_text("Step 1 of", timeout=PATIENCE)
    return page


def test_buttons_keys_slider_and_strip_go_from_step_to_step(desktop: Visit) -> None:
    page = opened(desktop, "Dense")
    entered = shown(page, OUT)
    page.get_by_role("button", name="Forward").click()
    expect(page.locator(STEP)).to_have_text("Step 2 of 6")
    expect(page.locator(".ae-slow-stage h3")).to_have_text("Encoder: Linear layer")
    expect(page.locator(".ae-slow [aria-live]")).to_contain_text("Step 2 of 6: Linear layer. Each of the 64 numbers")
    assert page.locator(".ae-later").count() == 4
    page.keyboard.press("ArrowRight")
    expect(page.locator(STEP)).to_have_text("Step 3 of 6")
    page.get_by_role("button", name="Back").click()
    expect(page.locator(STEP)).to_have_text("Step 2 of 6")
    page.locator(".ae-slow-thumbnail", has_text="The code").click()
    expect(page.locator(STEP)).to_have_text("Step 4 of 6")
    page.get_by_role("slider", name="Step").press("End")
    expect(page.locator(".ae-slow-term:last-child b")).to_have_text("reconstruction")
    assert abs(sum(shown(page, OUT)) - sum(entered)) < 0.1 * sum(entered)
    page.locator(OUT).hover(position={"x": 3, "y": 3})
    expect(page.locator(".ae-slow-term:last-child .ae-caption")).to_have_text(re.compile("^row 1, column 1: "))
    assert desktop.complaints == []


def test_play_goes_row_by_row_until_it_is_paused(desktop: Visit) -> None:
    page = opened(desktop, "Sequence")
    page.locator(".ae-slow-thumbnail", has_text="Writing").click()
    expect(page.locator(STEP)).to_have_text("Step 5 of 6, row 1 of 28")
    page.get_by_role("button", name="Play").click()
    expect(page.locator(STEP)).to_have_text(re.compile(r"row ([5-9]|1\d|2[0-7]) of 28"), timeout=PATIENCE)
    page.get_by_role("button", name="Pause").click()
    rest = page.locator(STEP).inner_text()
    page.wait_for_timeout(400)
    assert page.locator(STEP).inner_text() == rest
    page.emulate_media(reduced_motion="reduce")
    page.get_by_role("button", name="Play").click()
    expect(page.locator(STEP)).to_have_text("Step 6 of 6", timeout=PATIENCE)
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    assert desktop.complaints == []


def test_the_sample_is_drawn_again_or_not_at_all(phone: Visit) -> None:
    page = opened(phone)
    page.locator(".ae-slow-thumbnail", has_text="A draw from the cloud").click()
    noise = page.locator(".ae-slow-term", has_text="noise").locator(".ae-caption")
    before = noise.inner_text()
    page.get_by_role("button", name="Draw again").click()
    expect(noise).not_to_have_text(before, timeout=PATIENCE)
    expect(page.locator(STEP)).to_have_text("Step 11 of 20")
    page.locator(".ae-slow-thumbnail", has_text="The code").click()
    page.get_by_label("Noise, as in training").uncheck()
    expect(page.locator(STEP)).to_have_text("Step 11 of 19", timeout=PATIENCE)
    expect(page.locator(".ae-slow-stage p")).to_contain_text("the middle of the cloud is the code")
    expect(page.get_by_role("button", name="Draw again")).to_be_disabled()
    assert phone.complaints == []
