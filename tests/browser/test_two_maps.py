"""Two maps in a browser: what is chosen or pointed at in one is shown by the other, and the figures follow."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Visit
from tests.browser.test_page import PATIENCE, ready
from tests.browser.test_views import enter, named

LIT = "plot => plot.data.filter((trace) => trace.marker.opacity > 0.5).reduce((sum, trace) => sum + trace.x.length, 0)"


def opened(visit: Visit) -> tuple[Page, Locator, Locator]:
    """The view once both maps are drawn: the page and the maps."""
    page = ready(visit)
    enter(page, named("Two maps"))
    maps = page.locator(".ae-pair .ae-map")
    expect(page.locator(".ae-pair .js-plotly-plot .xtick").last).to_be_attached(timeout=PATIENCE)
    expect(maps.nth(1).locator(".ae-decoded b")).to_have_text("the input, decoded", timeout=PATIENCE)
    return page, maps.nth(0), maps.nth(1)


def lit(of_map: Locator) -> int:
    """How many dots are not dimmed."""
    count: int = of_map.locator(".js-plotly-plot").evaluate(LIT)
    return count


def box(page: Page, of_map: Locator) -> None:
    """Draw a box over the middle of a map."""
    of_map.get_by_role("button", name="Select a box").click()
    glass = of_map.locator(".ae-map-plot")
    glass.scroll_into_view_if_needed()
    place = glass.bounding_box()
    assert place is not None
    across, down = (place["x"], place["width"]), (place["y"], place["height"])
    page.mouse.move(*(start + 0.3 * length for start, length in (across, down)))
    page.mouse.down()
    page.mouse.move(*(start + 0.6 * length for start, length in (across, down)), steps=4)
    page.mouse.up()


def compare_with(page: Page, name: str) -> None:
    """Another model on the second map."""
    page.get_by_label("Second map").click()
    page.get_by_role("option", name=name).first.click()


def test_what_is_chosen_in_one_map_lights_up_in_the_other_and_is_let_go_in_both(desktop: Visit) -> None:
    page, first, second = opened(desktop)
    box(page, first)
    expect(first.locator(".ae-chosen")).to_contain_text(re.compile(r"\d digits chosen"))
    expect(second.locator(".ae-chosen")).to_contain_text("lit here")
    expect(first.locator(".ae-bars")).to_be_visible()
    expect(second.locator(".ae-bars")).to_be_hidden()
    expect(page.locator(".ae-pair .ae-painted")).to_have_count(0, timeout=PATIENCE)  # Plotly has drawn it
    assert lit(first) == lit(second)
    assert 0 < lit(second) < len(second.locator(".ae-key").all()) * 1000
    said = re.search(r"[\d,]+", first.locator(".ae-chosen p").inner_text())
    assert said is not None
    assert int(said[0].replace(",", "")) == lit(second)
    sheet, frame = (first.locator(part).bounding_box() for part in (".ae-chosen-sheet", ".ae-map-grid"))
    assert sheet is not None
    assert frame is not None
    assert sheet["width"] <= frame["width"], "what is chosen stays in its own half"
    second.get_by_role("button", name="Let go").click()
    expect(first.locator(".ae-chosen")).to_be_hidden()
    expect(second.locator(".ae-chosen")).to_be_hidden()
    assert desktop.complaints == []


def test_the_digit_under_the_mouse_and_a_class_that_is_off_are_shared(desktop: Visit) -> None:
    page, first, second = opened(desktop)
    first.locator(".ae-map-plot").hover()
    expect(second.locator(".ae-mark-same")).to_have_count(1)
    numbers = [of_map.locator(".ae-near figcaption").inner_text() for of_map in (first, second)]
    assert numbers[0] == numbers[1]
    page.mouse.move(2, 2)
    expect(second.locator(".ae-mark-same")).to_have_count(0)
    second.get_by_role("button", name="digit 4").click()
    expect(first.get_by_role("button", name="digit 4")).to_have_attribute("aria-pressed", "false")


def test_the_figures_follow_k_and_the_second_model(desktop: Visit) -> None:
    page, _, _ = opened(desktop)
    board = page.locator(".ae-agreement")
    expect(board).to_contain_text("Of each digit's 10 nearest in one code", timeout=PATIENCE)
    before = board.locator("tbody").inner_text()
    page.get_by_label("Neighbours k").fill("1")
    expect(board).to_contain_text("have the same nearest digit")
    compare_with(page, "Linear")
    expect(board.locator("tbody")).not_to_have_text(before, timeout=PATIENCE)
    expect(page.get_by_label("PCA", exact=True).last).to_be_visible()
    assert desktop.complaints == []


def test_a_server_that_does_not_compare_the_maps_is_named_and_asked_again(desktop: Visit) -> None:
    page, _, _ = opened(desktop)
    figures, words = page.locator(".ae-agreement"), page.get_by_text("The server did not answer; another choice")
    expect(figures).to_be_visible(timeout=PATIENCE)
    page.route("**/component_server/**", lambda route: route.abort())
    compare_with(page, "Linear")
    expect(words).to_be_visible(timeout=PATIENCE)
    expect(figures).to_be_hidden()
    page.unroute_all()
    compare_with(page, "Dense")
    expect(figures).to_be_visible(timeout=PATIENCE)
    expect(words).to_be_hidden()
    assert desktop.page_errors == []
