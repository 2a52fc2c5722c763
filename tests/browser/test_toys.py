"""Toys in a browser: the network learns, every control acts, and all of it works by keys and without motion."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.test_page import PATIENCE, place, ready

WORDS = ".ae-toy-words"
SOON_PAUSED = """async (slider) => {
  slider.value = 32;
  slider.dispatchEvent(new Event('input', { bubbles: true }));
  for (let frame = 0; frame < 5; frame += 1) await new Promise(requestAnimationFrame);
  [...document.querySelectorAll('.ae-toy button')].find((one) => one.textContent === 'Pause').click();
}"""


def learnt(page: Page) -> str:
    """What is said when the training has ended."""
    page.wait_for_selector('[data-state="done"]', timeout=PATIENCE)
    return page.locator(WORDS).inner_text()


def test_the_network_learns_and_linear_is_pca(desktop: Visit) -> None:
    page = ready(desktop)
    place(page, "Learn")
    times = re.search(r"error is (\d+) times smaller than PCA", learnt(page))
    assert times
    assert int(times[1]) > 10
    page.locator(".ae-toy .ae-chip", has_text="linear").click()
    degrees = re.search(r"the learnt line lies ([\d.]+)° from PCA", learnt(page))
    assert degrees
    assert float(degrees[1]) < 1
    page.locator(".ae-toy .ae-chip", has_text="tanh").click()
    page.locator(".ae-toy .ae-chip", has_text="circle").click()
    assert "It is torn" in learnt(page)
    assert desktop.complaints == []


def test_pause_waits_a_step_is_one_step_and_a_slider_starts_anew(desktop: Visit) -> None:
    page = ready(desktop)
    place(page, "Learn")
    learnt(page)
    page.get_by_label("Noise: σ", exact=True).fill("0.3")
    page.get_by_label("Hidden units", exact=True).evaluate(SOON_PAUSED)
    count = page.locator(".ae-toy-results .ae-caption")
    before = count.inner_text()
    number = int(re.findall(r"step ([\d,]+)", before)[0].replace(",", ""))
    assert 0 <= number < 1000
    page.wait_for_timeout(200)
    assert count.inner_text() == before
    page.get_by_role("button", name="One step").click()
    assert count.inner_text().startswith(f"step {number + 1}:")
    page.get_by_role("button", name="Go on").click()
    first = learnt(page)
    expect(page.get_by_role("button", name="One step")).to_be_disabled()
    page.get_by_role("button", name="Other points").click()
    assert learnt(page) != first
    assert desktop.complaints == []


def test_codes_and_points_are_walked_by_keys_and_shown_by_the_mouse(desktop: Visit) -> None:
    page = ready(desktop)
    place(page, "Learn")
    learnt(page)
    about = page.locator(".ae-toy-held")
    middle = about.inner_text()
    page.get_by_label("Code, from the smallest to the largest").press("ArrowRight")
    assert about.inner_text() != middle
    plane = page.get_by_label("Data point, by its order along the curve")
    plane.press("Home")
    expect(about).to_have_text(re.compile(r"^Point 1 at .* has the code .* which is decoded to .* away$"))
    plane.press("ArrowRight")
    expect(about).to_have_text(re.compile("^Point 2 at "))
    expect(plane).to_have_attribute("aria-valuenow", "2")
    plane.press("End")
    expect(about).to_have_text(re.compile("^Point 150 at "))
    page.locator(".ae-toy-line").hover(position={"x": 40, "y": 20})
    expect(about).to_have_text(re.compile("^z = "))
    assert desktop.complaints == []


def test_who_prefers_no_motion_sees_only_the_end(visit: Callable[..., Visit]) -> None:
    phone = visit("phone")
    phone.page.emulate_media(reduced_motion="reduce")
    page = ready(phone)
    page.evaluate(
        "window.said = []; new MutationObserver(() => window.said.push(document.querySelector('.ae-toy-results"
        " .ae-caption')?.textContent)).observe(document.body, { subtree: true, childList: true, characterData: true })"
    )
    place(page, "Learn")
    learnt(page)
    page.wait_for_timeout(100)
    steps = {text.split(":")[0] for text in page.evaluate("window.said") if text}
    assert steps == {"step 1,000"}
    assert phone.complaints == []
