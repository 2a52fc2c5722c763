"""MNIST's files are found wherever they lie, believed only when they are right, and named when they are not."""

from __future__ import annotations

import mmap
import socket
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from explorer import data
from explorer.data import __main__ as command
from explorer.data.dataset import Dataset, Pixels, pixel_hash
from explorer.data.idx import IdxFile, Unusable
from explorer.data.mnist import FILES, available, cache_folder, download, find, problems
from tests.data import mirror as mirrors
from tests.data.mirror import PAGE, flipped, packed, serving, small_file

FILE, PLAIN = small_file()

# what became of the plain bytes, what the sentence says about the file
DAMAGES: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "empty": (lambda _: b"", "is empty."),
    "a web page": (lambda _: PAGE, "is a web page, not data."),
    "wrong magic": (
        lambda plain: b"\x00\x00\x0d\x03" + plain[4:],
        "begins with 00000d03, not with 00000803: it is another kind of file.",
    ),
    "one byte short": (lambda plain: plain[:-1], "is cut short: 47,055 bytes instead of 47,056."),
    "one byte long": (lambda plain: plain + b"\x00", "is too long: 47,057 bytes instead of 47,056."),
    "one bit flipped": (flipped, "is damaged: its SHA-256 is not the one that is known for it."),
}
# what became of the compressed bytes
PACKED_DAMAGES: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "empty": (lambda _: b"", "is empty."),
    "a web page": (lambda _: PAGE, "is a web page, not data."),
    "half": (lambda content: content[: len(content) // 2], "is cut short: "),
    "a broken block": (lambda content: content[:10] + b"\xff\xff" + content[12:], "is damaged: "),
    "one bit flipped": (flipped, "is damaged: "),
    "of endless zeros": (lambda _: packed(FILE.header + bytes(10**6)), "is too long: 47,057 bytes instead of 47,056."),
}


def pixels(plain: bytes = PLAIN, file: IdxFile = FILE) -> Pixels:
    """The numbers of a small file, read as the format says."""
    return np.array(list(plain[len(file.header) :]), np.uint8).reshape(file.shape)


def ultimate_base(array: object) -> object:
    """What holds the bytes of an array."""
    while isinstance(array, np.ndarray | memoryview):
        array = array.base if isinstance(array, np.ndarray) else array.obj
    return array


@pytest.mark.parametrize("name", ["train-images-idx3-ubyte", "train-images.idx3-ubyte"])
@pytest.mark.parametrize("place", ["given", "cache"])
def test_a_file_is_found_wherever_it_lies(request: pytest.FixtureRequest, name: str, place: str) -> None:
    folder: Path = request.getfixturevalue(place)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(PLAIN)
    np.testing.assert_array_equal(find(FILE), pixels())
    (folder / name).rename(folder / "elsewhere")
    (folder / f"{name}.gz").write_bytes(packed(PLAIN))
    np.testing.assert_array_equal(find(FILE), pixels())


def test_a_compressed_file_is_unpacked_once_and_then_mapped(given: Path, cache: Path) -> None:
    (given / f"{FILE.name}.gz").write_bytes(packed(PLAIN))
    first = find(FILE)
    (given / f"{FILE.name}.gz").unlink()
    second = find(FILE)
    assert [path.name for path in cache.iterdir()] == [FILE.name]
    assert isinstance(ultimate_base(first), mmap.mmap)
    assert isinstance(ultimate_base(second), mmap.mmap)
    np.testing.assert_array_equal(second, pixels())


def test_nobody_can_write_into_the_pictures(given: Path) -> None:
    (given / FILE.name).write_bytes(PLAIN)
    found = find(FILE)
    with pytest.raises(ValueError, match="read-only"):
        found[0, 0, 0] = 1
    with pytest.raises(ValueError, match="WRITEABLE"):
        found.flags.writeable = True


def test_the_folder_of_the_files_is_only_read(given: Path) -> None:
    (given / f"{FILE.name}.gz").write_bytes(packed(PLAIN))
    given.chmod(0o555)
    assert problems([FILE]) == []
    assert [path.name for path in given.iterdir()] == [f"{FILE.name}.gz"]


def test_a_file_is_held_in_memory_when_the_cache_folder_cannot_be_written(
    given: Path, cache: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (given / f"{FILE.name}.gz").write_bytes(packed(PLAIN))
    cache.parent.write_bytes(b"a file, where a folder should be")
    found = find(FILE)
    np.testing.assert_array_equal(found, pixels())
    assert not found.flags.writeable
    assert "is held in memory" in caplog.text


def test_a_missing_file_is_named_with_where_it_was_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    assert problems([FILE]) == [
        "train-images-idx3-ubyte is missing; it was looked for in MNIST_DIR and the cache folder."
    ]
    monkeypatch.delenv("MNIST_DIR")
    assert problems([FILE]) == ["train-images-idx3-ubyte is missing; it was looked for in the cache folder."]


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_wrong_file_is_named_and_repaired(given: Path, cache: Path, damage: str) -> None:
    change, words = DAMAGES[damage]
    cache.mkdir(parents=True)
    for folder in (given, cache):
        (folder / FILE.name).write_bytes(change(PLAIN))
    assert problems([FILE]) == [f"train-images-idx3-ubyte in MNIST_DIR {words}"]
    with serving({f"{FILE.name}.gz": packed(PLAIN)}) as mirror:
        list(download([FILE], [mirror.url]))
    assert problems([FILE]) == []
    assert (cache / FILE.name).read_bytes() == PLAIN


@pytest.mark.parametrize("damage", PACKED_DAMAGES)
def test_a_wrong_compressed_file_is_named(given: Path, cache: Path, damage: str) -> None:
    change, words = PACKED_DAMAGES[damage]
    (given / f"{FILE.name}.gz").write_bytes(change(packed(PLAIN)))
    (sentence,) = problems([FILE])
    assert sentence.startswith(f"train-images-idx3-ubyte.gz in MNIST_DIR {words}")
    assert not cache.exists()


@pytest.mark.parametrize("ending", ["", ".gz"])
def test_a_folder_in_place_of_a_file_is_named(given: Path, ending: str) -> None:
    (given / (FILE.name + ending)).mkdir()
    assert problems([FILE]) == [f"train-images-idx3-ubyte{ending} in MNIST_DIR cannot be read: Is a directory."]


def test_a_file_in_place_of_the_folder_holds_nothing(given: Path, tmp_path: Path) -> None:
    given.rename(tmp_path / "elsewhere")
    given.write_bytes(PLAIN)
    (sentence,) = problems([FILE])
    assert sentence.startswith("train-images-idx3-ubyte is missing;")


def test_a_good_copy_is_used_instead_of_a_wrong_one(given: Path, cache: Path, caplog: pytest.LogCaptureFixture) -> None:
    cache.mkdir(parents=True)
    (given / FILE.name).write_bytes(flipped(PLAIN))
    (cache / FILE.name).write_bytes(PLAIN)
    np.testing.assert_array_equal(find(FILE), pixels())
    assert "train-images-idx3-ubyte in MNIST_DIR is damaged" in caplog.text


def test_a_wrong_copy_in_the_cache_is_unpacked_again_without_a_download(given: Path, cache: Path) -> None:
    cache.mkdir(parents=True)
    (given / f"{FILE.name}.gz").write_bytes(packed(PLAIN))
    (cache / FILE.name).write_bytes(PLAIN[:-1])
    assert problems([FILE]) == []
    assert (cache / FILE.name).read_bytes() == PLAIN


def test_a_file_under_another_files_name_is_refused(given: Path) -> None:
    (given / FILE.name).write_bytes(small_file("train-labels-idx1-ubyte", (60,))[1])
    with pytest.raises(Unusable, match="begins with 00000801, not with 00000803"):
        find(FILE)


def test_without_mnist_the_stand_in_is_loaded_and_the_network_never_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    assert available() is None
    loaded = data.load()
    assert (loaded.name, loaded.is_stand_in) == ("digits", True)


def test_the_cache_folder_is_the_users_unless_one_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert cache_folder() == tmp_path / "cache" / "mnist"
    monkeypatch.delenv("EXPLORER_CACHE")
    assert cache_folder().parts[-2:] == ("autoencoder-explorer", "mnist")
    assert cache_folder().is_absolute()


def test_mnist_has_its_known_figures(mnist: Dataset) -> None:
    assert mnist.train_images.shape == (60000, 1, 28, 28)
    assert mnist.test_images.shape == (10000, 1, 28, 28)
    assert mnist.train_labels[:5].tolist() == [5, 0, 4, 1, 9]
    assert mnist.test_labels[:5].tolist() == [7, 2, 1, 0, 4]
    assert mnist.train_images.mean() / 255 == pytest.approx(0.1307, abs=5e-5)
    assert mnist.train_images.std() / 255 == pytest.approx(0.3081, abs=5e-5)
    assert mnist.sha256 == pixel_hash(mnist.train_images, mnist.test_images)
    assert (mnist.title, mnist.is_stand_in) == ("MNIST", False)


def plain_bytes(file: IdxFile, dataset: Dataset) -> bytes:
    """A file of MNIST, made again from the pictures or labels."""
    part = "train" if file.name.startswith("train") else "test"
    array: Pixels = getattr(dataset, f"{part}_{'images' if 'images' in file.name else 'labels'}")
    return file.header + array.tobytes()


def test_the_command_brings_mnist_to_an_empty_machine(
    mnist: Dataset, cache: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving({f"{file.name}.gz": plain_bytes(file, mnist) for file in FILES}) as mirror:
        assert command.main(["--mirror", mirror.url]) == 0
    told = capsys.readouterr()
    assert [line for line in told.err.splitlines() if line.endswith(f"bytes from {mirror.host}")] == [
        f"{file.name}: {file.size:,} of {file.size:,} bytes from {mirror.host}" for file in FILES
    ]
    assert told.err.endswith("MNIST is complete: 60,000 digits to train with and 10,000 to test with.\n")
    assert told.out == ""
    assert sorted(path.name for path in cache.iterdir()) == sorted(file.name for file in FILES)
    assert data.load().name == "mnist"


def test_the_command_says_what_failed(capsys: pytest.CaptureFixture[str]) -> None:
    with serving({f"{FILES[0].name}.gz": b"?"}, mirrors.fails) as mirror:
        assert command.main(["--mirror", mirror.url]) == 1
    sentences = capsys.readouterr().err.splitlines()
    assert len(sentences) == len(FILES) + 1
    assert sentences[-1] == f"{FILES[0].name}.gz from {mirror.host} did not arrive: the server answered 500."
