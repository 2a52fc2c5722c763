"""From a drawing or a photo to a digit as MNIST has them, held to MNIST's own digits."""

from __future__ import annotations

import io

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from explorer.data.dataset import Dataset
from explorer.data.drawing import POLARITIES, drawing_steps, find_ink, paper, photo_steps, stroke_width, thickened
from explorer.data.picture import PictureError, read_picture

Greys = NDArray[np.float32]


def enlarged(image: NDArray[np.uint8], side: int = 280) -> Greys:
    """A digit (28, 28) as a drawing."""
    large = Image.fromarray(image).resize((side, side), Image.Resampling.BICUBIC)
    return np.asarray(large).astype(np.float32) / np.float32(255)


def photographed(image: NDArray[np.uint8], rng: np.random.Generator, *, is_dark: bool) -> Greys:
    """A digit somewhere on a paper that is lit from one side, by a camera with noise, as a JPEG."""
    ink = np.zeros((480, 640), np.float32)
    side = int(rng.integers(120, 330))
    top, left = rng.integers(0, 480 - side), rng.integers(0, 640 - side)
    ink[top : top + side, left : left + side] = enlarged(image, side)
    down, across = np.meshgrid(np.linspace(-1, 1, 480), np.linspace(-1, 1, 640), indexing="ij")
    light = 0.75 + 0.15 * rng.uniform(-1, 1) * across + 0.15 * rng.uniform(-1, 1) * down
    scene = light * (1 - 0.7 * ink) if is_dark else 0.3 * light + 0.5 * ink
    scene += rng.normal(0, 0.03, scene.shape)
    buffer = io.BytesIO()
    Image.fromarray((scene.clip(0, 1) * 255).astype(np.uint8)).save(buffer, "JPEG", quality=80)
    return read_picture(buffer.getvalue())


def error(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    return float(np.mean((one / 255 - other / 255) ** 2))


def test_a_digit_of_mnist_drawn_large_comes_back(dataset: Dataset) -> None:
    digits = dataset.test_images[:100, 0] / 255
    back = np.stack([drawing_steps(enlarged(image))[-1].picture for image in dataset.test_images[:100, 0]]) / 255
    errors = ((back[:, None] - digits[None]) ** 2).mean(axis=(2, 3))  # (100 come back, 100 digits)
    assert np.mean(np.diag(errors)) < 0.3 * float(np.var(digits, axis=0).mean())
    assert np.mean(errors.argmin(axis=1) == np.arange(100)) >= 0.9


def test_the_centre_of_mass_comes_to_the_middle_and_the_box_has_20_pixels(dataset: Dataset) -> None:
    for image in dataset.test_images[:50, 0]:
        shifted = np.pad(enlarged(image), ((0, 90), (70, 0)))
        *_, boxed, placed = (step.picture for step in drawing_steps(shifted))
        assert max(boxed.shape) == 20
        assert boxed.max() == 255
        assert placed.shape == (28, 28)
        assert np.allclose(ndimage.center_of_mass(placed), 14, atol=0.51)


def test_size_and_place_of_a_drawing_do_not_matter(dataset: Dataset) -> None:
    large = enlarged(dataset.test_images[0, 0])
    placed = np.zeros((700, 900), np.float32)
    placed[300:580, 500:780] = large
    assert np.array_equal(drawing_steps(large)[-1].picture, drawing_steps(placed)[-1].picture)


def test_a_dot_and_a_line_become_pictures_too() -> None:
    for shape in ((1, 1), (1, 90), (90, 1)):
        ink = np.zeros((112, 112), np.float32)
        ink[10 : 10 + shape[0], 10 : 10 + shape[1]] = 1
        assert drawing_steps(ink)[-1].picture.max() == 255


def test_an_empty_pad_has_no_ink() -> None:
    with pytest.raises(PictureError, match="no ink"):
        drawing_steps(np.zeros((112, 112), np.float32))


def test_photos_of_digits_come_back_as_those_digits(dataset: Dataset) -> None:
    rng = np.random.default_rng(3)
    digits, turns = dataset.test_images[:60, 0], rng.random(60) < 0.7
    photos = [photographed(image, rng, is_dark=bool(dark)) for image, dark in zip(digits, turns, strict=True)]
    steps = [photo_steps(photo) for photo in photos]
    assert ["dark" in way[1].title for way in steps] == turns.tolist()
    errors = [error(image, way[-1].picture) for image, way in zip(digits, steps, strict=True)]
    assert np.median(errors) < 0.3 * float(np.var(digits / 255, axis=0).mean())


def test_the_visitor_may_say_which_ink_it_is(dataset: Dataset) -> None:
    photo = 1 - enlarged(dataset.test_images[0, 0])
    automatic, dark = (photo_steps(photo, polarity)[-1].picture for polarity in POLARITIES[:2])
    assert np.array_equal(automatic, dark)
    assert not find_ink(1 - photo, "light on dark")[1]
    with pytest.raises(ValueError, match=r"one of automatic, .* got 'blue'"):
        photo_steps(photo, "blue")


def test_the_papers_light_is_found_under_the_ink() -> None:
    down, across = np.meshgrid(np.linspace(-1, 1, 240), np.linspace(-1, 1, 320), indexing="ij")
    light = (0.6 + 0.1 * across - 0.05 * down - 0.08 * across**2).astype(np.float32)
    scene = light.copy()
    scene[80:160, 140:170] = 0.1
    assert np.abs(paper(scene) - light).max() < 0.01


def test_the_width_of_a_line_is_measured_and_a_thin_one_thickened() -> None:
    line = np.zeros((400, 40), np.float32)
    line[:, 14:26] = 1
    assert stroke_width(line) == pytest.approx(12, abs=1)
    assert stroke_width(thickened(line)) == pytest.approx(0.11 * 400, rel=0.15)


def test_a_faint_digit_beside_a_dark_speck_is_still_a_digit(dataset: Dataset) -> None:
    faint = 1 - 0.25 * np.pad(enlarged(dataset.test_images[0, 0], 400), 60)
    spoilt = faint.copy()
    spoilt[20:27, 20:27] = 0.05
    clean, spotted = (photo_steps(grey)[-1].picture for grey in (faint, spoilt))
    assert error(clean, spotted) < 0.01
