"""Take home in a browser: what is downloaded has the right bytes, and the program is the one that is shown."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from explorer.models.checkpoint import load
from explorer.models.parcel import unwrap
from explorer.ui.gallery import SHIPPED
from tests.browser.conftest import Visit
from tests.browser.test_page import PATIENCE, place, ready
from tests.browser.test_views import enter, named, shown

FIRST = "variational-2d"


def opened(visit: Visit) -> Page:
    """The page at the view."""
    page = ready(visit)
    place(page, "Learn")
    expect(page.locator(".ae-toy-plane")).to_be_visible(timeout=PATIENCE)
    page.get_by_role("tab", name="Take home", exact=True).first.click()
    expect(page.locator(".ae-program code").first).to_contain_text(f'"{FIRST}"', timeout=PATIENCE)
    return page


def downloaded(page: Page, title: str) -> tuple[str, bytes]:
    """Name and content of the file behind a link or a button."""
    with page.expect_download() as coming:
        page.locator(":is(a, button):visible", has_text=title).first.click()
    return coming.value.suggested_filename, Path(coming.value.path()).read_bytes()


def test_model_and_codes_arrive_and_the_program_is_copied(desktop: Visit) -> None:
    page = opened(desktop)
    name, content = downloaded(page, "Model")
    assert name == f"{FIRST}.zip"
    card, weights = unwrap(content)
    assert (card, weights) == (load(SHIPPED, FIRST)[1], (SHIPPED / f"{FIRST}.safetensors").read_bytes())
    name, content = downloaded(page, "Codes")
    lines = content.decode().splitlines()
    assert name == f"{FIRST}-codes.csv"
    assert lines[0] == "index,label,z_1,z_2"
    assert lines[1].startswith("0,")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.locator(".ae-program").first.get_by_role("button", name="Copy").click()
    expect(page.locator(".ae-program [role=status]").first).to_have_text("Copied.")
    assert page.evaluate("navigator.clipboard.readText()") == page.locator(".ae-program code").first.text_content()
    assert desktop.complaints == []


def test_a_model_that_went_home_is_brought_back_and_opened(desktop: Visit, tmp_path: Path) -> None:
    page = opened(desktop)
    name, content = downloaded(page, "Model")
    said = page.locator(".ae-bring-back [role=status]").first
    for wrong, sentence in (
        (content[:-9], "the file is no zip file, or a damaged one."),
        (bytes(21 * 2**20), "the limit is"),
    ):
        (tmp_path / name).write_bytes(wrong)
        page.locator(".ae-bring-back [type=file]").set_input_files(tmp_path / name)
        expect(said).to_contain_text(sentence)
    (tmp_path / name).write_bytes(content)
    page.locator(".ae-bring-back [type=file]").set_input_files(tmp_path / name)
    expect(said).to_contain_text("it was checked, and it is open now", timeout=PATIENCE)
    expect(page.locator(".ae-chip:has(:checked)", has_text="yours")).to_be_visible()
    expect(page.locator(".ae-program code").first).to_contain_text('load(Path("."), "variational-2d")')
    assert downloaded(page, "Model") == (name, content)
    refusals = [line for line in desktop.complaints if "400" not in line]  # Chromium reports a refused file by itself
    assert refusals == []


def test_the_two_files_of_a_model_are_brought_back_together(desktop: Visit) -> None:
    page = opened(desktop)
    files = [SHIPPED / f"linear.{part}" for part in ("safetensors", "json")]
    said = page.locator(".ae-bring-back [role=status]").first
    page.locator(".ae-bring-back [type=file]").set_input_files([*files, SHIPPED / "dense.json"])
    expect(said).to_have_text("Choose one zip, or one .safetensors and its .json together.")
    page.locator(".ae-bring-back [type=file]").set_input_files(files)
    expect(said).to_contain_text("it is open now", timeout=PATIENCE)
    expect(page.locator(".ae-program code").first).to_contain_text('"linear"')
    assert desktop.complaints == []


def test_the_hub_is_asked_by_the_server_and_told_by_the_visitors_own_machine(desktop: Visit) -> None:
    page = opened(desktop)
    page.get_by_label("Repository on the Hugging Face Hub").fill("anna/digits")
    page.get_by_role("button", name="Pull from the Hub").click()
    said = page.locator(".ae-bring-back [role=status]").last
    expect(said).to_have_text("this machine does not ask the Hub: HF_HUB_OFFLINE is set.")
    expect(page.locator(".ae-program code").last).to_contain_text(f"explorer.models.hub push {FIRST}.zip OWNER/NAME")
    assert [line for line in desktop.complaints if "400" not in line] == []


def test_on_a_phone_nothing_is_wider_than_the_screen(phone: Visit) -> None:
    page = opened(phone)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert phone.complaints == []


def test_a_chart_is_saved_as_picture_and_as_numbers(desktop: Visit) -> None:
    page = ready(desktop)
    enter(page, named("Health"))
    row = page.locator(".ae-savers:visible", has_text="CSV").first
    expect(page.locator(".ae-chart:visible .barlayer .point").first).to_be_visible(timeout=PATIENCE)
    saved = {}
    for format_ in ("PNG", "SVG", "CSV"):
        with page.expect_download() as coming:
            row.get_by_role("button", name=f"Save the chart as {format_}").press("Enter")
        assert coming.value.suggested_filename == f"how-much-each-number-of-the-code-has-to-say-as-b.{format_.lower()}"
        saved[format_] = Path(coming.value.path()).read_bytes()
    picture = Image.open(io.BytesIO(saved["PNG"]))
    box = page.locator(".ae-chart:visible").first.bounding_box()
    assert box is not None
    assert picture.size == pytest.approx((2 * box["width"], 2 * box["height"]), abs=2)
    assert len(picture.convert("RGB").getcolors(2**24) or []) > 10
    assert saved["SVG"].startswith(b"<svg")
    head, *lines = csv.reader(io.StringIO(saved["CSV"].decode()))
    drawn = page.locator(".ae-chart:visible").first.evaluate(
        "holder => holder._fullData.flatMap(({ y }) => Array.from(y))"
    )
    assert head == ["trace", "x", "y"]
    assert [float(y) for _, _, y in lines] == drawn
    assert len(lines) > 1
    assert desktop.complaints == []


def test_the_map_and_what_is_drawn_without_plotly_are_saved_too(desktop: Visit) -> None:
    page = ready(desktop)
    dots = int(re.sub(r"\D", "", page.locator(".ae-map-plot").first.get_attribute("aria-label") or ""))
    names = set()
    for view in ("Latent map", "Toys"):
        if view == "Toys":
            place(page, "Learn")
        else:
            enter(page, named(view))
        for format_ in ("PNG", "SVG", "CSV"):
            button = page.get_by_role("button", name=f"Save the chart as {format_}").locator("visible=true").first
            with page.expect_download(timeout=2 * PATIENCE) as coming:
                button.click()
            names.add(coming.value.suggested_filename)
            content = Path(coming.value.path()).read_bytes()
            assert content.startswith({"PNG": b"\x89PNG", "SVG": b"<svg", "CSV": b"trace,x,y\r\n"}[format_])
            if view == "Latent map" and format_ == "CSV":
                assert len(content.splitlines()) == dots + 1
    assert names == {
        f"{name}.{ending}" for name in ("map-of-the-codes", "toy-parabola") for ending in ("png", "svg", "csv")
    }
    assert desktop.complaints == []


def test_all_pictures_of_a_tab_are_saved_as_one(desktop: Visit) -> None:
    page = opened(desktop)
    button = page.get_by_role("button", name="Save the pictures of this tab as PNG")
    with page.expect_download() as coming:
        button.click()
    assert coming.value.suggested_filename == "learn-take-home.png"
    width, height = Image.open(io.BytesIO(Path(coming.value.path()).read_bytes())).size
    assert width > 8 * 84, "eight pictures in a row"
    assert height > 3 * 84, "and 22 of them"
    place(page, "Learn")
    page.get_by_role("tab", name="Toys", exact=True).first.click()
    expect(page.locator(".ae-toy-plane")).to_be_visible(timeout=PATIENCE)
    expect(button).to_be_hidden()
    assert desktop.complaints == []


def test_a_sheet_is_saved_as_one_picture_with_the_very_pixels(desktop: Visit) -> None:
    page = opened(desktop)
    with page.expect_download() as coming:
        page.get_by_role("button", name="Save the pictures as PNG").locator("visible=true").first.click()
    assert coming.value.suggested_filename == "digits-and-their-reconstructions.png"
    picture = Image.open(coming.value.path()).convert("L")
    grey = np.asarray(picture)
    digit = np.array(shown(page, ".ae-sheet canvas")).reshape(28, 28)  # the first of them
    large = digit.repeat(3, axis=0).repeat(3, axis=1)
    found = [
        (top, left)
        for top in range(grey.shape[0] - 83)
        for left in range(80)
        if np.array_equal(grey[top : top + 84, left : left + 84], large)
    ]
    assert len(found) == 1
    assert desktop.complaints == []
