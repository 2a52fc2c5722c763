"""Any picture that a visitor brings gives the digit that it shows, or one sentence."""

from __future__ import annotations

import contextlib
import io
import time
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageDraw

from explorer.data.drawing import photo_steps
from explorer.data.picture import SIDE, PictureError, read_picture


def seven(mode: str = "L", paper: Any = 255, ink: Any = 0) -> Image.Image:
    """A 7 that a person might draw: neither of its sides is like another."""
    image = Image.new(mode, (200, 160), paper)
    ImageDraw.Draw(image).line([(60, 24), (140, 24), (90, 140)], fill=ink, width=16)
    return image


def file(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    """The bytes of a picture file."""
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def digit(data: bytes) -> NDArray[np.uint8]:
    """What the models would be given."""
    return photo_steps(read_picture(data))[-1].picture


def sixteen_bits() -> Image.Image:
    return Image.fromarray(np.asarray(seven()).astype(np.uint16) * 257)


SAME = {
    "RGB": file(seven("RGB", "white", "black")),
    "one bit": file(seven("1", 1)),
    "a palette": file(seven().convert("P")),
    "grey and transparency": file(seven("RGBA", (0, 0, 0, 0), (0, 0, 0, 255)).convert("LA")),
    "black on nothing": file(seven("RGBA", (0, 0, 0, 0), (0, 0, 0, 255))),
    "white on nothing": file(seven("RGBA", (255, 255, 255, 0), (255, 255, 255, 255))),
    "white on black": file(seven("L", 0, 255)),
    "blue on yellow": file(seven("RGB", (250, 240, 120), (20, 20, 90))),
    "16 bits": file(sixteen_bits()),
    "16 bits in a TIFF": file(sixteen_bits(), "TIFF"),
    "floating-point numbers": file(Image.fromarray(np.asarray(seven(), np.float32) / 255), "TIFF"),
    "inks of a printer": file(seven("RGB", "white", "black").convert("CMYK"), "JPEG", quality=95),
    "a film": file(seven(), "GIF", save_all=True, append_images=[seven().rotate(90)]),
    "a film by another name": file(seven(), "PNG", save_all=True, append_images=[seven().rotate(90)]),
    "WebP": file(seven("RGB", "white", "black"), "WEBP", lossless=True),
    "a bitmap": file(seven(), "BMP"),
    "a file with another behind it": file(seven()) + b"PK\x03\x04" + bytes(100),
}


@pytest.mark.parametrize("kind", SAME)
def test_the_same_digit_is_read_from_any_kind_of_file(kind: str) -> None:
    plain, other = (digit(data) / 255 for data in (file(seven()), SAME[kind]))
    assert np.mean((plain - other) ** 2) <= 0.01


TURNED: dict[
    int, Callable[..., Any]
] = {  # what a camera held like that has written: the rows and columns of the file, by numpy
    1: lambda upright: upright,
    2: np.fliplr,
    3: lambda upright: np.rot90(upright, 2),
    4: np.flipud,
    5: np.transpose,
    6: lambda upright: np.rot90(upright, 1),
    7: lambda upright: np.rot90(np.transpose(upright), 2),
    8: lambda upright: np.rot90(upright, 3),
}


@pytest.mark.parametrize("orientation", TURNED)
@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_the_cameras_orientation_is_undone(orientation: int, kind: str) -> None:
    upright = np.asarray(seven())
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    written = Image.fromarray(np.ascontiguousarray(TURNED[orientation](upright)))
    assert np.allclose(read_picture(file(written, kind, exif=exif)), upright / 255)


def blank_png(width: int, height: int) -> bytes:
    """A black PNG that may be large without ever having been."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return len(content).to_bytes(4, "big") + kind + content + zlib.crc32(kind + content).to_bytes(4, "big")

    header = width.to_bytes(4, "big") + height.to_bytes(4, "big") + bytes([1, 0, 0, 0, 0])  # one bit a pixel
    rows = zlib.compress(bytes((width // 8 + 2) * height))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def torn(data: bytes, share: float) -> bytes:
    """The beginning of a file."""
    return data[: int(share * len(data))]


NOISE = np.random.default_rng(0).integers(0, 256, (300, 300), dtype=np.uint8)
REFUSED = {
    "nothing": (b"", "the picture is empty"),
    "text": (b"7", "no picture in one of the formats"),
    "a page": (b"<!doctype html><p>7", "no picture in one of the formats"),
    "a drawing in SVG": (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "no picture in one of the formats"),
    "one pixel": (file(Image.new("L", (1, 1))), "there is no ink"),
    "a line across": (blank_png(20_000, 1), "there is no ink"),
    "a line down": (blank_png(1, 20_000), "there is no ink"),
    "white paper": (file(Image.new("L", (300, 300), 255)), "there is no ink"),
    "noise": (file(Image.fromarray(NOISE)), "there is no ink"),
    "nothing but transparency": (file(Image.new("RGBA", (50, 50))), "transparent everywhere"),
    "no numbers": (file(Image.fromarray(np.full((50, 50), np.nan, np.float32)), "TIFF"), "no numbers"),
    "a bomb": (blank_png(13_300, 13_300), "may have 12,500,000 pixels"),
    "a larger bomb": (blank_png(20_000, 20_000), "may have 12,500,000 pixels"),
    "a long file": (bytes(3 * 2**20), "may have 2 MB, this one has 3.0"),
    **{
        f"{share} of a {kind}": (torn(file(seven(), kind), share), "cannot be read|no picture")
        for kind in ("PNG", "JPEG", "GIF", "WEBP", "TIFF")
        for share in (0.1, 0.5)
    },
}


@pytest.mark.parametrize("kind", REFUSED)
@pytest.mark.filterwarnings("ignore:Truncated File Read:UserWarning")
@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_what_shows_no_digit_is_refused_in_one_sentence(kind: str) -> None:
    data, words = REFUSED[kind]
    with pytest.raises(PictureError, match=words) as refused:
        digit(data)
    assert "\n" not in str(refused.value)


def test_a_large_picture_is_reduced_and_a_small_digit_on_it_still_found() -> None:
    large = Image.new("L", (4000, 3000), 255)
    large.paste(seven().resize((800, 640), Image.Resampling.BICUBIC), (2000, 1500))
    data = file(large)
    assert max(read_picture(data).shape) < 2 * SIDE
    assert np.mean((digit(data) / 255 - digit(file(seven())) / 255) ** 2) <= 0.01


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_damaged_files_fail_in_no_other_way() -> None:
    rng = np.random.default_rng(7)
    files = [*SAME.values(), file(seven(), "JPEG")]
    slowest = read = 0.0
    for turn in range(600):
        data = bytearray(files[turn % len(files)])
        for _ in range(rng.integers(1, 8)):
            at = int(rng.integers(0, min(len(data), rng.choice([200, len(data)]))))
            data[at : at + int(rng.integers(0, 5))] = rng.bytes(int(rng.integers(0, 5)))
        start = time.process_time()
        with contextlib.suppress(PictureError):
            read += digit(bytes(data)).shape == (28, 28)
        slowest = max(slowest, time.process_time() - start)
    assert read > 50
    assert slowest < 2
