"""A model is pulled from the Hub for a visitor: checked as if it had been brought, seldom, and one sentence if not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from explorer.training.jobs import Jobs
from explorer.training.store import RunStore
from explorer.ui import from_hub
from explorer.ui.brought import opened
from explorer.ui.explorer import Explorer
from explorer.ui.gallery import Gallery
from explorer.ui.library import Library
from explorer.ui.serving import routes
from explorer.ui.session import Session
from tests.models.stand_in_hub import Hub, serving
from tests.models.test_checkpoint import CARD, WEIGHTS
from tests.ui.test_views import no_work

REPO = "anna/linear"
FILES = {"card.json": CARD.to_json().encode(), "model.safetensors": WEIGHTS}


@pytest.fixture(scope="module")
def explorer(tmp_path_factory: pytest.TempPathFactory) -> Explorer:
    return Explorer(Library(), Gallery(RunStore(tmp_path_factory.mktemp("runs"))), Jobs(no_work))


@pytest.fixture
def client(explorer: Explorer) -> Iterator[TestClient]:
    with TestClient(Starlette(routes=routes(explorer))) as client:
        yield client


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    with serving(monkeypatch) as running:
        running.add(REPO, FILES)
        yield running


def test_a_model_of_the_hubs_becomes_one_of_the_visitors_own(client: TestClient, explorer: Explorer, hub: Hub) -> None:
    answer = client.post("/explorer/hub", params={"repository": REPO})
    assert answer.status_code == 200, answer.text
    assert explorer.gallery.on_disk(answer.text) == (CARD, WEIGHTS)
    session = opened({"id": answer.text}, Session(), explorer)
    assert (session.model, session.variant) == (answer.text, "linear")


@pytest.mark.parametrize(
    ("card", "sentence"),
    [
        ({"variant": "dense"}, "have the wrong tensors"),
        ({"title": "a\u202eb"}, "the card's title must be 1 to 80 letters"),
        ({"weights_sha256": "0" * 64}, "do not match the hash"),
        ({"dataset": "../x"}, "dataset must be mnist or digits"),
    ],
)
def test_what_would_not_be_taken_from_a_disk_is_not_taken_from_the_hub(
    client: TestClient, explorer: Explorer, hub: Hub, card: dict[str, str], sentence: str
) -> None:
    hub.add(REPO, FILES | {"card.json": replace(CARD, **card).to_json().encode()})  # type: ignore[arg-type]
    before = sorted(explorer.gallery.store.folder.iterdir())
    answer = client.post("/explorer/hub", params={"repository": REPO})
    assert answer.status_code == 400
    assert sentence in answer.text
    assert sorted(explorer.gallery.store.folder.iterdir()) == before


@pytest.mark.parametrize("repository", ["", "anna", "https://x.example/a/b", "127.0.0.1:1/a/b"])
def test_only_the_hub_is_asked(client: TestClient, hub: Hub, repository: str) -> None:
    answer = client.post("/explorer/hub", params={"repository": repository})
    assert answer.status_code == 400
    assert "a repository is named owner/name, got" in answer.text
    assert hub.asked == []


def test_without_a_network_the_page_says_so(client: TestClient) -> None:
    answer = client.post("/explorer/hub", params={"repository": REPO})
    assert answer.text == "this machine does not ask the Hub: HF_HUB_OFFLINE is set"


def test_the_hub_is_asked_seldom(explorer: Explorer, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(from_hub, "OFTEN", 2)
    with TestClient(Starlette(routes=routes(explorer))) as client:
        answers = [client.post("/explorer/hub", params={"repository": REPO}).status_code for _ in range(3)]
    assert answers == [200, 200, 429]
    assert len(hub.asked) == 8
