"""What is taken home is what the page has: to the bit, under a safe name, and only of models that one knows."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from starlette.applications import Starlette
from starlette.testclient import TestClient

from explorer.models.checkpoint import load, pack
from explorer.models.registry import named
from explorer.training.jobs import Jobs
from explorer.training.notebooks import notebook, to_bytes
from explorer.training.store import RunStore
from explorer.ui.explorer import Explorer
from explorer.ui.gallery import SHIPPED, Gallery
from explorer.ui.library import Library
from explorer.ui.serving import routes
from tests.cases import Case, card_for
from tests.ui.test_views import no_work


@pytest.fixture(scope="module")
def explorer(tmp_path_factory: pytest.TempPathFactory) -> Explorer:
    return Explorer(Library(), Gallery(RunStore(tmp_path_factory.mktemp("runs"))), Jobs(no_work))


@pytest.fixture(scope="module")
def client(explorer: Explorer) -> Iterator[TestClient]:
    with TestClient(Starlette(routes=routes(explorer))) as client:
        yield client


@pytest.mark.parametrize("model", ["dense", "masked", "variational-2d"])
def test_a_model_comes_home_to_the_bit(client: TestClient, model: str, tmp_path: Path) -> None:
    answer = client.get(f"/explorer/take/{model}/model.zip")
    assert answer.headers["content-disposition"] == f'attachment; filename="{model}.zip"'
    assert answer.headers["cache-control"] == "no-store"
    zipfile.ZipFile(io.BytesIO(answer.content)).extractall(tmp_path)
    for part in ("safetensors", "json"):
        assert (tmp_path / f"{model}.{part}").read_bytes() == (SHIPPED / f"{model}.{part}").read_bytes()
    ours, card = load(tmp_path, model)
    theirs, expected = load(SHIPPED, model)
    assert card == expected
    assert all(torch.equal(tensor, theirs.state_dict()[name]) for name, tensor in ours.state_dict().items())


def test_a_visitors_model_is_taken_by_its_id(client: TestClient, explorer: Explorer, tmp_path: Path) -> None:
    case = Case(named("linear"), named("linear").config())
    weights = pack(case.model())
    run = explorer.gallery.store.keep(weights, card_for(case, weights), b"")
    answer = client.get(f"/explorer/take/{run}/model.zip")
    assert answer.headers["content-disposition"] == 'attachment; filename="linear.zip"'
    zipfile.ZipFile(io.BytesIO(answer.content)).extractall(tmp_path)
    assert (tmp_path / "linear.safetensors").read_bytes() == weights
    assert client.get(f"/explorer/take/{run[:-1]}{'A' if run[-1] != 'A' else 'B'}/model.zip").status_code == 404


def test_the_table_of_codes_reads_back_as_the_codes(client: TestClient, explorer: Explorer) -> None:
    answer = client.get("/explorer/take/variational-2d/codes.csv")
    head, *rows = csv.reader(io.StringIO(answer.text))
    assert head == ["index", "label", "z_1", "z_2"]
    dataset = explorer.library.dataset
    exhibit = explorer.gallery.open("variational-2d", dataset)
    table = np.array(rows)
    assert table[:, 0].astype(int).tolist() == list(range(len(dataset.test_labels)))
    assert np.array_equal(table[:, 1].astype(np.uint8), dataset.test_labels)
    assert np.array_equal(table[:, 2:].astype(np.float32), explorer.gallery.codes(exhibit, dataset).numpy())


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("dense/app.py", "there is nothing of that name, only model.zip, codes.csv"),
        ("dense/..%2fdense.json", "Not Found"),
        ("nobody/model.zip", "this model is no longer kept"),
        ("..%2f..%2fetc/model.zip", "Not Found"),
        ("%2e%2e/model.zip", "this model is no longer kept"),
        ("a%00b/codes.csv", "this model is no longer kept"),
        ("x" * 300 + "/codes.csv", "this model is no longer kept"),
        ("sweep/model.zip", "this model is no longer kept"),
    ],
)
def test_what_cannot_be_taken_is_not_found(client: TestClient, address: str, sentence: str) -> None:
    answer = client.get(f"/explorer/take/{address}")
    assert answer.status_code == 404
    assert sentence in answer.text


def test_where_packages_are_missing_onnx_is_refused_in_a_sentence(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("explorer.models.exchange.find_spec", lambda _: None)
    answer = client.get("/explorer/take/dense/encoder.onnx")
    assert answer.status_code == 404
    assert "needs packages that are not installed: onnx, onnxscript" in answer.text
    assert "has no decoder" in client.get("/explorer/take/masked/decoder.onnx").text


def test_the_notebook_is_that_of_the_models_variant(client: TestClient) -> None:
    answer = client.get("/explorer/take/dense-2d/lesson.ipynb")
    assert answer.headers["content-disposition"] == 'attachment; filename="dense.ipynb"'
    assert answer.content == to_bytes(notebook(named("dense")))
