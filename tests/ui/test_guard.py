"""Nothing of the server is open but what the page needs."""

from __future__ import annotations

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from explorer.ui.guard import Doors, Guard


async def here(_: Request) -> PlainTextResponse:
    return PlainTextResponse("here")


@pytest.fixture(scope="module")
def client() -> TestClient:
    everything = Route("/{path:path}", here, methods=["GET", "POST"])
    return TestClient(Starlette(routes=[everything], middleware=[Middleware(Guard, Doors({0}, {0}, {"digit"}))]))


@pytest.mark.parametrize(
    "path",
    [
        "/monitoring",
        "/monitoring/summary",
        "/gradio_api/deep_link",
        "/gradio_api/process_recording",
        "/gradio_api/upload",
        "/gradio_api/run/predict",
        "/gradio_api/api/predict",
        "/gradio_api/runs",
        "/gradio_api/run-history/1",
        "/gradio_api/vibe-code",
        "/gradio_api/proxy=https://example.org/",
        "/gradio_api/file=https://example.org/x",
        "/gradio_api/FILE=HTTP://example.org/x",
    ],
)
def test_what_the_page_does_not_need_is_closed(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 404
    assert client.post(path).status_code == 404


def test_a_prefix_under_which_the_page_is_mounted_opens_nothing() -> None:
    everything = Route("/{path:path}", here, methods=["GET", "POST"])
    app = Starlette(routes=[everything], middleware=[Middleware(Guard, Doors({0}, {0}, {"digit"}))])
    client = TestClient(app, root_path="/autoencoder")
    assert client.get("/autoencoder/config").text == "here"
    for path in ("/monitoring", "/gradio_api/run/predict", "/gradio_api/file=/etc/passwd"):
        assert client.get(f"/autoencoder{path}").status_code == 404
        assert client.get(path).status_code == 404
    asked = client.post("/autoencoder/gradio_api/queue/join", json={"fn_index": 1})
    assert (asked.status_code, asked.text) == (404, "fn_index must be the number of one on this page, got 1")


@pytest.mark.parametrize(
    "path",
    ["/", "/config", "/gradio_api/queue/join", "/gradio_api/queue/data", "/gradio_api/info", "/explorer/map/a/b"],
)
def test_what_the_page_needs_is_open_and_taken_for_what_it_says_it_is(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.text == "here"
    assert answer.headers["x-content-type-options"] == "nosniff"
