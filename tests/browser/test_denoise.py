"""Denoise in a browser: sliders damage, the block follows the hand, and the curve is drawn."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from explorer.data.mnist import available
from tests.browser.conftest import Visit
from tests.browser.test_page import PATIENCE, ready
from tests.browser.test_views import enter, named, painted, shown

BOARD = ".ae-block-board canvas"


def changed(page: Page, before: list[int]) -> list[int]:
    """The board's picture once it is another one."""
    page.wait_for_function(
        "before => [...document.querySelectorAll('.ae-block-board canvas')].find(one => one.offsetWidth)"
        ".getContext('2d').getImageData(0, 0, 28, 28).data.some((value, i) => i % 4 === 0 && value !== before[i / 4])",
        arg=before,
        timeout=PATIENCE,
    )
    return shown(page, BOARD)


def slide(page: Page, label: str, value: str) -> None:
    page.get_by_label(label, exact=True).fill(value)


def test_sliders_damage_the_digit_and_a_button_heals_it(desktop: Visit) -> None:
    page = ready(desktop)
    enter(page, named("Denoise"))
    expect(page.get_by_text("the damaged picture has")).to_be_visible(timeout=PATIENCE)
    noisy = shown(page, BOARD)
    page.get_by_role("button", name="No damage").click()
    clean = changed(page, noisy)
    assert min(clean) == 0
    expect(page.get_by_text("Nothing is damaged")).to_be_visible(timeout=PATIENCE)
    slide(page, "Gaussian noise: σ", "0.01")
    words = "Doing nothing wins" if available() else "Doing nothing beats the model"  # a filter mends the stand-ins
    expect(page.get_by_text(words)).to_be_visible(timeout=PATIENCE)
    slide(page, "Gaussian noise: σ", "0.4")
    painted(page, BOARD, noisy)  # the same seed, the same noise
    expect(page.locator(".ae-mark-head:visible")).to_have_count(1)
    page.get_by_label("ten test digits").check()
    expect(page.locator(".ae-sheet:visible canvas")).to_have_count(70, timeout=PATIENCE)
    assert desktop.complaints == []


def test_the_block_is_dragged_and_moved_by_keys(desktop: Visit) -> None:
    page = ready(desktop)
    enter(page, named("Denoise"))
    page.get_by_role("button", name="No damage").click()
    expect(page.get_by_text("Nothing is damaged")).to_be_visible(timeout=PATIENCE)
    clean = shown(page, BOARD)
    slide(page, "Black block: side", "8")
    before = changed(page, clean)
    block = page.locator(".ae-block:visible")
    block.scroll_into_view_if_needed()
    box = block.bounding_box()
    assert box is not None
    x, y, pixel = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, box["width"] / 8
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 5 * pixel, y + 3 * pixel, steps=6)
    page.mouse.up()
    expect(block).to_have_attribute("aria-label", "Black block at column 6, row 14: arrow keys move it")
    changed(page, before)
    inside = [13 <= i // 28 < 21 and 5 <= i % 28 < 13 for i in range(784)]
    painted(page, BOARD, [0 if hidden else grey for hidden, grey in zip(inside, clean, strict=True)])
    page.wait_for_timeout(1500)  # the picture follows the hand, and the last place is drawn last
    hidden = {i for i, (old, new) in enumerate(zip(clean, shown(page, BOARD), strict=True)) if old != new}
    assert hidden == {i for i, grey in enumerate(clean) if grey and 13 <= i // 28 < 21 and 5 <= i % 28 < 13}
    slide(page, "Black block: side", "20")
    expect(block).to_have_attribute(
        "aria-label", "Black block at column 6, row 9: arrow keys move it"
    )  # all in the picture
    slide(page, "Black block: side", "8")
    expect(block).to_have_attribute("aria-label", "Black block at column 6, row 9: arrow keys move it")
    for _ in range(5):
        block.press("ArrowDown")
    block.press("ArrowUp")
    expect(block).to_have_attribute("aria-label", "Black block at column 6, row 13: arrow keys move it")
    assert desktop.complaints == []


def test_the_curve_is_drawn_and_says_up_to_where_nothing_is_best(desktop: Visit) -> None:
    page = ready(desktop)
    enter(page, named("Denoise"))
    page.get_by_label("Masked, 75 % hidden").check()
    page.get_by_label("Linear, 16 numbers").check()
    page.get_by_label("U-Net, 32 maps").uncheck()  # which mends even a little noise
    page.get_by_role("button", name="Draw the curve").click()
    expect(page.get_by_text("doing nothing beats every model drawn here")).to_be_visible(timeout=PATIENCE)
    legend = page.locator(".ae-chart:visible .legendtext")
    expect(legend).to_have_count(10, timeout=PATIENCE)
    assert desktop.complaints == []
