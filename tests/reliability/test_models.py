"""No file that is brought makes the server large, slow or silent. What is refused, and how, is in tests/models."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from explorer.models.parcel import LARGEST_PARCEL, wrap
from tests.models.test_checkpoint import CARD, WEIGHTS
from tests.models.test_parcel import REFUSED
from tests.reliability.conftest import Standing
from tests.reliability.knocking import Knocker
from tests.ui.test_brought import sealed

BAD_WEIGHTS = [sealed(bytes(100)), sealed(WEIGHTS[:-1]), sealed(WEIGHTS + b"\0")]


@pytest.fixture(scope="module")
def client(standing: Standing) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=standing.url, timeout=60) as client:
        yield client


def bring(client: httpx.Client, content: bytes, page: str) -> httpx.Response:
    return client.post("explorer/bring", params={"page": page}, content=content)


def test_what_is_no_model_is_refused_in_a_sentence_and_not_kept(standing: Standing, client: httpx.Client) -> None:
    bring(client, b"", "first")
    before = standing.megabytes
    for number, content in enumerate([*(content for content, _ in REFUSED.values()), *BAD_WEIGHTS]):
        answer = bring(client, content, f"page {number}")
        assert answer.status_code in (400, 413)
        assert "\n" not in answer.text
    assert standing.megabytes - before < 30
    assert "Traceback" not in standing.log


def test_one_page_may_bring_some_models_and_others_are_not_kept_waiting(client: httpx.Client) -> None:
    statuses = []
    while 429 not in statuses:
        statuses.append(bring(client, bytes(4 * 2**20), "greedy").status_code)  # as long as a usual model
        assert len(statuses) < 100
    assert statuses.count(400) >= 8
    assert bring(client, wrap(CARD, WEIGHTS), "modest").status_code == 200


def test_a_model_that_is_too_long_is_cut_off_on_its_way(standing: Standing, client: httpx.Client) -> None:
    before = standing.megabytes
    for number in range(3):
        assert bring(client, bytes(LARGEST_PARCEL + 1), f"long {number}").status_code == 413
    assert standing.megabytes - before < 30


def test_the_model_on_show_stays_when_another_is_refused(client: httpx.Client, knocker: Knocker) -> None:
    reconstruct = next(event for event in knocker.events if event["api_name"] == "reconstruct")
    asked = ['"dense"', str([0] * 784)]
    (before,) = knocker.ask(reconstruct["id"], [asked])
    assert bring(client, sealed(WEIGHTS[:-1], variant="dense", name="dense"), "wrong").status_code == 400
    (after,) = knocker.ask(reconstruct["id"], [asked])
    assert not before.has_failed
    assert before.data[0]["mse"] > 0
    assert after.data == before.data
