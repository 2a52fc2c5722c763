"""What the code knows, in a browser: choices change the figures, cells show digits, and digits become the input."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.test_page import PATIENCE, choose, place, ready
from tests.browser.test_views import enter, named


def read(page: Page, words: str) -> None:
    """Wait for the reading that these words announce."""
    expect(page.locator(".ae-knows section p").first).to_contain_text(words, timeout=PATIENCE)


def test_choices_are_read_and_a_misread_digit_becomes_the_input(desktop: Visit) -> None:
    page = ready(desktop)
    choose(page, "Linear")
    enter(page, named("What the code knows"))
    read(page, "With 1,000 labels, linear classifier, draw 0")
    before = page.locator(".ae-confusions").inner_text()
    page.locator(".ae-knows-choices").get_by_label("100", exact=True).check()
    page.locator(".ae-knows-choices").get_by_label("nearest neighbours").check()
    read(page, "With 100 labels, nearest neighbours, draw 0")
    assert page.locator(".ae-confusions").inner_text() != before
    cells = page.locator(".ae-confusions button")
    expect(cells).to_have_count(100)
    counts = [int(count) if count.isdigit() else 0 for count in cells.all_inner_texts()]
    right = sum(counts[::11])
    expect(page.locator(".ae-knows section p").first).to_contain_text(f"{right:,} of {sum(counts):,} test digits")
    worst = max((i for i in range(100) if i % 11), key=lambda i: counts[i])
    cells.nth(worst).focus()
    expect(cells.nth(worst)).to_have_attribute("aria-label", f"{worst // 10}, taken for {worst % 10}: {counts[worst]}")
    cells.nth(worst).press("Enter")
    digits = page.locator(".ae-knows-sheet button")
    expect(digits).to_have_count(min(40, counts[worst]), timeout=PATIENCE)
    label = str(digits.first.get_attribute("aria-label"))
    digits.first.click()
    expect(page.get_by_text("is the input of all views now")).to_be_visible()
    index = re.findall(r"\d+", label)[0]
    place(page, "See")
    page.get_by_role("tab", name="Reconstruct", exact=True).click()
    expect(page.get_by_text(re.compile(rf"input: a {worst // 10}, test digit {index}"))).to_be_visible(timeout=PATIENCE)
    assert desktop.complaints == []


def test_all_models_are_sorted_and_opened(desktop: Visit) -> None:
    page = ready(desktop)
    enter(page, named("What the code knows"))
    read(page, "With 1,000 labels")
    if page.get_by_role("button", name="Measure this model").is_visible():  # stand-in digits
        page.get_by_role("button", name="Measure this model").click()
        expect(page.locator(".ae-knows-table b").first).to_be_visible(timeout=5 * PATIENCE)
    expect(page.locator(".ae-knows-curve .legendtext")).to_have_count(3, timeout=PATIENCE)
    page.locator(".ae-knows-choices").get_by_label("nearest neighbours").check()
    expect(page.locator(".ae-knows-table thead")).to_contain_text("5 nearest")
    page.locator(".ae-knows-choices fieldset").first.get_by_label("10", exact=True).check()
    expect(page.locator(".ae-knows-table thead")).to_contain_text("1 nearest")
    page.get_by_role("button", name="Show all models").click()
    rows = page.locator(".ae-ranking tbody tr")
    expect(rows.first).to_be_visible(timeout=PATIENCE)
    page.locator(".ae-ranking").get_by_role("button", name="numbers", exact=True).click()
    sizes = [int(size.replace(",", "")) for size in page.locator(".ae-ranking td[data-head=numbers]").all_inner_texts()]
    assert sizes == sorted(sizes)
    last = page.locator(".ae-ranking .ae-comparison-name[type=button]").last
    name = last.locator("b").inner_text()
    last.click()
    chosen = page.locator(".ae-picker-groups .ae-chip", has_text=name).first.locator("input")
    expect(chosen).to_be_checked(timeout=PATIENCE)
    assert desktop.complaints == []
