"""The ten colours of the ten digits can be told apart by everyone, on the white page and on the dark one."""

from __future__ import annotations

import re
from itertools import combinations

import numpy as np
import pytest
from numpy.typing import NDArray

from explorer.ui.components.component import FOLDER
from explorer.ui.palette import DIGITS
from explorer.ui.theme import GREY

Colours = NDArray[np.float64]

# What each kind of eye makes of linear RGB, complete colour blindness: Machado, Oliveira and Fernandes 2009, table 1.
VISION = {
    "full": np.eye(3),
    "without red cones": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "without green cones": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "without blue cones": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}
CONES = [
    [0.4122214708, 0.5363325363, 0.0514459929],
    [0.2119034982, 0.6806995451, 0.1073969566],
    [0.0883024619, 0.2817188376, 0.6299787005],
]
OKLAB = [
    [0.2104542553, 0.7936177850, -0.0040720468],
    [1.9779984951, -2.4285922050, 0.4505937099],
    [0.0259040371, 0.7827717662, -0.8086757660],
]


def linear(*colours: str) -> Colours:
    """Hexadecimal colours -> linear RGB, (N, 3)."""
    encoded = np.array([[int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)] for colour in colours])
    return np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)


def oklab(rgb: Colours) -> Colours:
    """Linear RGB -> Ottosson's OKLab, in which distance is difference: (N, 3) -> (N, 3)."""
    lab: Colours = np.cbrt(rgb @ np.array(CONES).T) @ np.array(OKLAB).T
    return lab


def contrast(one: str, other: str) -> float:
    """As the WCAG define it, from 1 to 21."""
    low, high = sorted(linear(one, other) @ [0.2126, 0.7152, 0.0722])
    return float((high + 0.05) / (low + 0.05))


@pytest.mark.parametrize("eye", VISION)
def test_any_two_digits_have_different_colours_for_every_kind_of_eye(eye: str) -> None:
    seen = oklab(np.clip(linear(*DIGITS) @ np.array(VISION[eye]).T, 0, 1))
    differences = [float(np.linalg.norm(seen[a] - seen[b])) for a, b in combinations(range(10), 2)]
    assert min(differences) > 0.08


@pytest.mark.parametrize(("one", "other"), [(4, 9), (3, 5), (7, 9), (3, 8), (5, 8)])
def test_digits_that_models_confuse_differ_twice_as_much(one: int, other: int) -> None:
    for eye in VISION.values():
        seen = oklab(np.clip(linear(DIGITS[one], DIGITS[other]) @ np.array(eye).T, 0, 1))
        assert np.linalg.norm(seen[0] - seen[1]) > 0.16


@pytest.mark.parametrize("colour", DIGITS)
def test_every_colour_stands_out_from_the_page(colour: str) -> None:
    assert contrast(colour, "#ffffff") > 2.3
    assert contrast(colour, GREY.c950) > 2.3


def test_scripts_use_the_same_colours() -> None:
    script = (FOLDER / "palette.js").read_text(encoding="utf-8").partition("DIGITS = [")[2].partition("]")[0]
    assert tuple(re.findall(r"#[0-9a-f]{6}", script)) == DIGITS
