"""What the browser fetches besides the page: only what there is, and a sentence for anything else."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from explorer.training.jobs import Jobs
from explorer.training.store import RunStore
from explorer.ui.explorer import Explorer
from explorer.ui.gallery import Gallery
from explorer.ui.library import Library
from explorer.ui.serving import routes

POINT = "/explorer/point/dense-2d/code"


def no_work(*_: Any, **__: Any) -> Any:
    raise AssertionError("nothing that is fetched starts a training")


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    explorer = Explorer(Library(), Gallery(RunStore(tmp_path_factory.mktemp("runs"))), Jobs(no_work))
    with TestClient(Starlette(routes=routes(explorer))) as client:
        yield client


def test_a_point_of_a_map_comes_as_784_grey_values(client: TestClient) -> None:
    answer = client.get(POINT, params={"x": 0.5, "y": -1})
    assert answer.status_code == 200
    assert len(base64.b64decode(answer.text)) == 784


@pytest.mark.parametrize(
    ("address", "asked", "sentence"),
    [
        (POINT, {"y": 1}, "x must be a number, got None"),
        (POINT, {"x": "left", "y": 1}, "x must be a number, got 'left'"),
        (POINT, {"x": "nan", "y": 1}, "a point of the map is two numbers"),
        (POINT, {"x": "1e9", "y": 1}, "a point of the map is two numbers"),
        ("/explorer/point/masked/pca", {"x": 1, "y": 1}, "no point of this map can be decoded"),
        ("/explorer/point/nobody/pca", {"x": 1, "y": 1}, "this model is no longer kept"),
    ],
)
def test_a_point_that_cannot_be_decoded_is_refused_in_a_sentence(
    client: TestClient, address: str, asked: dict[str, str | int], sentence: str
) -> None:
    answer = client.get(address, params=asked)
    assert answer.status_code == 400
    assert sentence in answer.text


@pytest.mark.parametrize(
    "address",
    [
        "/explorer/map/nobody/pca",
        "/explorer/map/dense/nothing",
        "/explorer/secrets/dense/pca",
        "/explorer/static/1/app.py",
    ],
)
def test_what_does_not_exist_is_not_found(client: TestClient, address: str) -> None:
    assert client.get(address).status_code == 404
