"""Quick moves on a slow server: what was chosen last is what is shown, whichever answer comes first."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import DEVICES, Visit, running
from tests.browser.test_page import place, ready

APP = Path(__file__).parent / "apps" / "slow.py"
PATIENCE = 45_000  # milliseconds
CLICKS = """async (clicks) => {
  const shown = (one) => one.offsetParent !== null;
  for (const [selector, at] of clicks) {
    [...document.querySelectorAll(selector)].filter(shown)[at].click();
    await new Promise((done) => setTimeout(done, 40));
  }
}"""
TURN = """async () => {
  const steps = [...document.querySelectorAll('input[type=range]')].find((one) => one.offsetParent !== null);
  document.querySelector('input[type=radio][value=slerp]').click();
  await new Promise((done) => setTimeout(done, 40));
  steps.value = 12;
  steps.dispatchEvent(new Event('input', { bubbles: true }));
}"""
DIGIT, TAB = ".ae-strip-digit input", "[role=tab]"


@pytest.fixture(scope="module")
def slow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the slow server."""
    with running(APP, tmp_path_factory.mktemp("slow") / "log.txt") as url:
        yield url


@pytest.fixture
def page(browser: Browser, slow: str) -> Iterator[Page]:
    """Its page; afterwards nothing may have complained."""
    with browser.new_context(viewport=DEVICES["desktop"]) as context:
        visit = Visit(context.new_page())
        visit.page.goto(slow)
        yield ready(visit)
        assert visit.complaints == []


def number(page: Page, at: int) -> str:
    """What the strip of digits calls the one at this place: its number among the test digits."""
    told = page.locator(f"{DIGIT}:visible").nth(at).get_attribute("aria-label")
    assert told
    return told.rpartition(" ")[2]


def test_a_model_that_is_chosen_while_another_variant_is_on_its_way_is_opened(page: Page) -> None:
    page.evaluate(CLICKS, [(".ae-picker-groups input[value=dense]", 0), (".ae-picker-models input", 0)])
    expect(page.locator(".ae-picker-models input[value=variational]")).to_be_checked(timeout=PATIENCE)
    expect(page.locator(".ae-picker-groups input[value=variational]")).to_be_checked()
    expect(page.locator(".toast-body")).to_have_count(0)


def test_of_three_quick_choices_the_last_one_counts(page: Page) -> None:
    last = number(page, 9)
    page.evaluate(CLICKS, [(DIGIT, 3), (DIGIT, 5), (DIGIT, 9)])
    caption, field = page.locator(".ae-flow figcaption").first, page.locator(".ae-strip-tools input:visible")
    page.wait_for_timeout(3000)  # until all answers are there
    expect(caption).to_contain_text(f"test digit {last}", timeout=PATIENCE)
    expect(field).to_have_value(last)
    place(page, "Compare")
    expect(page.locator(f"{DIGIT}:visible").nth(9)).to_be_checked(timeout=PATIENCE)


def test_two_controls_turned_at_once_are_both_obeyed(page: Page) -> None:
    place(page, "Latent space")
    page.get_by_role("tab", name="Interpolate", exact=True).click()
    cells = page.locator(".ae-sheet:visible canvas")
    expect(cells).to_have_count(18, timeout=PATIENCE)
    before = page.locator(".ae-sheet:visible").inner_html()
    page.evaluate(TURN)
    expect(cells).to_have_count(24, timeout=PATIENCE)
    assert page.locator(".ae-sheet:visible").inner_html() != before
    page.wait_for_timeout(3000)
    expect(cells).to_have_count(24)


def test_the_other_end_is_what_was_chosen_last(page: Page) -> None:
    place(page, "Latent space")
    page.get_by_role("tab", name="Interpolate", exact=True).click()
    fields = page.locator(".ae-strip-tools input:visible")
    expect(page.locator(".ae-sheet:visible canvas")).to_have_count(18, timeout=PATIENCE)
    start, last = fields.first.input_value(), number(page, 17)
    page.evaluate(CLICKS, [(DIGIT, 12), (DIGIT, 14), (DIGIT, 17)])
    page.wait_for_timeout(3000)
    expect(fields.nth(1)).to_have_value(last, timeout=PATIENCE)
    expect(fields.first).to_have_value(start)


def test_a_walk_through_the_tabs_ends_where_it_ends_with_the_model_chosen_on_the_way(page: Page) -> None:
    tabs = page.locator(f"{TAB}:visible").all_inner_texts()
    damage, see = tabs.index("Damage"), tabs.index("See")
    page.evaluate(CLICKS, [(TAB, damage), (".ae-picker-groups .ae-chip input", 1), (TAB, see), (DIGIT, 4)])
    last = number(page, 4)
    page.wait_for_timeout(4000)
    expect(page.locator(".ae-flow figcaption").first).to_contain_text(f"test digit {last}", timeout=PATIENCE)
    expect(page.locator(".ae-code").first).to_have_attribute("aria-valuemax", "64")  # no more the two of the first view
    figures = page.locator(".ae-figures").first.inner_text()
    place(page, "Compare")
    page.wait_for_timeout(2000)
    place(page, "See")
    page.wait_for_timeout(3000)
    assert page.locator(".ae-figures").first.inner_text() == figures
