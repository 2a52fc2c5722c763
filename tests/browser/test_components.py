"""The components by themselves, with made-up data: clicks and keys, what arrives in Python, and what survives."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, Route, expect

from tests.browser.conftest import DEVICES, Visit, running

APP = Path(__file__).parent / "apps" / "components.py"
PATIENCE = 45_000  # milliseconds
Opener = Callable[..., Visit]


@pytest.fixture(scope="module")
def components(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the page with one of each."""
    with running(APP, tmp_path_factory.mktemp("components") / "log.txt") as url:
        yield url


@pytest.fixture
def opened(browser: Browser, components: str) -> Iterator[Opener]:
    """Open that page on a device; afterwards nothing may have complained."""
    visits: list[Visit] = []

    def on(device: str = "desktop", *, dark: bool = False) -> Visit:
        is_phone = device == "phone"
        scheme: Any = "dark" if dark else "light"
        context = browser.new_context(
            viewport=DEVICES[device], color_scheme=scheme, has_touch=is_phone, is_mobile=is_phone
        )
        visits.append(Visit(context.new_page()))
        page = visits[-1].page
        page.goto(components)
        for part in (".ae-chip", ".ae-knob", ".ae-strip-digit", ".ae-flow canvas", ".ae-buttons", ".ae-source summary"):
            page.wait_for_selector(part, timeout=PATIENCE, state="attached")
        return visits[-1]

    yield on
    for visit in visits:
        assert visit.complaints == []
        visit.page.context.close()


@pytest.fixture
def page(opened: Opener) -> Page:
    """That page on a wide screen."""
    return opened().page


def sent(page: Page) -> Any:
    """What Python has received last."""
    box = page.locator("#sent textarea, #sent input").first
    expect(box).not_to_have_value("", timeout=PATIENCE)
    return json.loads(box.input_value())


def after(page: Page, act: Callable[[], object]) -> Any:
    """What Python receives because of ``act``."""
    box = page.locator("#sent textarea, #sent input").first
    before = box.input_value()
    act()
    expect(box).not_to_have_value(before, timeout=PATIENCE)
    page.wait_for_timeout(150)
    return sent(page)


def knob(page: Page, label: str) -> Locator:
    """The knob of that name."""
    return page.locator(".ae-knob", has=page.locator(".ae-label", has_text=re.compile(f"^{label}"))).first


def test_a_variant_is_chosen_by_click_and_by_arrow_key(page: Page) -> None:
    chosen = after(page, lambda: page.get_by_role("radio", name="U-Net").check())
    assert chosen == {"variant": "unet", "model": ""}
    assert after(page, lambda: page.keyboard.press("ArrowRight")) == {"variant": "variational", "model": ""}
    expect(page.locator(".ae-summary")).to_contain_text("clouds")


def test_a_model_is_chosen_and_the_visitors_own_is_marked(page: Page) -> None:
    assert after(page, lambda: page.locator(".ae-mine").click()) == {"variant": "dense", "model": "m2"}
    expect(page.locator(".ae-mine input")).to_be_checked()


def test_variants_stand_in_the_four_groups_that_teach(page: Page) -> None:
    groups = page.locator(".ae-picker-groups legend").all_inner_texts()
    assert groups == ["squeeze", "constrain", "damage", "model the distribution"]


def test_a_slider_and_its_number_box_follow_each_other(page: Page) -> None:
    size = knob(page, "Numbers in the code")
    size.get_by_role("slider").focus()
    value = after(page, lambda: page.keyboard.press("ArrowRight"))
    assert value["settings"]["latent_dim"] == 65
    expect(size.locator("input[type=number]")).to_have_value("65")
    size.locator("input[type=number]").fill("100000")
    value = after(page, lambda: page.keyboard.press("Enter"))
    assert value["settings"]["latent_dim"] == 128
    expect(size.get_by_role("slider")).to_have_value("128")
    expect(size).to_contain_text("recommended: 64")


def test_a_logarithmic_slider_spans_its_range_in_equal_factors(page: Page) -> None:
    rate = knob(page, "Learning rate")
    rate.get_by_role("slider").focus()
    assert after(page, lambda: page.keyboard.press("Home"))["training"]["learning_rate"] == 1e-5
    assert after(page, lambda: page.keyboard.press("End"))["training"]["learning_rate"] == 1000.0
    rate.get_by_role("slider").evaluate("e => { e.value = 375; e.dispatchEvent(new Event('input', {bubbles: true})); }")
    expect(rate.locator("input[type=number]")).to_have_value("0.01")


def test_recommended_settings_come_back_at_one_press(page: Page) -> None:
    reset = page.get_by_role("button", name="Recommended settings")
    expect(reset).to_be_disabled()
    after(page, lambda: knob(page, "Code").locator(".ae-chip", has_text="linear").click())
    value = after(page, reset.click)
    assert value["settings"] == {"latent_dim": 64, "depth": 0, "width": 512, "code": "relu"}
    expect(reset).to_be_disabled()
    assert page.locator(".ae-turned").count() == 0


def test_a_digit_of_the_row_arrives_as_its_index(page: Page) -> None:
    assert after(page, lambda: page.locator(".ae-strip-digit").nth(4).click()) == {"index": 40}
    assert after(page, lambda: page.keyboard.press("ArrowRight")) == {"index": 50}


def test_dice_label_and_number_arrive_as_what_they_mean(page: Page) -> None:
    assert after(page, page.get_by_role("button", name="Another").click) == {"label": None, "roll": 1}
    assert after(page, page.get_by_role("button", name="Another").click) == {"label": None, "roll": 2}
    assert after(page, lambda: page.get_by_label("Label", exact=True).select_option("7")) == {"label": 7, "roll": 3}
    page.locator(".ae-strip-tools input").fill("99999")
    assert after(page, lambda: page.keyboard.press("Enter")) == {"index": 9999}


def test_a_small_code_is_bars_and_a_large_one_a_heat_map(page: Page) -> None:
    code = page.locator(".ae-code")
    expect(code.locator("rect:not(.ae-zero)")).to_have_count(64)
    page.get_by_role("button", name="1000").click()
    expect(code.locator("rect")).to_have_count(1000)
    page.get_by_role("button", name="2", exact=True).click()
    expect(code.locator("rect:not(.ae-zero)")).to_have_count(2)
    expect(page.locator(".ae-flow")).to_contain_text("2 numbers: 0.5, −1")
    zero = code.locator("rect.ae-zero")
    assert float(zero.get_attribute("y") or "nan") == pytest.approx(100 / 3, abs=0.5)
    page.get_by_role("button", name="1", exact=True).click()
    expect(page.locator(".ae-flow")).to_contain_text("2 numbers: −0.5, −1")
    expect(zero).to_have_attribute("y", "0")  # all bars hang from it


def test_single_numbers_of_the_code_can_be_read_by_keyboard(page: Page) -> None:
    code = page.locator(".ae-code")
    code.focus()
    page.keyboard.press("End")
    expect(code).to_have_attribute("aria-valuetext", "number 64 of 64: −1")
    expect(page.locator(".ae-flow")).to_contain_text("z64 = −1")


def test_the_result_is_spoken(page: Page) -> None:
    expect(page.locator(".ae-spoken").first).to_have_text(re.compile("a 7.*0.0036"))


def test_buttons_follow_the_state_and_every_press_counts(page: Page) -> None:
    train, stop = (page.get_by_role("button", name=name, exact=True) for name in ("Train", "Stop"))
    expect(stop).to_be_disabled()
    name, count, _, have = after(page, train.click)
    assert (name, count, have) == ("train", 1, 0)
    expect(train).to_be_disabled()
    assert after(page, stop.click) == ["stop", 2, "r", 10]
    expect(page.locator(".ae-state")).to_have_text("stopped at epoch 1, weights kept")
    expect(train).to_be_enabled()


def curve(page: Page) -> list[int]:
    """How many points each drawn term has."""
    lengths: list[int] = page.evaluate("() => (document.querySelector('.ae-curves').data ?? []).map(t => t.x.length)")
    return lengths


def test_curves_are_drawn_and_missing_points_are_asked_for(page: Page) -> None:
    after(page, page.get_by_role("button", name="Train", exact=True).click)
    page.wait_for_function("() => document.querySelector('.ae-curves').data?.length === 2", timeout=PATIENCE)
    assert curve(page) == [10, 10]
    assert after(page, page.get_by_role("button", name="gap").click) == ["resend", 2, "r", 10]
    page.wait_for_function("() => document.querySelector('.ae-curves').data[0].x.length === 40", timeout=PATIENCE)
    expect(page.locator(".ae-pairs canvas")).to_have_count(20)


def test_a_component_that_was_hidden_comes_back_as_it_was(page: Page) -> None:
    after(page, page.get_by_role("button", name="Train", exact=True).click)
    page.wait_for_function("() => document.querySelector('.ae-curves').data?.length === 2", timeout=PATIENCE)
    knob(page, "Numbers in the code").locator("input[type=number]").fill("32")
    after(page, lambda: page.keyboard.press("Enter"))
    page.get_by_role("button", name="hide").click()
    expect(page.locator(".ae-curves")).not_to_be_visible()
    page.get_by_role("button", name="show").click()
    expect(page.locator(".ae-flow canvas").first).to_be_visible()
    page.wait_for_function("() => document.querySelector('.ae-curves')?.data?.length === 2", timeout=PATIENCE)
    assert curve(page) == [10, 10]
    expect(knob(page, "Numbers in the code").locator("input[type=number]")).to_have_value("32")


def test_a_figure_draws_itself_and_follows_dark_mode(page: Page) -> None:
    ink = "() => document.querySelector('.ae-chart:not(.ae-curves)')._fullLayout?.font.color"
    page.wait_for_function(ink, timeout=PATIENCE)
    light = page.evaluate(ink)
    page.evaluate("document.body.classList.add('dark')")
    page.wait_for_function(f"light => ({ink})() !== light", arg=light, timeout=PATIENCE)
    assert page.evaluate(ink) != light


def test_updates_before_the_drawing_library_has_come_are_drawn_when_it_has(opened: Opener) -> None:
    visit = opened()
    page = visit.page
    waiting: list[Route] = []

    def keep(route: Route) -> None:
        waiting.append(route)

    page.route("**/plotly.min.js", keep)
    page.reload(wait_until="domcontentloaded")  # what is held back may hold back "load" too
    visit.console_errors.clear()  # what the page before said when its requests were cut off
    page.wait_for_selector(".ae-buttons", timeout=PATIENCE)
    after(page, page.get_by_role("button", name="Train", exact=True).click)
    after(page, page.get_by_role("button", name="Stop", exact=True).click)
    assert curve(page) == []
    for route in waiting:
        route.continue_()
    page.unroute("**/plotly.min.js")
    page.wait_for_function("() => document.querySelector('.ae-curves').data?.length === 2", timeout=PATIENCE)
    assert curve(page) == [10, 10]


def test_markup_in_a_text_stays_text(page: Page) -> None:
    page.get_by_role("button", name="hostile").click()
    for place in (".ae-note", ".ae-state", ".ae-message"):
        expect(page.locator(place).first).to_contain_text("<img src=x")
    page.locator(".ae-source summary").click()
    expect(page.locator(".ae-source code")).to_contain_text("<img src=x")
    assert page.locator("img[src=x]").count() == 0
    assert page.title() == "components"


def test_source_is_shown_whole(page: Page) -> None:
    page.locator(".ae-source summary").click()
    expect(page.locator(".ae-source code")).to_contain_text("class Dense(Decoding):")
    assert page.locator(".ae-source .ae-keyword").count() > 20


def test_formulas_are_typeset(page: Page) -> None:
    expect(page.locator(".ae-explain .katex").first).to_be_visible(timeout=PATIENCE)
    assert page.locator(".ae-explain .katex-error").count() == 0


def test_a_phone_shows_one_column_with_targets_for_fingers(opened: Opener) -> None:
    page = opened("phone").page
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_text("choose another of").click()
    targets = page.locator(
        ".ae-chip:visible, .ae-button:visible, .ae-field:visible, .ae-range:visible, .ae-link:visible"
    )
    heights = [box["height"] for box in (one.bounding_box() for one in targets.all()) if box]
    assert len(heights) > 20
    assert min(heights) >= 43.9
    assert page.locator(".ae-knobs details").nth(1).get_attribute("open") is None


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_nothing_serious(opened: Opener, dark: bool) -> None:
    page = opened(dark=dark).page
    found = Axe().run(page).response["violations"]
    serious = [f"{v['id']}: {v['nodes'][0]['html'][:160]}" for v in found if v["impact"] in ("serious", "critical")]
    assert serious == []


def test_every_control_can_be_reached_by_keyboard(page: Page) -> None:
    reached = set()
    page.locator("body").focus()
    for _ in range(60):
        page.keyboard.press("Tab")
        reached |= set(page.evaluate("() => [...document.activeElement.classList, document.activeElement.tagName]"))
    assert {"ae-range", "ae-field", "ae-button", "ae-code", "SELECT", "SUMMARY"} <= reached
