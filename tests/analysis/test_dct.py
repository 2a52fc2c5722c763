"""The cosines of JPEG against SciPy, and against the JPEG files that Pillow writes."""

from __future__ import annotations

import io

import numpy as np
import pytest
import torch
from PIL import Image
from scipy.fft import dctn
from torch import Tensor

from explorer.analysis.dct import (
    BORDER,
    FIRST,
    QUALITIES,
    CosineCoder,
    bit_length,
    inverse,
    quantised,
    restored,
    steps,
    symbols,
    transform,
    zigzag,
)
from explorer.data.dataset import Dataset, Pixels


@pytest.fixture
def x(digits: Dataset) -> Tensor:
    return torch.tensor(digits.test_images[:12]).float() / 255


def padded(picture: Pixels) -> Pixels:
    return np.pad(picture, BORDER)


def jpeg(picture: Pixels, quality: int) -> bytes:
    file = io.BytesIO()
    Image.fromarray(padded(picture)).save(file, "JPEG", quality=quality, optimize=True)
    return file.getvalue()


def test_each_block_is_scipys_transform(x: Tensor) -> None:
    whole = np.pad(255 * x[0, 0].double().numpy(), BORDER) - 128
    found = transform(x)[0]
    for block in range(16):
        row, column = 8 * (block // 4), 8 * (block % 4)
        expected = dctn(whole[row : row + 8, column : column + 8], norm="ortho")
        np.testing.assert_allclose(found[block], expected, atol=2e-3)


def test_the_transform_loses_nothing(x: Tensor) -> None:
    torch.testing.assert_close(inverse(transform(x)), x, atol=1e-5, rtol=0)


def test_the_zigzag_is_that_of_the_standard() -> None:
    start = [0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5]
    assert zigzag()[:16].tolist() == start
    assert zigzag()[-3:].tolist() == [55, 62, 63]
    assert sorted(zigzag().tolist()) == list(range(64))


@pytest.mark.parametrize("quality", [25, 50, 75, 90, 100])
def test_the_table_is_the_one_in_pillows_files(digits: Dataset, quality: int) -> None:
    with Image.open(io.BytesIO(jpeg(digits.test_images[0, 0], quality))) as picture:
        table = picture.quantization[0]  # type: ignore[attr-defined]  # of JPEG files
    assert steps(quality).flatten().tolist() == list(table)


@pytest.mark.parametrize("quality", [27, 50, 88])
def test_pictures_come_back_as_from_a_jpeg_file(digits: Dataset, x: Tensor, quality: int) -> None:
    own = (255 * restored(quantised(x, quality), quality)).round().numpy()
    for picture, mine in zip(digits.test_images[:12, 0], own[:, 0], strict=True):
        with Image.open(io.BytesIO(jpeg(picture, quality))) as opened:
            theirs = np.asarray(opened).astype(float)[BORDER:-BORDER, BORDER:-BORDER]
        assert np.abs(theirs - mine).mean() < 1  # grey value: its arithmetic is in whole numbers


@pytest.mark.parametrize("quality", [40, 70, 94])
def test_bytes_are_about_those_of_the_picture_in_a_jpeg_file(digits: Dataset, quality: int) -> None:
    train = torch.tensor(digits.train_images[:300]).float() / 255
    pictures = digits.test_images[:12]
    own = CosineCoder.fit(train, quality)(torch.tensor(pictures).float() / 255)[1].mean() / 8
    files = [jpeg(picture[0], quality) for picture in pictures]
    scans = [len(file) - file.rindex(b"\xff\xda") - 10 - 2 for file in files]  # between its header and the end mark
    assert float(own) == pytest.approx(np.mean(scans), rel=0.06)


def test_symbols_of_a_block_that_is_known() -> None:
    numbers = torch.zeros(1, 16, 64, dtype=torch.long)
    numbers[0, :, 0] = 5  # the first block says 5, each other says no change
    numbers[0, 0, 1], numbers[0, 0, 4], numbers[0, 0, 40] = -3, 1, 7  # 0, 2 and 35 zeros before
    numbers[0, 1, 63] = 1  # no end mark after the very last
    count, beside = symbols(numbers)
    found = {symbol: int(times) for symbol, times in enumerate(count[0].tolist()) if times}
    sixteens = 2 + 3  # in 35 zeros twice, in 62 three times
    assert found == {
        FIRST + 3: 1,
        FIRST: 15,
        0x02: 1,
        0x21: 1,
        0x33: 1,
        0xE1: 1,
        0xF0: sixteens,
        0x00: 15,
    }
    assert float(beside[0]) == 3 + 2 + 1 + 3 + 1


def test_symbols_of_one_picture_are_those_it_has_among_others(x: Tensor) -> None:
    numbers = quantised(x, 50)
    together, alone = symbols(numbers), [symbols(numbers[i : i + 1]) for i in range(len(x))]
    assert bool((together[0] == torch.cat([count for count, _ in alone])).all())
    assert bool((together[1] == torch.cat([beside for _, beside in alone])).all())


def test_bits_of_whole_numbers() -> None:
    numbers = torch.tensor([0, 1, -1, 2, -3, 4, -7, 8, 1023, -1024])
    assert bit_length(numbers).tolist() == [abs(int(one)).bit_length() for one in numbers]


def test_a_black_picture_comes_back_black_and_says_so_once(x: Tensor) -> None:
    black = torch.zeros(1, 1, 28, 28)
    assert float(CosineCoder.fit(x, 50)(black)[0].max()) < 1e-6
    count, beside = symbols(quantised(black, 50))  # the first number is -1024 / 16 = -64, which has 7 bits
    assert {symbol: int(times) for symbol, times in enumerate(count[0].tolist()) if times} == {
        FIRST + 7: 1,
        FIRST: 15,
        0x00: 16,
    }
    assert float(beside[0]) == 7


def test_better_quality_is_nearer_and_longer(x: Tensor) -> None:
    found = [CosineCoder.fit(x, quality)(x) for quality in QUALITIES[::4]]
    errors = [float((picture - x).square().mean()) for picture, _ in found]
    sizes = [float(bits.mean()) for _, bits in found]
    assert errors == sorted(errors, reverse=True)
    assert sizes == sorted(sizes)


@pytest.mark.parametrize("quality", [0, 101])
def test_a_quality_that_no_jpeg_has_is_refused(quality: int) -> None:
    with pytest.raises(ValueError, match=f"between 1 and 100, got {quality}"):
        steps(quality)
