"""No picture makes the server slow or large, whichever way it comes. What it means is in tests/data/test_picture."""

from __future__ import annotations

import base64
import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from explorer.data.picture import PictureError, read_picture
from tests.data.test_picture import blank_png
from tests.reliability.conftest import Standing
from tests.reliability.knocking import Answer, Knocker

BOMBS = {"13,300 x 13,300": blank_png(13_300, 13_300), "20,000 x 20,000": blank_png(20_000, 20_000)}
AS_ADDRESS = "data:image/png;base64,"


def photo(knocker: Knocker, text: str) -> Answer:
    """What the pad is told of a photo."""
    pad = next(one for one in knocker.components.values() if "photo" in (one["props"].get("server_fns") or []))
    return knocker.question(pad["id"], "photo", json.dumps(["dense", text, "automatic"]))


@pytest.mark.parametrize("size", BOMBS)
@pytest.mark.parametrize("prefix", ["", AS_ADDRESS])
def test_a_bomb_is_refused_before_it_is_unpacked(standing: Standing, knocker: Knocker, size: str, prefix: str) -> None:
    text = prefix + base64.b64encode(BOMBS[size]).decode()
    photo(knocker, text)
    before = standing.megabytes
    for _ in range(5):
        answer = photo(knocker, text)
        assert answer.has_failed
        assert ("base64" if prefix else "12,500,000 pixels") in str(answer.text)
    assert standing.megabytes - before < 20


def test_the_server_answers_others_under_twenty_bombs_at_once(standing: Standing, knocker: Knocker) -> None:
    text = base64.b64encode(BOMBS["20,000 x 20,000"]).decode()
    with ThreadPoolExecutor(20) as pool:
        bombs = [pool.submit(photo, knocker, text) for _ in range(20)]
        assert standing.is_well()
        assert all(bomb.result().has_failed for bomb in bombs)
    assert "Traceback" not in standing.log


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_a_bomb_takes_no_memory_at_all() -> None:
    import tracemalloc

    for bomb in BOMBS.values():
        tracemalloc.start()
        with pytest.raises(PictureError, match="12,500,000 pixels"):
            read_picture(bomb)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 2 * 2**20
