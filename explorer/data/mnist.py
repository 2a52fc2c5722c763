"""MNIST: sixty thousand handwritten digits to train with, ten thousand to test with.

Its four files, compressed or plain, are looked for in the folder that ``MNIST_DIR`` names and in the user's cache
folder. Compressed ones are unpacked into the cache folder once, and from there all processes share one copy in memory.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Generator, Iterator, Sequence
from pathlib import Path

from platformdirs import user_cache_path

from explorer.data import idx
from explorer.data.dataset import Dataset, Pixels
from explorer.data.fetch import DownloadError, DownloadProgress, fetch
from explorer.data.idx import IdxFile, Unusable

__all__ = ["FILES", "MIRRORS", "DownloadError", "DownloadProgress", "available", "cache_folder", "download", "problems"]

FILES = (
    IdxFile(
        "train-images-idx3-ubyte",
        (60000, 28, 28),
        "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    ),
    IdxFile(
        "train-labels-idx1-ubyte",
        (60000,),
        "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    ),
    IdxFile(
        "t10k-images-idx3-ubyte",
        (10000, 28, 28),
        "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    ),
    IdxFile(
        "t10k-labels-idx1-ubyte",
        (10000,),
        "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
    ),
)
PIXELS_SHA256 = "5b92582eb909c82a9bfefcd44acbe9233be3eb5b419a44cf211022ad2bf4bf96"  # of the pixels of both image files
MIRRORS = ("https://ossci-datasets.s3.amazonaws.com/mnist/", "https://storage.googleapis.com/cvdf-datasets/mnist/")

logger = logging.getLogger(__name__)


def available() -> Dataset | None:
    """MNIST if its four files are on this machine and right, otherwise None; the network is never asked."""
    try:
        train_images, train_labels, test_images, test_labels = (find(file) for file in FILES)
    except Unusable:
        return None
    return Dataset(
        "mnist", "MNIST", train_images[:, None], train_labels, test_images[:, None], test_labels, PIXELS_SHA256
    )


def problems(files: Sequence[IdxFile] = FILES) -> list[str]:
    """One sentence for each file that is missing or wrong; empty when MNIST is available."""
    sentences = []
    for file in files:
        try:
            find(file)
        except Unusable as error:
            sentences.append(str(error))
    return sentences


def download(
    files: Sequence[IdxFile] = FILES, mirrors: Sequence[str] = MIRRORS, patience: float = 15.0
) -> Generator[DownloadProgress, None, None]:
    """Fetch into the cache folder what is missing or wrong, telling about five times a second how far it is.

    A mirror that fails, or sends nothing for ``patience`` seconds, is left for the next one, which continues the file.
    Ends with every file right. Raises DownloadError, with a sentence for each mirror, when a file is to be had nowhere.
    Closing the generator stops the download; what has arrived is kept for the next one.
    """
    for file in files:
        if problems([file]):
            works = yield from fetch(file, mirrors, cache_folder(), patience)
            mirrors = [works, *(mirror for mirror in mirrors if mirror != works)]  # the one that works goes first


def find(file: IdxFile) -> Pixels:
    """The array of one file from the first good copy there is, read-only. Raises Unusable in one sentence."""
    reasons = []
    for place, path in _copies(file):
        try:
            found = _unpacked(path, file) if path.suffix == ".gz" else idx.mapped(path, file)
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            reasons.append(f"{path.name} in {place} cannot be read: {error.strerror}.")
        except Unusable as error:
            reasons.append(f"{path.name} in {place} {error}.")
        else:
            for reason in reasons:
                logger.warning("%s Another copy is used.", reason)
            return found
    places = " and ".join(_folders())
    raise Unusable(reasons[0] if reasons else f"{file.name} is missing; it was looked for in {places}.")


def cache_folder() -> Path:
    """Where files are unpacked and downloaded to: in ``EXPLORER_CACHE`` or, if that is not set, the user's cache."""
    chosen = os.environ.get("EXPLORER_CACHE")
    return (Path(chosen) if chosen else user_cache_path("autoencoder-explorer", appauthor=False)) / "mnist"


def _folders() -> dict[str, Path]:
    """Where MNIST may lie, by the name that a sentence gives to the place."""
    given = os.environ.get("MNIST_DIR")
    return ({"MNIST_DIR": Path(given)} if given else {}) | {"the cache folder": cache_folder()}


def _copies(file: IdxFile) -> Iterator[tuple[str, Path]]:
    """Where copies of a file may be, with the name of the place: plain ones first, they need no unpacking."""
    for ending in ("", ".gz"):
        for place, folder in _folders().items():
            for name in (file.name, file.name.replace("-idx", ".idx")):  # some programs unpack to the second
                yield place, folder / (name + ending)


def _unpacked(path: Path, file: IdxFile) -> Pixels:
    """The array of a compressed file, unpacked into the cache folder, or into memory when that cannot be written."""
    content = idx.unpack(path.read_bytes(), file)
    plain = cache_folder() / file.name
    try:
        idx.store(content, plain, file)
        return idx.mapped(plain, file)
    except (OSError, Unusable) as error:
        logger.warning("%s is held in memory, because the cache folder cannot be used: %s", file.name, error)
        return idx.array(content, file)
