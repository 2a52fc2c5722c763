"""What a visitor names, sends or brings is shown as letters, wherever it appears, and never run."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from playwright.sync_api import Page, expect

from explorer.models.parcel import wrap
from tests.browser.conftest import Visit
from tests.browser.own_model import remember
from tests.browser.test_page import PATIENCE, ready
from tests.browser.test_scoreboard import kept, returned
from tests.browser.test_take_home import opened
from tests.browser.test_views import enter, named
from tests.models.test_checkpoint import CARD, WEIGHTS

EVIL = [  # each at most 40 letters long, as names are
    "<img src=x onerror=window.__xss=1>",
    "<svg onload=window.__xss=1>",
    "</script><script>__xss=1</script>",
    "[a](javascript:window.__xss=1)",
    "{{7*7}}${window.__xss=1}<b>b</b>",
    "' onmouseover='window.__xss=1",
]
FOUND = """() => [
  ...document.querySelectorAll('img[src="x"], a[href^="javascript:" i], [onerror], [onload], [onmouseover]'),
].map(({ outerHTML }) => outerHTML)"""


def check_nothing_ran(page: Page) -> None:
    """Nor is there anything that would run if it were touched."""
    assert page.evaluate("window.__xss") is None
    assert page.evaluate(FOUND) == []


def test_names_of_runs_are_letters_in_table_legend_and_tooltip(desktop: Visit) -> None:
    page = returned(desktop, *(kept(name)[1] for name in EVIL))
    for name in EVIL:
        own = page.locator("tr.ae-kind-yours", has_text=name)
        expect(own).to_have_count(1, timeout=PATIENCE)
        own.get_by_role("checkbox").check()
    chart = page.locator(".ae-chart:visible")
    expect(chart.locator(".scatterlayer .trace").first).to_be_visible(timeout=PATIENCE)
    chart.hover()
    own.get_by_role("button", name="Rename").click()
    page.keyboard.press("Control+A")
    page.keyboard.type(EVIL[0])
    page.keyboard.press("Enter")
    expect(page.locator("tr.ae-kind-yours", has_text=EVIL[0])).to_have_count(2, timeout=PATIENCE)
    check_nothing_ran(page)
    assert desktop.complaints == []


def test_the_name_of_the_open_model_is_letters_in_every_view_that_says_it(desktop: Visit) -> None:
    page = ready(desktop)
    remember(page, kept(EVIL[0])[1].run)
    desktop.console_errors.clear()  # what the page before said when its requests were cut off
    expect(page.locator(".ae-picker-models", has_text=EVIL[0])).to_be_visible(timeout=PATIENCE)
    for title in ("Two maps", "Side by side", "Compress", "Denoise", "Take home"):
        enter(page, named(title))
        check_nothing_ran(page)
    assert desktop.complaints == []


def test_a_file_with_an_evil_name_and_title_is_brought_as_letters(desktop: Visit, tmp_path: Path) -> None:
    page = opened(desktop)
    said = page.locator(".ae-bring-back [role=status]").first
    file = tmp_path / "<img src=x onerror=window.__xss=1>.zip"
    file.write_bytes(wrap(replace(CARD, variant=EVIL[0]), WEIGHTS))
    page.locator(".ae-bring-back input[type=file]").set_input_files(file)
    expect(said).to_contain_text("variant must be one of", timeout=PATIENCE)
    check_nothing_ran(page)
    file.write_bytes(wrap(replace(CARD, title=EVIL[0]), WEIGHTS))
    page.locator(".ae-bring-back input[type=file]").set_input_files(file)
    expect(said).to_contain_text("it is open now", timeout=PATIENCE)
    expect(page.locator(".ae-picker-models", has_text=EVIL[0])).to_be_visible(timeout=PATIENCE)
    check_nothing_ran(page)
    assert [line for line in desktop.complaints if "400" not in line] == []  # Chromium reports a refused file by itself
