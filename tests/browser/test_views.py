"""Every view in a browser: it fits a phone, it can be used without eyes, and its controls do what they say."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from explorer.ui.view import View, views
from tests.browser.conftest import Visit
from tests.browser.own_model import TOO_MUCH, kept, remember
from tests.browser.test_page import PATIENCE, choose, picture, place, ready

VIEWS = [view for inside in views().values() for view in inside]


GREYS = """(selector) => {
  const canvas = [...document.querySelectorAll(selector)].find((one) => one.offsetWidth);
  const pixels = canvas ? [...canvas.getContext('2d').getImageData(0, 0, 28, 28).data] : [];
  return pixels.filter((_, i) => i % 4 === 0).join();
}"""


def enter(page: Page, view: View) -> None:
    """Into a view; returns when it has been drawn."""
    place(page, view.place)
    if len(views()[view.place]) > 1:
        page.get_by_role("tab", name=view.title, exact=True).click()
    page.wait_for_timeout(1500)  # Gradio keeps a connection open, so the network is never idle


def named(title: str) -> View:
    return next(view for view in VIEWS if view.title == title)


def shown(page: Page, selector: str) -> list[int]:
    """The grey values of the first canvas that can be seen."""
    script = "canvas => [...canvas.getContext('2d').getImageData(0, 0, 28, 28).data].filter((_, i) => i % 4 === 0)"
    pixels: list[int] = page.locator(f"{selector}:visible").first.evaluate(script)
    return pixels


def repainted(page: Page, selector: str, before: list[int]) -> list[int]:
    """The same once it is another picture."""
    page.wait_for_function(
        f"([one, before]) => ({GREYS})(one) !== before", arg=[selector, joined(before)], timeout=PATIENCE
    )
    return shown(page, selector)


def painted(page: Page, selector: str, wanted: list[int]) -> None:
    """Returns when the first canvas that can be seen shows this picture."""
    page.wait_for_function(
        f"([one, wanted]) => ({GREYS})(one) === wanted", arg=[selector, joined(wanted)], timeout=PATIENCE
    )


def joined(greys: list[int]) -> str:
    return ",".join(map(str, greys))


def test_each_view_fits_a_phone(phone: Visit) -> None:
    page = ready(phone)
    wide = []
    for view in VIEWS:
        enter(page, view)
        if page.evaluate("document.documentElement.scrollWidth") > 390:
            wide.append(view.key)
    assert wide == []
    assert phone.complaints == []


@pytest.mark.parametrize("inside", views())
def test_axe_finds_nothing_serious_in_any_view(desktop: Visit, inside: str) -> None:
    page = ready(desktop)
    serious = []
    for view in views()[inside]:
        enter(page, view)
        found = Axe().run(page).response["violations"]
        serious += [
            f"{view.key}: {v['id']}: {v['nodes'][0]['html'][:120]}"
            for v in found
            if v["impact"] in ("serious", "critical")
        ]
    assert serious == []
    assert desktop.complaints == []


def test_a_neighbour_becomes_the_input(desktop: Visit) -> None:
    page = ready(desktop)
    enter(page, named("Neighbours"))
    number = page.locator(".ae-strip-tools input:visible")
    before = number.input_value()
    page.locator("button.ae-sheet-cell:visible").nth(2).click()
    expect(number).not_to_have_value(before, timeout=PATIENCE)
    page.get_by_label("cosine").check()
    place(page, "See")
    expect(page.locator(".ae-flow figcaption").first).not_to_contain_text(f"test digit {before}", timeout=PATIENCE)


def test_interpolation_goes_from_one_digit_to_the_other(desktop: Visit) -> None:
    page = ready(desktop)
    enter(page, named("Interpolate"))
    expect(page.locator(".ae-mark-path:visible")).to_have_count(1, timeout=PATIENCE)
    first = shown(page, ".ae-film canvas")
    slider = page.locator(".ae-film input:visible")
    slider.focus()
    page.keyboard.press("End")
    assert shown(page, ".ae-film canvas") != first
    page.locator(".ae-film button:visible").click()
    page.wait_for_function(
        "() => [...document.querySelectorAll('.ae-film input')].find((one) => one.offsetParent).value < 60",
        timeout=PATIENCE,
    )
    cells = page.locator(".ae-sheet:visible canvas")
    assert cells.count() == 18
    page.get_by_label("slerp").check()
    page.locator("input[type=range]:visible").first.fill("12")
    expect(cells).to_have_count(24, timeout=PATIENCE)
    assert desktop.complaints == []


@pytest.mark.parametrize("decodes", ["in the browser", "on the server"])
def test_a_slider_changes_the_picture_at_once(desktop: Visit, decodes: str) -> None:
    page = ready(desktop)
    if decodes == "on the server":
        remember(page, kept("sequence", **TOO_MUCH, width=16))
        expect(page.locator(".ae-picker-models")).to_contain_text("for a test", timeout=PATIENCE)
        ready(desktop)
        desktop.console_errors.clear()  # what the page before said when its requests were cut off
    else:
        choose(page, "Dense")
    enter(page, named("Traverse"))
    expect(page.locator(".ae-code-rows label:visible")).to_have_count(10, timeout=PATIENCE)
    decoded = ".ae-code-pictures canvas"
    before = last = repainted(page, decoded, [0] * 784)  # no longer blank
    page.locator(".ae-code-rows input:visible").first.focus()
    for key in ("End", "Home"):
        page.keyboard.press(key)
        last = repainted(page, decoded, last)
        assert last != before
    page.get_by_role("button", name="Reset to this digit").click()
    painted(page, decoded, before)
    assert desktop.complaints == []


def test_without_its_atoms_a_digit_is_gone(desktop: Visit) -> None:
    page = ready(desktop)
    choose(page, "k-sparse")
    enter(page, named("Dictionary"))
    words = page.locator(".ae-code-desk .ae-caption[aria-live]:visible")
    expect(words).to_contain_text("numbers are awake", timeout=PATIENCE)
    whole = shown(page, ".ae-code-pictures canvas")
    page.locator(".ae-atom:visible").first.click()
    assert shown(page, ".ae-code-pictures canvas") != whole
    page.get_by_role("button", name="All off").click()
    expect(words).to_contain_text("; 0 of their atoms are on")
    page.get_by_role("button", name="All on").click()
    assert shown(page, ".ae-code-pictures canvas") == whole


def test_other_seeds_draw_other_digits_and_a_cell_is_enlarged(desktop: Visit) -> None:
    page = ready(desktop)
    enter(page, named("Generate"))
    expect(page.locator(".ae-sheet canvas:visible")).to_have_count(75, timeout=PATIENCE)
    before = shown(page, ".ae-sheet canvas")
    page.get_by_label("number input for Seed: another one draws other codes").fill("5")
    page.keyboard.press("Enter")
    repainted(page, ".ae-sheet canvas", before)
    enter(page, named("Manifold"))
    expect(page.locator("button.ae-sheet-cell:visible")).to_have_count(400, timeout=PATIENCE)
    page.locator("button.ae-sheet-cell:visible").nth(399).click()
    expect(page.locator(".ae-sheet .ae-caption:visible").last).to_contain_text("row 20, column 20", timeout=PATIENCE)
    assert desktop.complaints == []


def test_the_masked_model_says_what_it_lacks(desktop: Visit) -> None:
    page = ready(desktop)
    choose(page, "Masked")
    enter(page, named("Traverse"))
    expect(page.locator(".ae-lack:visible").first).to_contain_text("Traverse needs a decoder", timeout=PATIENCE)
    assert page.locator(".ae-code-desk:visible").count() == 0
    assert desktop.complaints == []


def test_models_are_sorted_put_away_and_opened(desktop: Visit) -> None:
    page = ready(desktop)
    enter(page, named("Side by side"))
    rows = page.locator(".ae-comparison tbody tr")
    expect(rows.first).to_be_visible(timeout=PATIENCE)
    count = rows.count()
    assert count >= 16
    errors = rows.locator("td[data-head=MSE]").all_inner_texts()
    assert [float(one) for one in errors] == sorted(float(one) for one in errors)
    page.get_by_role("button", name="parameters").click()
    sizes = [int(one.replace(",", "")) for one in rows.locator("td[data-head=parameters]").all_inner_texts()]
    assert sizes == sorted(sizes)
    second = page.locator(".ae-comparison-hide").nth(1).get_attribute("aria-label")
    page.locator(".ae-comparison-hide").first.click()
    expect(rows).to_have_count(count - 1)
    expect(page.locator(".ae-comparison-hide").first).to_be_focused()
    assert page.locator(".ae-comparison-hide").first.get_attribute("aria-label") == second
    clean = picture(page, ".ae-comparison canvas")
    page.get_by_label("Gaussian noise").check()
    page.wait_for_function(
        "before => document.querySelector('.ae-comparison canvas').getContext('2d').getImageData(0, 0, 28, 28)"
        ".data.some((value, i) => i % 4 === 0 && value !== before[i / 4])",
        arg=clean,
        timeout=PATIENCE,
    )
    page.locator(".ae-comparison-name", has_text="Contractive").first.click()
    expect(page.locator(".ae-picker-groups :checked")).to_have_value("contractive", timeout=PATIENCE)
    assert desktop.complaints == []
