"""Foreign pictures: letters framed like digits, the same pixels turned or shuffled."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.data.digits import embedded
from explorer.data.drawing import BOX
from explorer.data.foreign import LETTERS, letters, shuffled, turned


def test_every_letter_is_framed_as_a_digit_is() -> None:
    drawn = letters()
    assert drawn.shape == (9 * 52, 1, 28, 28)
    assert len(LETTERS) == len(set(LETTERS)) == 52
    for picture in drawn[:, 0]:
        rows, columns = np.nonzero(picture)
        assert max(np.ptp(rows), np.ptp(columns)) + 1 <= BOX
        assert picture.max() == 255
        centre = [float(np.average(axis, weights=picture[rows, columns])) for axis in (rows, columns)]
        assert centre == pytest.approx([14, 14], abs=0.51)


def test_no_two_letters_of_one_pen_are_alike() -> None:
    pen = letters()[:52].reshape(52, -1).astype(float)
    apart = np.abs(pen[:, None] - pen).mean(axis=2) + 255 * np.eye(52)
    assert apart.min() > 0


def test_a_quarter_turn_taken_four_times_changes_nothing() -> None:
    images = embedded().test_images[:8]
    once = turned(images)
    assert once[0, 0, 0].tolist() == images[0, 0, :, -1].tolist(), "the right column comes to the top"
    assert (turned(turned(turned(once))) == images).all()


def test_shuffling_keeps_each_pictures_ink_and_nothing_else() -> None:
    images = embedded().test_images[:8]
    noise = shuffled(images, seed=0)
    assert (np.sort(noise.reshape(8, -1)) == np.sort(images.reshape(8, -1))).all()
    assert all((one != other).mean() > 0.1 for one, other in zip(noise, images, strict=True))
    assert (shuffled(images, seed=0) == noise).all()
    assert (shuffled(images, seed=1) != noise).any()
    assert not noise.flags.writeable
