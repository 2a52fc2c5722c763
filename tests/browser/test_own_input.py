"""A digit of one's own in a browser: by mouse, finger, keys and photo it becomes the input of every view."""

from __future__ import annotations

import io
import re

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import FilePayload, Locator, Page, expect

from tests.browser.conftest import Visit
from tests.browser.test_page import PATIENCE, place, ready
from tests.browser.test_views import shown

OWN = re.compile("your own picture")
SEVEN = [(0.3, 0.2), (0.7, 0.2), (0.45, 0.85)]


def opened(visit: Visit) -> Page:
    """The view, with its pad on the screen."""
    page = ready(visit)
    page.get_by_role("tab", name="Draw or photo", exact=True).click()
    pad = page.get_by_label("Drawing pad")
    expect(page.locator(".ae-flow figcaption:visible").first).to_contain_text("test digit", timeout=PATIENCE)
    pad.evaluate("pad => pad.scrollIntoView({ block: 'center' })")
    return page


def caption(page: Page) -> Locator:
    """What stands under the input."""
    return page.locator(".ae-flow figcaption:visible").first


def corners(page: Page) -> list[tuple[float, float]]:
    """Where a 7 lies on the screen."""
    box = page.get_by_label("Drawing pad").bounding_box()
    assert box is not None
    return [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in SEVEN]


def draw(page: Page) -> None:
    """A 7, by mouse."""
    start, *others = corners(page)
    page.mouse.move(*start)
    page.mouse.down()
    for corner in others:
        page.mouse.move(*corner, steps=8)
    page.mouse.up()


def photo() -> FilePayload:
    """A 7 in ink on grey paper."""
    image = Image.new("RGB", (300, 200), (190, 185, 170))
    ImageDraw.Draw(image).line([(100, 40), (190, 40), (130, 170)], fill=(30, 30, 70), width=5)
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return FilePayload(name="seven.png", mimeType="image/png", buffer=buffer.getvalue())


def test_a_server_that_does_not_answer_is_named_and_the_pad_goes_on(desktop: Visit) -> None:
    page = opened(desktop)
    page.route("**/component_server/**", lambda route: route.abort())
    draw(page)
    expect(page.get_by_text("The server did not answer; the next stroke asks again.")).to_be_visible(timeout=PATIENCE)
    page.unroute_all()
    draw(page)
    expect(caption(page)).to_contain_text(OWN, timeout=PATIENCE)
    assert desktop.page_errors == []


def test_a_stroke_changes_the_reconstruction_until_it_is_taken_back(desktop: Visit) -> None:
    page = opened(desktop)
    before = shown(page, ".ae-flow .ae-figure:nth-child(4) canvas")
    draw(page)
    expect(caption(page)).to_contain_text(OWN, timeout=PATIENCE)
    assert shown(page, ".ae-flow .ae-figure:nth-child(4) canvas") != before
    expect(page.locator(".ae-pad-steps figcaption")).to_have_text(
        ["cropped", re.compile("box of 20"), re.compile("ce")]
    )
    page.get_by_role("tab", name="Reconstruct", exact=True).click()
    expect(caption(page)).to_contain_text(OWN, timeout=PATIENCE)
    expect(page.locator(".ae-strip-digit input:checked:visible")).to_have_count(0)  # the input is none of them
    page.get_by_role("tab", name="Draw or photo", exact=True).click()
    page.get_by_role("button", name="Undo").click()
    expect(caption(page)).to_contain_text("test digit", timeout=PATIENCE)
    page.wait_for_timeout(300)
    assert shown(page, ".ae-flow .ae-figure:nth-child(4) canvas") == before
    assert desktop.complaints == []


def test_keys_draw_and_a_digit_chosen_elsewhere_empties_the_pad(desktop: Visit) -> None:
    page = opened(desktop)
    page.get_by_label("Drawing pad").focus()
    for key in ["Space", *["ArrowDown"] * 6, *["Shift+ArrowRight"] * 3, "Space", "ArrowLeft"]:
        page.keyboard.press(key)
    expect(page.locator(".ae-digit-pad .ae-spoken")).to_have_text("The pen is up, at column 14, row 20 of 28.")
    expect(caption(page)).to_contain_text(OWN, timeout=PATIENCE)
    page.get_by_role("tab", name="Reconstruct", exact=True).click()
    page.locator(".ae-strip-digit:visible").nth(3).click()
    expect(caption(page)).to_contain_text("a 3, test digit", timeout=PATIENCE)
    page.get_by_role("tab", name="Draw or photo", exact=True).click()
    expect(page.get_by_role("button", name="Undo")).to_be_disabled(timeout=PATIENCE)
    assert page.locator(".ae-pad-steps figure").count() == 0
    assert desktop.complaints == []


@pytest.mark.parametrize("way", ["upload", "paste"])
def test_a_photo_becomes_the_input_and_a_bad_one_a_sentence(desktop: Visit, way: str) -> None:
    page = opened(desktop)
    if way == "upload":
        page.locator(".ae-digit-pad input[type=file]").set_input_files(photo())
    else:
        page.evaluate(
            """bytes => {
              const clipboardData = new DataTransfer();
              clipboardData.items.add(new File([new Uint8Array(bytes)], 'seven.png', { type: 'image/png' }));
              document.dispatchEvent(new ClipboardEvent('paste', { clipboardData }));
            }""",
            list(photo()["buffer"]),
        )
    expect(caption(page)).to_contain_text(OWN, timeout=PATIENCE)
    expect(page.locator(".ae-pad-steps figure")).to_have_count(6)
    own = shown(page, ".ae-flow .ae-figure:nth-child(1) canvas")
    page.get_by_label("ink of the photo").select_option("light on dark")
    words = page.locator(".ae-digit-pad > .ae-caption")
    expect(words).to_have_text("There is no ink in this picture.", timeout=PATIENCE)
    page.locator(".ae-digit-pad input[type=file]").set_input_files(
        FilePayload(name="seven.png", mimeType="image/png", buffer=b"no picture")
    )
    expect(words).to_contain_text("This is no picture in one of the formats", timeout=PATIENCE)
    assert shown(page, ".ae-flow .ae-figure:nth-child(1) canvas") == own
    page.get_by_role("button", name="Back to test digit").click()
    expect(caption(page)).to_contain_text("test digit", timeout=PATIENCE)
    assert desktop.complaints == []


def test_a_finger_draws_and_the_page_stays_where_it_is(phone: Visit) -> None:
    page = opened(phone)
    at = page.evaluate("scrollY")
    touch = page.context.new_cdp_session(page)
    start, *others = [{"x": x, "y": y} for x, y in corners(page)]
    touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [start]})
    for corner in others:
        touch.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [corner]})
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    expect(caption(page)).to_contain_text(OWN, timeout=PATIENCE)
    assert page.evaluate("scrollY") == at
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    place(page, "Latent space")
    page.get_by_role("tab", name="Latent map", exact=True).click()
    expect(page.locator(".ae-decoded figcaption:visible").first).to_contain_text("the input", timeout=PATIENCE)
    assert phone.complaints == []
