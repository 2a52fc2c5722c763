"""A sweep in a browser: planned, refused, trained, found again by the page that was loaded again, stopped, taken up."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.test_page import PATIENCE, choose, place, ready

LONG = 6 * PATIENCE
SOONEST = """() => {
  const typed = () => {
    const field = document.querySelector('.ae-sweep [aria-label="Values of the knob"]');
    if (!field || field.matches(':disabled')) return requestAnimationFrame(typed);
    field.value = '2, 3, 1000';
    field.dispatchEvent(new Event('input', { bubbles: true }));
  };
  typed();
}"""


def sweep(visit: Visit) -> Page:
    """The page with the sweep in front."""
    page = ready(visit)
    choose(page, "Linear")
    place(page, "Train")
    place(page, "Sweep")
    return page


def fill(page: Page, values: str, epochs: int, images: int) -> None:
    """What a visitor types."""
    page.get_by_label("Values of the knob").fill(values)
    page.locator(".ae-sweep").get_by_label("Epochs").fill(str(epochs))
    page.locator(".ae-sweep").get_by_label("Training images").fill(str(images))


def test_what_is_typed_in_the_first_moment_stays(desktop: Visit) -> None:
    page = ready(desktop)
    choose(page, "Linear")
    page.evaluate(SOONEST)
    place(page, "Train")
    place(page, "Sweep")
    expect(page.locator(".ae-sweep-plan")).to_contain_text("got 1000", timeout=PATIENCE)
    expect(page.get_by_label("Values of the knob")).to_have_value("2, 3, 1000")
    assert desktop.complaints == []


def test_a_small_sweep_ends_on_the_scoreboard_and_a_long_one_is_found_again_and_stopped(desktop: Visit) -> None:
    page = sweep(desktop)
    plan, said = page.locator(".ae-sweep-plan"), page.locator(".ae-sweep .ae-state")
    start, stop = (page.get_by_role("button", name=f"{word} the sweep") for word in ("Start", "Stop"))
    fill(page, "2, 3, 1000", 1, 1000)
    expect(plan).to_have_text(re.compile("latent_dim must lie between 1 and .*, got 1000"), timeout=PATIENCE)
    expect(start).to_be_disabled()
    fill(page, "2, 3", 1, 1000)
    expect(plan).to_contain_text("2 runs of Linear:", timeout=PATIENCE)
    page.get_by_text("Other variants beside it").click()
    beside = page.locator(".ae-sweep-others").get_by_role("checkbox", name="Dense")
    beside.check()
    expect(plan).to_contain_text("4 runs of Linear and Dense:", timeout=PATIENCE)
    beside.uncheck()
    expect(plan).to_contain_text("2 runs of Linear:", timeout=PATIENCE)
    start.click()
    expect(page.locator(".ae-sweep-table tbody tr")).to_have_count(2, timeout=PATIENCE)
    place(page, "Scoreboard")
    expect(page.locator("tr.ae-kind-yours")).to_have_count(2, timeout=LONG)
    expect(page.locator("tr.ae-kind-yours").first).to_contain_text("latent dim")
    place(page, "Sweep")
    expect(said).to_contain_text("finished: 2 of 2 models are there", timeout=LONG)
    expect(page.locator(".ae-sweep-chart .scatterlayer .trace")).to_have_count(1)
    page.get_by_role("button", name="latent dim 3", exact=True).click()
    expect(page.locator(".ae-picker-models .ae-mine input:checked")).to_have_count(1, timeout=PATIENCE)

    fill(page, "4, 5, 6, 7, 8, 9, 10, 11", 100, 6000)
    start.click()
    expect(said).to_contain_text("0 of 8 models", timeout=PATIENCE)
    page.reload()
    ready(desktop)
    desktop.console_errors.clear()  # what the page before said when its requests were cut off
    place(page, "Train")
    place(page, "Sweep")
    expect(page.locator(".ae-sweep-running").first).to_be_visible(timeout=LONG)
    stop.click()
    expect(said).to_contain_text("stopped:", timeout=LONG)
    expect(page.locator(".ae-sweep-left").first).to_contain_text("not begun")
    expect(page.locator(".ae-sweep-stopped").first).to_contain_text("weights kept")
    expect(page.get_by_label("Values of the knob")).to_have_value("4, 5, 6, 7, 8, 9, 10, 11")

    fill(page, "2, 3, 4", 1, 1000)
    expect(plan).to_contain_text("2 of 3 are trained already; 1 more run of Linear", timeout=PATIENCE)
    start.click()
    expect(said).to_contain_text("finished: 3 of 3 models are there", timeout=LONG)
    expect(page.get_by_role("row", name="latent dim 2")).to_contain_text("trained before")
    assert desktop.complaints == []
