"""The latent map by itself: what is under the mouse is decoded, what is clicked arrives, nothing is lost on the way."""

from __future__ import annotations

import base64
import re
import time
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from tests.browser.stage import Stage, opener, places

Opener = Callable[..., Stage]
SEVENS = base64.b64encode(bytes([7] * 784)).decode()
TRACES = "document.querySelector('.js-plotly-plot').data"
RANGES = (
    "(() => { const l = document.querySelector('.js-plotly-plot').layout; return [l.xaxis.range, l.yaxis.range]; })()"
)

SLOW = """const real = window.fetch;
window.fetch = async (...asked) => {
  if (String(asked[0]).includes('/point/')) await new Promise((over) => { setTimeout(over, 60); });
  return real(...asked);
};"""


@pytest.fixture
def show(browser: Browser) -> Iterator[Opener]:
    """Opens stages; afterwards none of their pages may have thrown anything."""
    stages: list[Stage] = []
    errors: list[str] = []
    opened = opener(browser, stages)

    def watched(**props: object) -> Stage:
        stage = opened(**props)
        stage.page.on("pageerror", lambda error: errors.append(str(error)))
        return stage

    yield watched
    for stage in stages:
        stage.page.context.close()
    assert errors == []


def grey(x: float, y: float) -> list[int]:
    """What the made-up decoder paints for a place, as ``pytest.approx``."""
    return pytest.approx([100 + 10 * x, 100 + 10 * y], abs=2)  # type: ignore[return-value]


def test_the_place_under_the_mouse_is_decoded_and_leaving_restores(show: Opener) -> None:
    stage = show().ready()
    assert stage.picture() == grey(1, 2)
    stage.hover(-3, 0.5)
    assert stage.picture() == grey(-3, 0.5)
    assert re.search(r"decoded here\s+z = \(−3\.\d+, 0\.[45]\d*\)", stage.caption())
    stage.leave()
    assert stage.picture() == grey(1, 2)


def test_moving_over_a_map_that_decodes_here_asks_nobody(show: Opener) -> None:
    stage = show().ready()
    stage.hover(0, 0)
    stage.picture("near")
    before = len(stage.fetched)
    for step in range(20):
        stage.hover(-4 + step / 3, 3)
    assert stage.asked == []
    assert len(stage.fetched) == before
    assert stage.sent() == []


def test_a_click_on_a_dot_takes_its_digit(show: Opener) -> None:
    stage = show().ready()
    x, y = places()[23]
    stage.click(x, y)
    assert stage.sent() == [["input", {"index": 23, "x": pytest.approx(float(x)), "y": pytest.approx(float(y))}]]
    assert stage.picture("near")[0] == 23 // 4
    expect(stage.page.locator(".ae-near")).to_contain_text("23, a 3")


def test_a_class_that_is_off_is_neither_found_nor_confused_with_another(show: Opener) -> None:
    stage = show().ready()
    x, y = places()[23]
    stage.page.locator(".ae-key").nth(3).click()
    stage.click(x, y)
    ((_, value),) = stage.sent()
    assert value["index"] is None or value["index"] % 10 != 3
    others = np.linalg.norm(places() - [x, y], axis=1) + 1e6 * (np.arange(400) % 10 == 3)
    expect(stage.page.locator(".ae-near")).to_contain_text(f"{others.argmin()}, a {others.argmin() % 10}")


def test_a_click_between_the_dots_pins_until_another_digit_is_the_input(show: Opener) -> None:
    stage = show().ready()
    stage.click(0, -1)
    ((event, value),) = stage.sent()
    assert (event, value["index"]) == ("select", None)
    assert (value["x"], value["y"]) == (pytest.approx(0, abs=0.05), pytest.approx(-1, abs=0.05))
    stage.leave()
    assert stage.picture() == grey(0, -1)
    expect(stage.page.locator(".ae-pin")).to_be_visible()
    stage.page.evaluate("change({ point: [4, 4] })")
    assert stage.picture() == grey(4, 4)
    assert stage.page.locator(".ae-pin").count() == 0


def test_dragging_decodes_all_along_and_pins_where_it_ends(show: Opener) -> None:
    stage = show().ready()
    stage.hover(0, 0)
    stage.page.mouse.down()
    stage.hover(2, 2)
    assert stage.picture() == grey(2, 2)
    assert stage.sent() == []
    stage.hover(-2, 1)
    stage.page.mouse.up()
    stage.leave()
    assert stage.picture() == grey(-2, 1)
    ((event, value),) = stage.sent()
    assert (event, value["index"]) == ("select", None)


def test_a_code_of_one_number_is_read_as_one(show: Opener) -> None:
    stage = show(line=True).ready()
    stage.hover(2, 2)
    expect(stage.page.locator(".ae-map")).to_contain_text(re.compile(r"z = 2[.\d]*\b"))
    expect(stage.page.locator(".ae-map")).not_to_contain_text("z = (")


def test_keys_move_speak_take_and_let_go(show: Opener) -> None:
    stage = show().ready()
    keys = stage.page.keyboard
    stage.page.locator(".ae-map-plot").focus()
    keys.press("ArrowRight")
    first = stage.picture()[0] - 110
    keys.press("Shift+ArrowRight")
    assert stage.picture()[0] - 110 == pytest.approx(6 * first, abs=2)
    expect(stage.page.locator(".ae-spoken")).to_contain_text(re.compile(r"z = \(.*nearest is a \d"))
    assert {event for event, _ in stage.sent()} == {"select"}
    before = stage.page.evaluate(
        "(() => { const before = sent.length; [1, 2, 3].forEach(() => document.querySelector('.ae-map-plot')"
        ".dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowRight', bubbles: true }))); return before; })()"
    )
    stage.page.wait_for_function(f"sent.length > {before}")
    stage.page.wait_for_timeout(1000)
    assert len(stage.sent()) == before + 1  # once, after the keys have come to rest
    keys.press("Enter")
    assert stage.sent()[-1][0] == "input"
    keys.press("Escape")
    assert stage.picture() == grey(1, 2)


def test_a_class_that_is_off_is_dimmed_and_nothing_vanishes(show: Opener) -> None:
    stage = show().ready()
    stage.page.wait_for_selector(".js-plotly-plot .xtick", state="attached", timeout=20_000)
    keys = stage.page.locator(".ae-key")
    seen = f"{TRACES}.map((t) => [t.x.length, t.marker.opacity < 0.1])"
    keys.nth(4).click()
    stage.page.wait_for_function(f"{seen}[4][1]")
    assert stage.page.evaluate(seen) == [[40, digit == 4] for digit in range(10)]
    keys.nth(7).dblclick()
    stage.page.wait_for_function(f"{seen}[0][1]")
    assert stage.page.evaluate(seen) == [[40, digit != 7] for digit in range(10)]
    keys.last.click()
    stage.page.wait_for_function(f"!{seen}[0][1]")
    assert [key.get_attribute("aria-pressed") for key in keys.all()[:10]] == ["true"] * 10


def test_errors_are_coloured_on_a_scale_with_numbers(show: Opener) -> None:
    stage = show(colour="error").ready()
    expect(stage.page.locator(".ae-scale")).to_have_text(re.compile(r"squared error.*0\.012.*0\.088"))
    stage.page.wait_for_selector(".js-plotly-plot .xtick", state="attached", timeout=20_000)
    steps = stage.page.evaluate(f"{TRACES}.map((t) => [...t.marker.color])")
    assert steps[0][0] == 0
    assert steps[9][-1] == 8
    assert all(sorted(of_digit) == of_digit for of_digit in steps)  # the made-up errors grow with the digit's number


def test_the_map_never_moves_when_the_input_changes(show: Opener) -> None:
    stage = show().ready()
    stage.at(0, 0)
    before = stage.page.evaluate(RANGES)
    stage.page.evaluate("change({ point: [700, 700] })")
    stage.page.wait_for_timeout(300)
    assert stage.page.evaluate(RANGES) == before


def test_one_far_code_does_not_squeeze_all_others_together(show: Opener) -> None:
    stage = show().ready()
    stage.at(0, 0)
    for low, high in stage.page.evaluate(RANGES):
        assert 10 < high - low < 25


def test_a_map_without_a_way_back_shows_the_nearest_digit(show: Opener) -> None:
    stage = show(decodes="no", decoder="", projection="umap").ready()
    x, y = places()[88]
    stage.hover(x, y)
    assert stage.picture()[0] == 88 // 4
    assert re.search(r"nearest test digit\s+88, a 8", stage.caption())
    expect(stage.page.locator(".ae-near")).not_to_be_visible()
    assert stage.asked == []


def test_of_many_places_the_server_decodes_the_last(show: Opener) -> None:
    stage = show(decodes="server", decoder="", answer=SEVENS, script=SLOW).ready()
    for step in range(30):
        stage.hover(-4 + step / 5, 1)
    ends = time.monotonic() + 20
    while (not stage.asked or stage.asked[-1][2] != pytest.approx(1.8, abs=0.1)) and time.monotonic() < ends:
        stage.page.wait_for_timeout(50)
    stage.page.wait_for_timeout(500)  # for the last answer
    assert stage.picture() == [7, 7]
    assert len(stage.asked) < 30
    asked = stage.asked
    assert len(asked) < 30
    assert asked[-1][:2] == ["a-model", "code"]
    assert asked[-1][2:] == [pytest.approx(1.8, abs=0.1), pytest.approx(1, abs=0.1)]


@pytest.mark.parametrize(
    ("answer", "words"), [(None, "did not answer"), ({"error": "The model is gone."}, "The model is gone.")]
)
def test_a_server_that_fails_is_quoted(show: Opener, answer: object, words: str) -> None:
    stage = show(decodes="server", decoder="", answer=answer)
    expect(stage.page.locator(".ae-decoded figcaption")).to_contain_text(words)


def test_the_server_helps_out_where_the_decoder_does_not_arrive(show: Opener) -> None:
    stage = show(broken={"decoder"}, answer=SEVENS).ready()
    assert stage.picture() == [7, 7]


def test_a_map_that_does_not_arrive_says_so_and_can_be_asked_for_again(show: Opener) -> None:
    stage = show(broken={"map"})
    problem = stage.page.locator(".ae-map-problem")
    expect(problem).to_contain_text("could not be fetched: the cupboard is empty")
    stage.broken.clear()
    problem.get_by_role("button").click()
    stage.ready()
    expect(problem).to_be_empty()


def test_thumbnails_wait_until_somebody_takes_an_interest(show: Opener) -> None:
    stage = show().ready()
    stage.page.wait_for_timeout(300)
    assert "thumbnails" not in stage.fetched
    stage.hover(0, 0)
    stage.hover(1, 0)
    expect(stage.page.locator(".ae-near canvas")).to_be_visible()
    assert stage.fetched.count("thumbnails") == 1


def test_ctrl_and_wheel_zoom_where_the_mouse_is_and_the_wheel_alone_scrolls(show: Opener) -> None:
    stage = show().ready()
    stage.hover(3, 3)
    before = stage.picture()
    (low, high), _ = stage.page.evaluate(RANGES)
    stage.page.keyboard.down("Control")
    stage.page.mouse.wheel(0, -200)
    stage.page.keyboard.up("Control")
    stage.page.wait_for_function(f"{RANGES}[0][1] - {RANGES}[0][0] < {0.5 * (high - low)}")
    stage.page.mouse.move(*(c + 1 for c in stage.at(3, 3)))
    assert stage.picture() == pytest.approx(before, abs=2)
    stage.page.mouse.wheel(0, 300)
    stage.page.wait_for_function("window.scrollY > 100")


def test_a_finger_decodes_without_scrolling_the_page(show: Opener) -> None:
    stage = show(phone=True).ready()
    assert stage.page.evaluate("document.documentElement.scrollWidth") == 390
    touch = stage.page.context.new_cdp_session(stage.page)
    for kind, x, y in (("Start", 0, 0), ("Move", 1, 2), ("Move", 2, -3), ("End", 2, -3)):
        left, top = stage.at(x, y)
        points = [] if kind == "End" else [{"x": left, "y": top}]
        touch.send("Input.dispatchTouchEvent", {"type": f"touch{kind}", "touchPoints": points})
    assert stage.picture() == grey(2, -3)
    assert stage.page.evaluate("window.scrollY") == 0
    assert stage.sent()[0][0] == "select"


def test_two_fingers_zoom(show: Opener) -> None:
    stage = show(phone=True).ready()
    left, top = stage.at(0, 0)
    (low, high), _ = stage.page.evaluate(RANGES)
    touch = stage.page.context.new_cdp_session(stage.page)
    for kind, gap in (("Start", 30), ("Move", 40), ("Move", 60), ("End", 0)):
        points = [{"x": left - gap, "y": top, "id": 1}, {"x": left + gap, "y": top, "id": 2}] if gap else []
        touch.send("Input.dispatchTouchEvent", {"type": f"touch{kind}", "touchPoints": points})
    stage.page.wait_for_function(f"{RANGES}[0][1] - {RANGES}[0][0] < {0.6 * (high - low)}")
    assert stage.sent() == []


def test_without_a_graphics_card_the_dots_are_there_all_the_same(show: Opener) -> None:
    none = "const get = HTMLCanvasElement.prototype.getContext; HTMLCanvasElement.prototype.getContext = function"
    stage = show(
        script=f"{none} (kind, ...more) {{ return /webgl/.test(kind) ? null : get.call(this, kind, ...more); }};"
    )
    dots = stage.ready().page.locator(".ae-map-dots > canvas")
    inked = "canvas => canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.some(Boolean)"
    assert dots.evaluate(inked)
    assert stage.page.locator(".js-plotly-plot").count() == 0


def colours_of(stage: Stage) -> dict[str, int]:
    """How many dots there are in each colour that is not dimmed."""
    stage.settle()
    traces = stage.page.evaluate(f"{TRACES}.map(({{ x, marker }}) => [marker.color, marker.opacity, x.length])")
    return {colour: count for colour, opacity, count in traces if opacity > 0.5}


def drag(stage: Stage, *corners: tuple[float, float]) -> None:
    """Draw with the mouse from corner to corner."""
    stage.page.mouse.move(*stage.at(*corners[0]))
    stage.page.mouse.down()
    for corner in corners[1:]:
        stage.page.mouse.move(*stage.at(*corner), steps=4)
    stage.page.mouse.up()


def test_a_box_chooses_the_dots_within(show: Opener) -> None:
    stage = show(selects=True, answer=SEVENS).ready()
    stage.page.get_by_role("button", name="Select a box").click()
    drag(stage, (3.4, -1.6), (6.6, 1.6))
    inside = [i for i, (x, y) in enumerate(places()) if 3.4 < x < 6.6 and abs(y) < 1.6]
    expect(stage.page.locator(".ae-chosen")).to_contain_text(f"{len(inside)} digits chosen, 98 % of them 0s")
    assert stage.page.evaluate("window.means") == [inside]
    assert sum(colours_of(stage).values()) == len(inside)
    expect(stage.page.locator(".ae-chosen-sheet canvas")).to_have_count(len(inside))
    stage.page.get_by_role("button", name="Let go").click()
    expect(stage.page.locator(".ae-chosen")).to_be_hidden()
    assert sum(colours_of(stage).values()) == 400


def test_a_lasso_takes_what_lies_within_its_line_and_dimmed_classes_stay_out(show: Opener) -> None:
    stage = show(selects=True).ready()
    stage.page.get_by_role("button", name="digit 5").click()
    stage.page.get_by_role("button", name="Select freely").click()
    drag(stage, (-2.8, 1.2), (-7, 1.2), (-7, -4.6), (-2.8, -4.6))  # around 5, which is off, and 6
    chosen = stage.page.evaluate("window.means")[0]
    assert {i % 10 for i in chosen} == {6}
    assert len(chosen) == 40
    expect(stage.page.locator(".ae-chosen")).to_contain_text("100 % of them 6s")


def test_a_box_is_drawn_by_keys_too(show: Opener) -> None:
    stage = show(selects=True).ready()
    stage.page.get_by_role("button", name="Select a box").click()
    stage.page.locator("[role=application]").focus()
    for key in (" ", *["ArrowRight"] * 16, *["ArrowDown"] * 16, " "):
        stage.page.keyboard.press(key)
    expect(stage.page.locator(".ae-chosen")).to_contain_text(re.compile(r"\d+ digits chosen"))
    stage.page.keyboard.press("Escape")
    expect(stage.page.locator(".ae-chosen")).to_be_hidden()


def test_groups_have_the_colour_of_their_name_and_the_legend_switches_them(show: Opener) -> None:
    stage = show().ready()
    before = colours_of(stage)
    zeros = stage.page.evaluate(f"{TRACES}[0].x[0]")
    stage.page.evaluate("change({ colour: 'cluster', clusters: 'clusters' })")
    expect(stage.page.locator(".ae-map")).to_contain_text("Ten groups. A note.")
    assert colours_of(stage) == before  # as many dots in each
    assert stage.page.evaluate(f"{TRACES}[3].x[0]") == zeros  # those of class 0 are now in group 3
    stage.page.get_by_role("button", name="group 3").click()
    stage.hover(5, 0)
    assert stage.page.evaluate(f"{TRACES}[3].marker.opacity") < 0.2
    stage.page.evaluate("change({ colour: 'label', clusters: '' })")
    expect(stage.page.get_by_role("button", name="digit 3")).to_be_visible()


def test_the_cloud_of_the_input_is_drawn_where_the_input_is(show: Opener) -> None:
    stage = show(posterior=[[2, 0], [0, 1]]).ready()
    stage.at(0, 0)
    box = stage.page.locator(".ae-mark-cloud polygon").bounding_box()
    assert box is not None
    left, top = stage.at(-1, 3)
    right, bottom = stage.at(3, 1)
    corners = (box["x"], box["y"], box["x"] + box["width"], box["y"] + box["height"])
    assert corners == pytest.approx((left, top, right, bottom), abs=4)  # half a line more


def test_axe_finds_nothing_serious(show: Opener) -> None:
    stage = show().ready()
    stage.at(0, 0)
    found = Axe().run(stage.page).response["violations"]
    assert [v["id"] for v in found if v["impact"] in ("serious", "critical")] == []
