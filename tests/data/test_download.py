"""Whatever a mirror does, a download ends with the right file or with a sentence."""

from __future__ import annotations

import multiprocessing
import os
import threading
from pathlib import Path

import pytest

from explorer.data import fetch
from explorer.data.mnist import DownloadError, DownloadProgress, download, problems
from explorer.data.transfer import CHUNK, Transfer
from tests.data import mirror as mirrors
from tests.data.mirror import Answer, Request, packed, serving, small_file

FILE, PLAIN = small_file()
NAME = FILE.name + ".gz"
FILES = {NAME: packed(PLAIN)}
SIZE = len(FILES[NAME])
HALF = SIZE // 2 // CHUNK * CHUNK  # what is kept of half a file: whole chunks

# what a mirror does, what the sentence about it says
FAILURES: list[tuple[Answer, str]] = [
    (mirrors.fails, "did not arrive: the server answered 500"),
    (mirrors.web_page, "is a web page, not data"),
    (mirrors.unnamed_web_page, "is a web page, not data"),
    (mirrors.nothing, "is empty"),
    (mirrors.half, "is cut short: "),
    (mirrors.with_a_wrong_bit, "is damaged: "),
    (mirrors.without_end, "is too long: more than 94,112 bytes"),
    (mirrors.breaks_off, f"did not arrive whole: the connection broke after {HALF:,} bytes"),
    (mirrors.stalls, "did not arrive: nothing came for 0.5 seconds"),
    (mirrors.is_silent, "did not arrive: nothing came for 0.5 seconds"),
]


def downloaded(*urls: str) -> list[DownloadProgress]:
    """Download FILE with little patience, and check that nothing but the right file is left."""
    progress = list(download([FILE], urls, patience=0.5))
    assert problems([FILE]) == []
    return progress


def content(folder: Path) -> dict[str, bytes]:
    """Every file of a folder."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_missing_file_is_downloaded_unpacked_and_reported(cache: Path) -> None:
    with serving(FILES) as mirror:
        progress = downloaded(mirror.url)
    assert content(cache) == {FILE.name: PLAIN}
    assert progress[-1] == DownloadProgress(FILE.name, SIZE, SIZE, mirror.host)
    assert [step.received for step in progress] == sorted(step.received for step in progress)


def test_a_file_that_is_right_is_not_asked_for_again() -> None:
    with serving(FILES) as mirror:
        downloaded(mirror.url)
        assert downloaded(mirror.url) == []
    assert mirror.asked == [None]


@pytest.mark.parametrize(("failure", "words"), FAILURES, ids=lambda case: getattr(case, "__name__", None))
def test_a_failing_mirror_is_named_in_a_sentence(cache: Path, failure: Answer, words: str) -> None:
    with serving(FILES, failure) as bad, pytest.raises(DownloadError) as caught:
        downloaded(bad.url)
    (sentence,) = caught.value.sentences
    assert sentence.startswith(f"{NAME} from {bad.host} {words}")
    assert sentence.count("\n") == 0
    assert not (cache / FILE.name).exists()


@pytest.mark.parametrize("failure", [failure for failure, _ in FAILURES], ids=lambda case: case.__name__)
def test_the_next_mirror_makes_good_what_one_failed_to_do(cache: Path, failure: Answer) -> None:
    with serving(FILES, failure) as bad, serving(FILES) as good:
        progress = downloaded(bad.url, good.url)
    assert content(cache) == {FILE.name: PLAIN}
    assert progress[-1].mirror == good.host


def test_every_mirror_that_failed_has_its_sentence() -> None:
    with serving({}) as closed:
        pass
    with serving(FILES, mirrors.fails) as bad, pytest.raises(DownloadError) as caught:
        downloaded(closed.url, bad.url)
    unreachable, answered = caught.value.sentences
    assert unreachable == f"{NAME} from {closed.host} did not arrive: the server cannot be reached."
    assert answered == f"{NAME} from {bad.host} did not arrive: the server answered 500."
    assert str(caught.value) == f"{unreachable} {answered}"


def test_the_mirror_that_works_is_asked_first_for_the_next_file() -> None:
    label_file, labels = small_file("train-labels-idx1-ubyte", (60,))
    files = FILES | {f"{label_file.name}.gz": packed(labels)}
    with serving(files, mirrors.fails) as bad, serving(files) as good:
        steps = list(download([FILE, label_file], [bad.url, good.url], patience=5.0))
    assert problems([FILE, label_file]) == []
    assert {step.mirror for step in steps if step.file == label_file.name} == {good.host}
    assert len(bad.asked) == 1


def test_a_broken_connection_is_continued_where_it_broke() -> None:
    with serving(FILES, mirrors.breaks_off, mirrors.whole) as mirror:
        progress = downloaded(mirror.url)
    assert mirror.asked == [None, f"bytes={HALF}-"]
    assert progress[-1].received == SIZE


def test_another_mirror_continues_what_a_stalled_one_began() -> None:
    with serving(FILES, mirrors.stalls, mirrors.fails) as stalled, serving(FILES) as good:
        downloaded(stalled.url, good.url)
    assert stalled.asked == [None, f"bytes={HALF}-"]
    assert good.asked == [f"bytes={HALF}-"]


@pytest.mark.parametrize("server", [mirrors.from_the_start, mirrors.elsewhere, mirrors.without_length])
def test_a_server_that_cannot_continue_begins_again(cache: Path, server: Answer) -> None:
    with serving(FILES, mirrors.breaks_off, server) as mirror:
        downloaded(mirror.url)
    assert mirror.asked[:2] == [None, f"bytes={HALF}-"]
    assert content(cache) == {FILE.name: PLAIN}


def test_a_redirection_is_followed() -> None:
    with serving(FILES, mirrors.moved, mirrors.whole) as mirror:
        assert downloaded(mirror.url)[-1].received == SIZE
    assert len(mirror.asked) == 2


def test_a_mirror_may_serve_the_plain_file(cache: Path) -> None:
    with serving({NAME: PLAIN}) as mirror:
        downloaded(mirror.url)
    assert content(cache) == {FILE.name: PLAIN}


def test_a_stopped_download_goes_on_the_next_time(cache: Path) -> None:
    with serving(FILES, mirrors.stalls, mirrors.whole) as mirror:
        steps = download([FILE], [mirror.url], patience=30.0)
        next(step for step in steps if step.received == HALF)
        steps.close()
        (part,) = content(cache).values()
        assert part == FILES[NAME][:HALF]
        downloaded(mirror.url)
    assert mirror.asked == [None, f"bytes={HALF}-"]
    assert content(cache) == {FILE.name: PLAIN}


@pytest.mark.parametrize("left", [b"not the beginning", bytes(2 * SIZE)], ids=["other bytes", "too many bytes"])
def test_a_part_that_is_wrong_is_thrown_away(cache: Path, left: bytes) -> None:
    cache.mkdir(parents=True)
    part = cache / f"{FILE.name}.0123.part"
    part.write_bytes(left)
    os.utime(part, (0, 0))
    with serving(FILES) as mirror:
        downloaded(mirror.url)
    assert mirror.asked == [f"bytes={len(left)}-", None]
    assert content(cache) == {FILE.name: PLAIN}


def test_a_part_that_another_process_writes_to_is_left_alone(cache: Path) -> None:
    cache.mkdir(parents=True)
    part = cache / f"{FILE.name}.0123.part"
    part.write_bytes(FILES[NAME][:100])
    with serving(FILES) as mirror:
        downloaded(mirror.url)
    assert mirror.asked == [None]
    assert part.read_bytes() == FILES[NAME][:100]


def test_a_part_that_a_killed_process_left_is_continued_in_time(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache.mkdir(parents=True)
    (cache / f"{FILE.name}.0123.part").write_bytes(FILES[NAME][:100])
    (cache / f"{FILE.name}.4567.part").write_bytes(FILES[NAME][:50])
    monkeypatch.setattr(fetch, "IDLE", -1.0)
    with serving(FILES) as mirror:
        downloaded(mirror.url)
    assert mirror.asked == ["bytes=100-"]
    assert content(cache) == {FILE.name: PLAIN}


def test_a_cache_folder_that_cannot_be_written_is_named(cache: Path) -> None:
    cache.parent.write_bytes(b"a file, where a folder should be")
    with (
        serving(FILES) as mirror,
        pytest.raises(DownloadError, match="cache folder cannot be written .*EXPLORER_CACHE"),
    ):
        downloaded(mirror.url)
    assert mirror.asked == []


@pytest.mark.parametrize(("writer", "method"), [(Transfer, "write"), (Path, "write_bytes")])
def test_a_full_disk_is_named_and_leaves_no_half_file(
    cache: Path, monkeypatch: pytest.MonkeyPatch, writer: type, method: str
) -> None:
    def full(where: object, content: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(writer, method, full)
    with serving(FILES) as mirror, pytest.raises(DownloadError, match="No space left on device"):
        downloaded(mirror.url)
    assert not (cache / FILE.name).exists()


def _download(url: str) -> None:
    list(download([FILE], [url], patience=60.0))


def test_two_processes_at_once_end_with_one_valid_copy(cache: Path) -> None:
    both_have_asked = threading.Barrier(2)

    def at_once(request: Request, content: bytes) -> None:
        both_have_asked.wait(60.0)
        mirrors.whole(request, content)

    with serving(FILES, at_once) as mirror:
        spawn = multiprocessing.get_context("spawn")
        processes = [spawn.Process(target=_download, args=(mirror.url,)) for _ in range(2)]
        for process in processes:
            process.start()
        for process in processes:
            process.join(60.0)
    assert [process.exitcode for process in processes] == [0, 0]
    assert content(cache) == {FILE.name: PLAIN}
