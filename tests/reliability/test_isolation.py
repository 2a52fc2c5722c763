"""Nobody sees, opens, changes or takes home what another visitor has made, unless they were given its id."""

from __future__ import annotations

import base64
import json
import secrets
from typing import Any

import httpx
import pytest

from explorer.models.parcel import wrap
from explorer.training.record import ID
from tests.models.test_checkpoint import CARD, WEIGHTS
from tests.reliability.conftest import Standing
from tests.reliability.knocking import Knocker

GUESSES = 1000


@pytest.fixture(scope="module")
def run(standing: Standing) -> str:
    """A model that somebody has brought."""
    answer = httpx.post(f"{standing.url}explorer/bring", content=wrap(CARD, WEIGHTS), timeout=60)
    assert answer.status_code == 200
    return answer.text


def event(knocker: Knocker, component: str, kind: str) -> dict[str, Any]:
    """The event of this kind that comes from a component of this name."""
    return next(
        one
        for one in knocker.events
        if any(
            at and name == kind and knocker.components[at]["props"].get("name") == component
            for at, name in one["targets"]
        )
    )


def changed(knocker: Knocker, event: dict[str, Any], value: str) -> list[str]:
    """What a page sends with the event when its own component has this value."""
    values = knocker.usual(event)
    values[knocker.told(event)[0]] = value
    return values


def test_an_id_has_128_random_bits(run: str) -> None:
    padding = "=" * (-len(run) % 4)
    assert len(base64.urlsafe_b64decode(run + padding)) == 16
    assert ID.fullmatch(run)


def test_what_is_somebodys_is_not_on_the_list_of_anybody_else(knocker: Knocker, run: str) -> None:
    told = json.dumps(knocker.client.get("config").json()) + knocker.client.get("gradio_api/info").text
    assert run not in told
    assert run not in knocker.client.get("healthz").text


def test_a_stranger_cannot_choose_open_rename_or_delete_it(knocker: Knocker, standing: Standing, run: str) -> None:
    picker = event(knocker, "picker", "input")
    choice = json.dumps({"variant": "linear", "model": run})
    (answer,) = knocker.ask(picker["id"], [changed(knocker, picker, choice)])
    assert "the model must be one of those on offer" in str(answer.text)
    board = event(knocker, "scoreboard", "select")
    for act in ("open", "rename", "delete"):
        asked = json.dumps({"do": act, "id": run, "title": "mine now"})
        (answer,) = knocker.ask(board["id"], [changed(knocker, board, asked)])
        assert answer.has_failed
        assert "your own runs" in str(answer.text) or "one of those on the board" in str(answer.text)
    assert httpx.get(f"{standing.url}explorer/take/{run}/model.zip", timeout=60).content == wrap(CARD, WEIGHTS)


def test_of_a_thousand_guesses_none_hits(standing: Standing, run: str) -> None:
    near = [run[:at] + ("A" if run[at] != "A" else "B") + run[at + 1 :] for at in range(len(run))]
    guesses = near + [secrets.token_urlsafe(16) for _ in range(GUESSES - len(near))]
    with httpx.Client(base_url=f"{standing.url}explorer/", timeout=60) as client:
        for guess in guesses:
            assert client.get(f"take/{guess}/lesson.ipynb").status_code == 404
        assert client.get(f"take/{run}/lesson.ipynb").status_code == 200


def test_jobs_and_models_get_ids_of_128_bits() -> None:
    from explorer.training.jobs import Jobs
    from tests.ui.test_views import no_work

    jobs = Jobs(no_work)
    jobs._attendant = Quiet()  # type: ignore[assignment]
    ids = [jobs.submit(None, owner=f"visitor {number}") for number in range(20)]
    assert len({*ids}) == 20
    assert all(len(base64.urlsafe_b64decode(one + "==")) == 16 for one in ids)


class Quiet:
    """Does nothing with jobs."""

    def wake(self) -> None:
        """Sleeps on."""
