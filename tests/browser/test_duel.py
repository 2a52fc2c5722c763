"""PCA duel in a browser: one slider moves pictures, charts, words and bases, and asks the server nothing."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.test_page import PATIENCE, ready
from tests.browser.test_views import enter, named

GREY = (
    "(i) => [...document.querySelectorAll('.ae-duel-pictures canvas')][i]"
    ".getContext('2d').getImageData(0, 0, 28, 28).data.join()"
)


def board(visit: Visit) -> Page:
    """The view once its first figures are there."""
    page = ready(visit)
    enter(page, named("PCA duel"))
    expect(page.locator(".ae-duel-words").first).to_contain_text("With 16 numbers", timeout=2 * PATIENCE)
    expect(page.locator(".ae-duel-basis").first.locator("canvas")).to_have_count(16, timeout=PATIENCE)
    return page


def test_the_slider_moves_everything_without_the_server(desktop: Visit) -> None:
    page = board(desktop)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    before = [page.evaluate(GREY, i) for i in range(5)]
    slider = page.get_by_label("Numbers in the code", exact=True)
    slider.fill("1")
    after = [page.evaluate(GREY, i) for i in range(5)]
    assert after[0] == before[0], "the input stays"
    assert all(new != old for new, old in zip(after[1:], before[1:], strict=True))
    expect(page.locator(".ae-duel-words").first).to_contain_text("With 2 numbers")
    expect(slider).to_have_attribute("aria-valuetext", "2 numbers")
    for basis in page.locator(".ae-duel-basis").all():
        expect(basis.locator("canvas")).to_have_count(2)
    expect(page.locator(".ae-duel-chart").nth(1).locator(".bars .point")).to_have_count(2, timeout=PATIENCE)
    expect(page.locator(".ae-duel-best")).to_have_count(1)
    assert asked == []
    assert desktop.complaints == []


def test_another_digit_has_other_figures_at_the_same_size(desktop: Visit) -> None:
    page = board(desktop)
    page.get_by_label("Numbers in the code", exact=True).fill("7")
    captions = page.locator(".ae-duel-pictures figcaption")
    before = captions.nth(3).inner_text()
    page.locator(".ae-strip button:visible").first.click()
    expect(captions.nth(3)).not_to_have_text(before, timeout=PATIENCE)
    test_error = re.compile(r", ([0-9.e-]+) on the test digits")
    now = captions.nth(3).inner_text()
    assert test_error.findall(now) == test_error.findall(before) != []
    expect(page.locator(".ae-duel-words").first).to_contain_text("With 128 numbers")
    assert desktop.complaints == []
