"""The page as a visitor meets it: what is there without a click, and that every control does what it says."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from explorer.models.registry import variants
from tests.browser.conftest import FRAMES, Visit

PATIENCE = 45_000  # milliseconds: machines that run tests are slow and shared


def ready(visit: Visit) -> Page:
    """The page once the first view is drawn."""
    page = visit.page
    page.wait_for_selector('[data-ready="1"]', timeout=3 * PATIENCE)
    expect(page.locator(".ae-figures strong").first).to_be_visible(timeout=3 * PATIENCE)
    expect(page.locator(".ae-decoded figcaption").first).to_contain_text(re.compile("decoded|nearest"))
    return page


def test_a_page_that_gets_no_answer_is_loaded_once_more(browser: Browser, server: str) -> None:
    with browser.new_context() as context:
        page, loads, asked = context.new_page(), list[str](), list[str]()
        page.clock.install()
        page.on("load", lambda loaded: loads.append(loaded.url))
        page.route("**/queue/join*", lambda route: route.continue_() if len(loads) > 1 else asked.append("lost"))
        page.goto(server)
        while not asked:
            page.clock.run_for(500)
            page.wait_for_timeout(100)
        page.clock.resume()
        page.clock.fast_forward(45_000)
        expect(page.locator(".ae-figures strong").first).to_be_visible(timeout=3 * PATIENCE)
        assert len(loads) == 2


def picture(page: Page, selector: str) -> list[int]:
    """The grey values of a canvas."""
    script = "canvas => [...canvas.getContext('2d').getImageData(0, 0, 28, 28).data].filter((_, i) => i % 4 === 0)"
    pixels: list[int] = page.locator(selector).first.evaluate(script)
    return pixels


def choose(page: Page, title: str) -> None:
    """Another variant; returns when the page shows it."""
    before = page.locator(".ae-figures").first.inner_text() + page.locator(".ae-code").first.inner_html()
    page.locator(".ae-picker-groups .ae-chip", has_text=title).first.click()
    page.wait_for_function(
        "before => document.querySelector('.ae-figures').innerText"
        " + document.querySelector('.ae-code').innerHTML !== before",
        arg=before,
        timeout=PATIENCE,
    )


def place(page: Page, title: str) -> None:
    """Another tab."""
    page.get_by_role("tab", name=title, exact=True).click()


def test_the_first_view_needs_no_click_and_no_foreign_host(desktop: Visit) -> None:
    page = ready(desktop)
    shown, rebuilt = (picture(page, f".ae-flow .ae-figure:nth-child({n}) canvas") for n in (1, 4))
    assert max(shown) == 255
    assert max(rebuilt) > 100
    assert shown != rebuilt
    assert desktop.complaints == []


def test_moving_over_the_map_decodes_and_leaving_restores(desktop: Visit) -> None:
    page = ready(desktop)
    at_rest = picture(page, ".ae-decoded canvas")
    box = page.locator(".ae-map-plot").first.bounding_box()
    assert box is not None
    seen = set()
    for step in range(8):
        page.mouse.move(box["x"] + 80 + 30 * step, box["y"] + 60 + 30 * step)
        page.evaluate(FRAMES)
        seen.add(tuple(picture(page, ".ae-decoded canvas")))
    assert len(seen) >= 6
    page.mouse.move(5, 5)
    page.evaluate(FRAMES)
    assert picture(page, ".ae-decoded canvas") == at_rest


def test_a_click_pins_and_arrow_keys_move_the_pin(desktop: Visit) -> None:
    page = ready(desktop)
    plot = page.locator(".ae-map-plot").first
    plot.focus()
    caption = page.locator(".ae-decoded figcaption").first
    before = caption.inner_text()
    page.keyboard.press("ArrowRight")
    expect(caption).not_to_have_text(before)
    pinned = caption.inner_text()
    expect(page.locator(".ae-pin").first).to_be_visible()
    box = plot.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 100, box["y"] + 100)
    expect(caption).not_to_have_text(pinned)
    page.mouse.move(5, 5)
    expect(caption).to_have_text(pinned)


def test_every_variant_shows_its_own_picture(desktop: Visit) -> None:
    page = ready(desktop)
    pictures = {}
    for variant in [*variants().values()][::-1][1:]:  # the page opens with the last one
        choose(page, variant.title)
        expect(page.locator(".ae-summary")).to_have_text(variant.summary)
        pictures[variant.name] = tuple(picture(page, ".ae-flow .ae-figure:nth-child(4) canvas"))
    assert len(set(pictures.values())) == len(pictures)
    assert desktop.complaints == []


def test_a_digit_is_chosen_by_picture_number_label_and_dice(desktop: Visit) -> None:
    page = ready(desktop)
    caption = page.locator(".ae-flow figcaption").first
    page.locator(".ae-strip-digit").nth(3).click()
    expect(caption).to_contain_text("a 3")
    page.locator(".ae-strip-tools input").fill("12")
    page.locator(".ae-strip-tools input").press("Enter")
    expect(caption).to_contain_text("test digit 12")
    page.locator(".ae-strip-tools select").select_option("8")
    expect(caption).to_contain_text("a 8")
    before = caption.inner_text()
    page.locator(".ae-dice").click()
    expect(caption).not_to_have_text(before)
    expect(caption).to_contain_text("a 8")


def test_the_input_stays_while_walking_through_variants_and_tabs(desktop: Visit) -> None:
    page = ready(desktop)
    page.locator(".ae-strip-digit").nth(5).click()
    caption = page.locator(".ae-flow figcaption").first
    expect(caption).to_contain_text("a 5")
    choose(page, "Linear")
    expect(caption).to_contain_text("a 5")
    place(page, "Train")
    place(page, "See")
    expect(caption).to_contain_text("a 5")


def test_the_legend_dims_a_class_and_nothing_vanishes(desktop: Visit) -> None:
    page = ready(desktop)
    dots = "() => document.querySelector('.js-plotly-plot').data.map(t => [t.x.length, t.marker.opacity])"
    page.wait_for_selector(".js-plotly-plot .xtick", state="attached", timeout=PATIENCE)
    before = page.evaluate(dots)
    page.locator(".ae-legend button").nth(4).click()
    page.wait_for_function(f"() => ({dots})()[4][1] < 0.2")
    after = page.evaluate(dots)
    assert [n for n, _ in before] == [n for n, _ in after]
    assert [opacity for _, opacity in after].count(before[0][1]) == 9


def test_the_map_follows_projection_and_colour(desktop: Visit) -> None:
    page = ready(desktop)
    choose(page, "Convolutional")
    place(page, "Latent space")
    large = page.locator(".ae-large .ae-map")
    expect(large).to_contain_text("principal component", timeout=PATIENCE)
    expect(large.locator(".ae-decoded b")).to_have_text("the input’s place on the map, decoded", timeout=PATIENCE)
    page.get_by_label("first two numbers").click()
    expect(large).to_contain_text("z₁", timeout=PATIENCE)
    page.get_by_label("by error").click()
    expect(large.locator(".ae-scale")).to_be_visible(timeout=PATIENCE)
    assert desktop.complaints == []


# The button is pressed in the very moment in which it can be.
SOONEST = """() => new Promise((pressed) => {
  [...document.querySelectorAll('[role=tab]')].find((tab) => tab.textContent.trim() === 'Train').click();
  const look = () => {
    const start = document.querySelector('.ae-training .ae-primary');
    if (!start || start.disabled) return setTimeout(look);
    start.click();
    return pressed();
  };
  look();
})"""


def test_a_training_can_be_started_as_soon_as_its_button_says_so(desktop: Visit) -> None:
    page = ready(desktop)
    choose(page, "Linear")
    page.evaluate(SOONEST)
    said = page.locator(".ae-training .ae-state")
    expect(said).to_contain_text("images/s", timeout=3 * PATIENCE)
    page.get_by_role("button", name="Stop", exact=True).click()
    expect(said).to_contain_text("stopped", timeout=PATIENCE)
    assert desktop.complaints == []


def test_training_draws_its_curve_and_its_model_can_be_seen(desktop: Visit) -> None:
    page = ready(desktop)
    choose(page, "Linear")
    place(page, "Train")
    said = page.locator(".ae-state")
    page.get_by_role("button", name="One epoch").click()
    expect(said).to_contain_text("paused", timeout=3 * PATIENCE)
    page.wait_for_function("() => document.querySelector('.ae-curves').data?.[0].x.length >= 5", timeout=PATIENCE)
    own = page.locator(".ae-picker-models .ae-mine input")
    expect(own).to_be_checked(timeout=PATIENCE)
    paused = own.get_attribute("value")
    page.get_by_role("button", name="Continue").click()
    expect(said).to_contain_text("epoch", timeout=PATIENCE)
    expect(said).to_contain_text(re.compile("finished|epoch [2-9]"), timeout=3 * PATIENCE)
    page.get_by_role("button", name="Stop").evaluate("button => button.click()")  # nothing happens if it has finished
    expect(said).to_contain_text(re.compile("stopped|finished"), timeout=PATIENCE)
    expect(own).not_to_have_attribute("value", str(paused), timeout=PATIENCE)  # the model that came out replaces it
    expect(own).to_be_checked(timeout=PATIENCE)
    at = page.locator(".ae-live-map p")
    expect(at).to_contain_text(re.compile("test digits lie, after epoch"))
    place(page, "Replay")
    when = page.locator(".ae-replay-when")
    expect(when).to_contain_text("epoch", timeout=PATIENCE)
    last, dots = when.inner_text(), "document.querySelector('.ae-replay canvas').toDataURL()"
    end = page.evaluate(dots)
    page.get_by_label("Time in the training").fill("0")
    expect(when).to_contain_text("before the first step")
    assert page.evaluate(dots) != end
    page.get_by_role("button", name="Play").click()
    expect(when).to_have_text(last, timeout=2 * PATIENCE)
    place(page, "Latent space")
    assert page.get_by_label("UMAP", exact=True).count() == 0
    page.get_by_role("button", name="Draw UMAP").click()
    expect(page.get_by_text("UMAP is at work")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_label("UMAP", exact=True)).to_be_checked(timeout=5 * PATIENCE)
    expect(page.locator(".ae-large .ae-map")).to_contain_text("UMAP 1")
    expect(page.get_by_role("button", name="Draw UMAP")).to_be_hidden()
    place(page, "See")
    assert desktop.complaints == []  # a reload cuts Gradio's requests short, of which it complains
    page.reload()
    ready(desktop)
    expect(own).to_be_checked(timeout=PATIENCE)


def test_one_visitor_never_sees_another_ones_model(visit: Callable[..., Visit]) -> None:
    other = visit("desktop")
    page = ready(other)
    expect(page.locator(".ae-picker-models .ae-chip").first).to_be_visible()
    assert page.locator(".ae-picker-models .ae-mine").count() == 0


@pytest.mark.parametrize("title", ["See", "Latent space", "Train"])
def test_a_phone_never_scrolls_sideways(phone: Visit, title: str) -> None:
    page = ready(phone)
    place(page, title)
    page.wait_for_timeout(1500)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert phone.complaints == []


@pytest.mark.parametrize("title", ["See", "Latent space", "Train"])
def test_axe_finds_nothing_serious(desktop: Visit, title: str) -> None:
    page = ready(desktop)
    place(page, title)
    page.wait_for_timeout(1500)
    found = Axe().run(page).response["violations"]
    serious = [f"{v['id']}: {v['nodes'][0]['html'][:120]}" for v in found if v["impact"] in ("serious", "critical")]
    assert serious == []


def test_dark_mode_is_dark(dark: Visit) -> None:
    page = ready(dark)
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != "rgb(255, 255, 255)"
    assert dark.complaints == []
