"""Every failure is said: a sentence and a reference for the visitor, all the rest in the log under that reference."""

from __future__ import annotations

import asyncio
import json
import logging
import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.testclient import TestClient

from explorer.training.jobs import Jobs
from explorer.training.store import RunStore
from explorer.ui import brought, from_hub, serving
from explorer.ui.components.component import static
from explorer.ui.explorer import Explorer
from explorer.ui.failure import Blocks, Spoken, in_words
from explorer.ui.gallery import Gallery
from explorer.ui.health import Health
from explorer.ui.library import Library
from explorer.ui.page import Page, said
from explorer.ui.server import build
from tests.ui.test_views import no_work

pytestmark = pytest.mark.filterwarnings("ignore:'future.no_silent_downcasting'")  # Gradio's, when it counts failures
HIDDEN = "lost /srv/explorer/secret.py"
SENTENCE = re.compile(r"^Something went wrong here \(reference ([0-9a-f]{6})\)\.$")


def fail(*_: Any, **__: Any) -> Any:
    raise RuntimeError(HIDDEN)


class Broken:
    """An explorer of which nothing works."""

    def __getattr__(self, name: str) -> Any:
        return fail()


def check_said(words: str, log: pytest.LogCaptureFixture) -> None:
    """The sentence names a reference, and the log has the error and its traceback under it."""
    said = SENTENCE.match(words)
    assert said, words
    records = [record for record in log.records if vars(record).get("reference") == said[1]]
    assert len(records) == 1
    assert said[1] in records[0].getMessage()
    assert records[0].exc_info is not None
    assert HIDDEN in str(records[0].exc_info[1])


async def served(explorer: Explorer) -> tuple[Blocks, str]:
    """The page and its address; an event loop runs meanwhile, without which Gradio leaves four open behind."""
    demo = build(explorer)
    kwargs = {"middleware": [Middleware(Spoken)]}
    launch = demo.queue(api_open=False).launch
    _, address, _ = launch(prevent_thread_lock=True, quiet=True, ssr_mode=False, show_error=False, app_kwargs=kwargs)
    return demo, address


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Blocks, httpx.Client]]:
    """The whole page, served, none of whose server functions works."""
    explorer = Explorer(Library(), Gallery(RunStore(tmp_path_factory.mktemp("runs"))), Jobs(no_work))
    answering = Page.answering
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Page, "answering", lambda page, _, *about: answering(page, fail, *about))
        demo, address = asyncio.run(served(explorer))
    with httpx.Client(base_url=f"{address}gradio_api", timeout=60) as client:
        yield demo, client
    demo.close()


def test_every_handler_that_fails_says_so(
    page: tuple[Blocks, httpx.Client], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    demo, client = page
    handlers = {number: handler for number, handler in demo.fns.items() if handler.fn is not None}
    assert len(handlers) > 50
    pressed = {}
    monkeypatch.setattr("explorer.ui.contract.require", lambda *_: None)  # any values will do
    for number, handler in handlers.items():
        monkeypatch.setattr(handler, "fn", fail)
        monkeypatch.setattr(handler, "preprocess", False)
        asked = {"data": [None] * len(handler.inputs), "fn_index": number, "session_hash": "visitor"}
        pressed[client.post("/queue/join", json=asked).json()["event_id"]] = number
    with client.stream("GET", "/queue/data", params={"session_hash": "visitor"}) as stream:
        told = (json.loads(line.removeprefix("data: ")) for line in stream.iter_lines() if line)
        while pressed:
            event = next(told)
            if event["msg"] == "process_completed":
                del pressed[event["event_id"]]
                assert not event["success"]
                assert HIDDEN not in json.dumps(event)
                check_said(event["output"]["error"], caplog)


def test_every_server_function_that_fails_says_so(
    page: tuple[Blocks, httpx.Client], caplog: pytest.LogCaptureFixture
) -> None:
    demo, client = page
    offered = [
        (number, name)
        for number, block in demo.blocks.items()
        for name in vars(block)
        if getattr(getattr(block, name), "_is_server_fn", False)
    ]
    assert len(offered) > 10
    for number, name in offered:
        asked = {"component_id": number, "fn_name": name, "data": [], "session_hash": "anybody"}
        answer = client.post("/component_server", json=asked)
        check_said(answer.json()["error"], caplog)


@pytest.mark.parametrize(
    "address",
    [
        *(f"explorer/{what}/dense/pca" for what in ("map", "clusters", "decoder", "duel", "replay", "thumbnails")),
        "explorer/point/dense/pca?x=1&y=1",
        *(f"explorer/take/dense/{what}" for what in ("model.zip", "codes.csv", "encoder.onnx", "lesson.ipynb")),
        "explorer/bring",
        "explorer/hub",
        static("strip.js"),
        "healthz",
        "readyz",
    ],
)
def test_every_address_that_fails_says_so(
    address: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    explorer: Any = Broken()
    monkeypatch.setattr(serving, "packed", fail)
    monkeypatch.setattr(brought, "keep", fail)
    monkeypatch.setattr(from_hub, "pulled", fail)
    app = Starlette(routes=[*serving.routes(explorer), *Health(explorer).routes()], middleware=[Middleware(Spoken)])
    client = TestClient(app, raise_server_exceptions=False)
    is_post = address in ("explorer/bring", "explorer/hub")
    answer = client.post(address, content=b"{}") if is_post else client.get(address)
    assert answer.status_code == 500
    check_said(answer.text, caplog)


def test_a_sentence_for_people_is_said_as_it_is_and_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    assert in_words(ValueError("k must lie between 1 and 64, got 0")) == "k must lie between 1 and 64, got 0"
    assert not caplog.records


@pytest.mark.parametrize(
    "error",
    [
        ValueError("cannot read /srv/explorer/secret.py"),
        ValueError("first line\nsecond line"),
        ValueError(),
        OSError(HIDDEN),
        KeyError("secret"),
    ],
)
def test_what_was_not_written_for_people_is_not_said(error: Exception) -> None:
    assert SENTENCE.match(in_words(error))


def test_what_the_machine_answered_is_said_without_the_file(caplog: pytest.LogCaptureFixture) -> None:
    words = in_words(OSError(5, "Input/output error", "/srv/explorer/runs/a.npz"))
    assert re.match(r"This machine answered: Input/output error \(reference [0-9a-f]{6}\)\.$", words)
    assert caplog.records[0].exc_info is not None
    assert "a.npz" in str(caplog.records[0].exc_info[1])


def test_a_handlers_own_net_says_the_same(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.ERROR)
    with pytest.raises(Exception, match="reference") as caught:
        said(fail)(1, 2)
    check_said(vars(caught.value)["message"], caplog)
