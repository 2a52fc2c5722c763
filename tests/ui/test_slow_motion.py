"""Slow motion as it is sent to the browser, and what a browser may ask of it."""

from __future__ import annotations

import base64

import numpy as np
import pytest

from explorer.analysis.slow_motion import slow_motion
from explorer.ui.views.slow_motion import asked, chance, packed
from tests.cases import images, model_of, seeded


@pytest.mark.parametrize("name", ["masked", "sequence", "variational", "k_sparse"])
def test_the_browser_gets_each_pictures_numbers_once(name: str) -> None:
    moments = slow_motion(model_of(name).eval(), images(1), seeded(0), noise=1.0)
    motion = packed(moments)
    numbers = np.frombuffer(base64.b64decode(motion["numbers"]), dtype=np.float16)
    parts = np.split(numbers, np.cumsum([np.prod(one["tiles"]) for one in motion["pictures"]]))
    assert len(parts[-1]) == 0
    for step, moment in zip(motion["steps"], moments, strict=True):
        for i, picture in zip(step["pictures"], moment.pictures, strict=True):
            np.testing.assert_allclose(parts[i], picture.tiles.flatten(), rtol=1e-3, atol=1e-6)
    assert len(motion["pictures"]) < sum(len(one.pictures) for one in moments)


def test_only_where_something_is_drawn_it_can_be_drawn_again() -> None:
    assert chance(model_of("dense"), noise=True) is None
    assert chance(model_of("masked"), noise=True) == {"again": "Hide other patches", "noise": None}
    assert chance(model_of("variational"), noise=False) == {"again": "Draw again", "noise": False}


def test_wishes_are_checked() -> None:
    assert asked(None) == (0, True)
    assert asked({"seed": 5, "noise": False}) == (5, False)
    for seed in (True, -1, 2**31, 1.0, float("nan"), "1", None):
        with pytest.raises(ValueError, match="the seed must be a whole number from 0 to"):
            asked({"seed": seed})
    with pytest.raises(ValueError, match="noise must be true or false, got 1"):
        asked({"noise": 1})
