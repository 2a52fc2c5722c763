"""A picture of one's own: what the pad is told, and that nothing else than a picture becomes the input."""

from __future__ import annotations

import base64
import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

from explorer.training.jobs import Jobs
from explorer.training.store import RunStore
from explorer.ui.components.digit_pad import RASTER
from explorer.ui.explorer import Explorer
from explorer.ui.gallery import Gallery
from explorer.ui.library import Library
from explorer.ui.session import Session
from explorer.ui.views.own_input import brought, drawn, photographed, render

STROKE = np.zeros((RASTER, RASTER), np.uint8)
STROKE[20:90, 50:62] = 255


def text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def photo(ink: int = 0) -> str:
    """The stroke on white paper, as a file."""
    buffer = io.BytesIO()
    Image.fromarray(np.where(STROKE > 0, ink, 255).astype(np.uint8)).save(buffer, "PNG")
    return text(buffer.getvalue())


@pytest.fixture(scope="module")
def explorer(tmp_path_factory: pytest.TempPathFactory) -> Explorer:
    def no_work(*_: Any, **__: Any) -> Any:
        raise AssertionError("nothing is trained here")

    return Explorer(Library(), Gallery(RunStore(tmp_path_factory.mktemp("runs"))), Jobs(no_work))


def test_a_drawing_and_a_photo_of_it_become_the_same_input(explorer: Explorer) -> None:
    by_hand = drawn(explorer, ["dense", text(STROKE.tobytes())])
    by_camera = photographed(explorer, ["dense", photo(), "automatic"])
    assert len(base64.b64decode(by_hand["own"])) == 784
    assert by_hand["own"] == by_camera["own"]
    assert len(by_camera["steps"]) > len(by_hand["steps"])
    for step in by_camera["steps"]:
        assert len(base64.b64decode(step["pixels"])) == step["width"] * step["height"]


def test_the_pad_shows_the_reconstruction_that_the_page_shows(explorer: Explorer) -> None:
    answer = drawn(explorer, ["masked", text(STROKE.tobytes())])
    session = brought({"own": answer["own"]}, Session(model="masked", variant="masked"))
    pad, way, _ = render(explorer.current(session))
    assert answer["result"] == way["reconstruction"] == pad["result"]
    assert way["input"] == answer["own"] == pad["own"]
    assert way["label"] is way["index"] is None


def test_the_test_digit_comes_back(explorer: Explorer) -> None:
    session = brought({"own": text(bytes(784))}, Session(index=5))
    assert session.own
    back = brought({"own": ""}, session)
    assert (back.own, back.index) == (b"", 5)


@pytest.mark.parametrize(
    "asked", [None, 7, "", [], ["dense"], ["dense", 5], ["dense", "?"], ["dense", ""], ["dense", "A" * 10**6]]
)
def test_a_drawing_that_is_none_is_refused(explorer: Explorer, asked: object) -> None:
    with pytest.raises(ValueError, match="a drawing|a picture"):
        drawn(explorer, asked)


@pytest.mark.parametrize(
    "asked",
    [None, ["dense", photo()], ["dense", photo(), 3], ["dense", photo(), "blue"], ["dense", 3, "automatic"],
     [7, photo(), "automatic"], ["dense", "A" * 10**7, "automatic"], ["dense", text(b"7"), "automatic"],
     ["dense", photo(255), "automatic"]],
)  # fmt: skip
def test_a_photo_that_is_none_is_refused(explorer: Explorer, asked: object) -> None:
    with pytest.raises(ValueError, match="photo|picture|ink|model"):
        photographed(explorer, asked)


@pytest.mark.parametrize("value", [None, "", [], {}, {"own": None}, {"own": "AAAA"}, {"own": "A" * 1046 + "\n="}])
def test_the_input_has_784_pixels_or_stays(value: object) -> None:
    with pytest.raises(ValueError, match="a picture m"):
        brought(value, Session())
