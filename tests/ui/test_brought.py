"""What is brought back becomes the visitor's own model, or is refused in one sentence and leaves nothing behind."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import asdict, replace
from hashlib import sha256

import pytest
import torch
from safetensors import torch as safetensors
from starlette.applications import Starlette
from starlette.testclient import TestClient

from explorer.analysis.maps import Maps
from explorer.models.checkpoint import Card, CheckpointError, unpack
from explorer.models.parcel import LARGEST_PARCEL, wrap
from explorer.models.registry import named
from explorer.training.jobs import Jobs
from explorer.training.store import RunStore
from explorer.ui.brought import keep, opened
from explorer.ui.explorer import Explorer
from explorer.ui.gallery import Gallery
from explorer.ui.library import Library
from explorer.ui.serving import routes
from explorer.ui.session import MINE, Session
from tests.cases import Case, card_for
from tests.models.test_checkpoint import CARD, REFUSED, WEIGHTS
from tests.ui.test_views import no_work


@pytest.fixture(scope="module")
def explorer(tmp_path_factory: pytest.TempPathFactory) -> Explorer:
    return Explorer(Library(), Gallery(RunStore(tmp_path_factory.mktemp("runs"))), Jobs(no_work))


@pytest.fixture(scope="module")
def client(explorer: Explorer) -> Iterator[TestClient]:
    app = Starlette(routes=routes(explorer), max_body_size=6 * 2**20)  # as the page is served
    with TestClient(app) as client:
        yield client


def kept(explorer: Explorer) -> set[str]:
    return {file.name for file in explorer.gallery.store.folder.iterdir()}


def sealed(weights: bytes, **other: object) -> bytes:
    """A zip whose card fits the weights' hash."""
    return wrap(replace(CARD, weights_sha256=sha256(weights).hexdigest(), **other), weights)  # type: ignore[arg-type]


@pytest.mark.parametrize("model", ["dense", "k_sparse", "masked"])
def test_a_model_that_went_home_comes_back_the_same(client: TestClient, explorer: Explorer, model: str) -> None:
    home = client.get(f"/explorer/take/{model}/model.zip").content
    answer = client.post("/explorer/bring", content=home)
    assert answer.status_code == 200
    session = opened({"id": answer.text}, Session(), explorer)
    assert (session.model, session.variant, session.mine) == (answer.text, model, (answer.text,))
    exhibit, theirs = explorer.current(session).exhibit, explorer.gallery.open(model, explorer.library.dataset)
    assert exhibit.card == theirs.card
    same = theirs.model.state_dict()
    assert all(torch.equal(tensor, same[name]) for name, tensor in exhibit.model.state_dict().items())
    assert client.get(f"/explorer/take/{answer.text}/model.zip").content == home
    *_, maps = explorer.gallery.store.read(answer.text)
    assert Maps.from_bytes(maps).dataset_sha256 == explorer.library.dataset.sha256, "drawn once, and kept"


def test_card_and_weights_may_come_one_after_the_other(client: TestClient, explorer: Explorer) -> None:
    card = CARD.to_json().encode()
    answer = client.post(f"/explorer/bring?card={len(card)}", content=card + WEIGHTS)
    assert explorer.gallery.on_disk(answer.text) == (CARD, WEIGHTS)


def test_more_than_other_requests_may_hold_is_taken_but_not_more_than_a_model(client: TestClient) -> None:
    many = safetensors.save({"w": torch.zeros(2 * 2**20)})  # 8 MiB, and no model
    assert "have the wrong tensors" in client.post("/explorer/bring", content=sealed(many)).text
    assert client.post("/explorer/bring", content=bytes(LARGEST_PARCEL + 1)).status_code == 413


@pytest.mark.parametrize("what", [what for what in REFUSED if what != "21 MB"])
def test_bad_weights_are_refused_in_one_sentence_and_nothing_is_kept(
    client: TestClient, explorer: Explorer, what: str
) -> None:
    weights, sentence = REFUSED[what]
    before = kept(explorer)
    answer = client.post("/explorer/bring", content=sealed(weights))
    assert answer.status_code == 400
    assert sentence in answer.text
    assert "\n" not in answer.text
    assert kept(explorer) == before


@pytest.mark.parametrize(
    ("other", "sentence"),
    [
        ({"variant": "cyclic"}, "variant must be one of"),
        ({"variant": "dense"}, "have the wrong tensors"),
        ({"weights_sha256": "0" * 64}, "do not match the hash"),
        ({"settings": {"latent_dim": 10**9}}, "latent_dim must lie between"),
        ({"training": {"epochs": "<b>"}}, "epochs must be"),
        ({"training": {"hook": "os.system"}}, "unknown setting 'hook'"),
        ({"dataset": "../../x"}, "dataset must be mnist or digits"),
        ({"title": "x" * 81}, "the card's title must be 1 to 80 letters"),
        ({"title": "a\u202eb"}, "the card's title must be 1 to 80 letters"),
        ({"title": ""}, "the card's title must be 1 to 80 letters"),
        ({"figures": {}}, "figures must hold mse"),
        ({"name": "../x"}, "the card's name must be up to 60 letters"),
    ],
)
def test_a_card_that_no_training_wrote_is_refused(
    client: TestClient, explorer: Explorer, other: dict[str, object], sentence: str
) -> None:
    card = json.dumps(asdict(CARD) | other).encode()
    before = kept(explorer)
    answer = client.post(f"/explorer/bring?card={len(card)}", content=card + WEIGHTS)
    assert answer.status_code == 400
    assert sentence in answer.text
    assert kept(explorer) == before


@pytest.mark.parametrize("size", ["-1", "1e3", "65537", "9" * 5000, "²", "x", "%00"])
def test_the_size_of_a_card_is_a_number_within_bounds(client: TestClient, size: str) -> None:
    answer = client.post("/explorer/bring", params={"card": size}, content=WEIGHTS)
    assert answer.status_code == 400
    assert "a card may have 65,536 bytes" in answer.text


def test_a_model_whose_answers_overflow_is_refused(explorer: Explorer) -> None:
    case = Case(named("dense"), named("dense").config.from_dict({"depth": 3}))
    huge = {name: torch.full_like(tensor, 1e6) for name, tensor in case.model().state_dict().items()}
    last = [name for name in huge if name.startswith("decoder") and name.endswith("weight")][-1]
    huge[last][:, ::2] *= -1  # infinity minus infinity
    weights = safetensors.save(huge)
    before = kept(explorer)
    with pytest.raises(CheckpointError, match="answers with numbers that are not finite"):
        keep(explorer, wrap(card_for(case, weights), weights), "0")
    assert kept(explorer) == before


def test_300_damaged_zips_raise_nothing_else(explorer: Explorer) -> None:
    draw, good = random.Random(0), wrap(CARD, WEIGHTS)
    for _ in range(300):
        damaged = bytearray(good)
        for _ in range(draw.randint(1, 6)):
            at = draw.choice([draw.randrange(60), draw.randrange(len(good)), len(good) - 1 - draw.randrange(900)])
            damaged[at] = draw.randrange(256)
        try:
            run = keep(explorer, bytes(damaged[: draw.choice([len(damaged), draw.randrange(len(damaged))])]), "0")
        except CheckpointError:
            continue
        card, weights = explorer.gallery.on_disk(run)
        assert weights == WEIGHTS
        assert isinstance(card, Card)
        unpack(card, weights)


@pytest.mark.parametrize("value", [None, {}, {"id": 3}, {"id": "dense"}, {"id": "../../etc"}, {"id": "A" * 22}, "x"])
def test_only_a_model_that_is_here_is_opened(explorer: Explorer, value: object) -> None:
    with pytest.raises(ValueError, match="no such model was brought"):
        opened(value, Session(), explorer)


def test_of_many_models_the_newest_stay(explorer: Explorer) -> None:
    run = keep(explorer, wrap(CARD, WEIGHTS), "0")
    full = tuple(str(number) for number in range(MINE))
    session = opened({"id": run}, Session(mine=full), explorer)
    assert session.mine == (*full[1:], run)
    assert [record.card for record in session.records] == [CARD], "the scoreboard has it too"
    assert opened({"id": run}, Session(mine=(run, "a")), explorer).mine == (run, "a")
