"""What those who run the explorer see of it: a log that programs can read, readiness, and figures."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import runpy
import shutil
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from explorer.training.cost import BUDGET
from explorer.training.jobs import Jobs
from explorer.training.store import RunStore
from explorer.ui.explorer import Explorer, writable
from explorer.ui.gallery import SHIPPED, Gallery
from explorer.ui.health import Health
from explorer.ui.library import Library
from explorer.ui.logs import JsonLines
from explorer.ui.metrics import CountedErrors, CountedRequests, Metrics
from explorer.ui.server import require_numbers
from explorer.ui.session import FIRST_MODEL
from tests.ui.test_views import no_work


def explorer_with(shipped: Path, runs: Path) -> Explorer:
    return Explorer(Library(), Gallery(RunStore(runs), shipped), Jobs(no_work))


@pytest.fixture
def shipped(tmp_path: Path) -> Path:
    """Two shipped models, the first view's among them."""
    folder = tmp_path / "pretrained"
    folder.mkdir()
    for name in (FIRST_MODEL, "dense"):
        for part in ("json", "safetensors", "npz"):
            shutil.copy(SHIPPED / f"{name}.{part}", folder)
    return folder


def flip_a_bit(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)


def test_a_log_line_is_one_json_object_with_the_reference_and_the_traceback() -> None:
    try:
        raise RuntimeError("two\nlines")
    except RuntimeError:
        about = sys.exc_info()
    record = logging.LogRecord("explorer", logging.ERROR, "", 0, "failed %s", ("today\n",), about)
    record.reference = "3f2a9c"
    line = JsonLines().format(record)
    assert "\n" not in line
    told = json.loads(line)
    assert told["message"] == "failed today\n"
    assert (told["level"], told["logger"], told["reference"]) == ("ERROR", "explorer", "3f2a9c")
    assert told["error"].startswith("Traceback")
    assert "reference" not in json.loads(JsonLines().format(logging.LogRecord("a", 20, "", 0, "fine", (), None)))


def test_it_is_ready_only_when_the_weights_are_checked(shipped: Path, tmp_path: Path) -> None:
    health = Health(explorer_with(shipped, tmp_path / "runs"))
    client = TestClient(Starlette(routes=health.routes()))
    before = client.get("/readyz")
    assert before.status_code == 503
    assert before.json()["reason"] == "the shipped weights are being checked"
    assert client.get("/healthz").json()["ok"]
    health.check()
    assert client.get("/readyz").json() == {"ready": True, "reason": "", "broken": [], "preparing": True}
    health.explorer.prepared.set()
    assert not client.get("/readyz").json()["preparing"]


@pytest.mark.parametrize("damaged", [FIRST_MODEL, "dense"])
def test_it_is_ready_without_a_model_whose_weights_are_damaged_and_names_it(
    damaged: str, shipped: Path, tmp_path: Path
) -> None:
    flip_a_bit(shipped / f"{damaged}.safetensors")
    health = Health(explorer_with(shipped, tmp_path / "runs"))
    health.check()
    answer = TestClient(Starlette(routes=health.routes())).get("/readyz")
    assert answer.status_code == 200
    assert answer.json()["broken"] == [damaged]


def test_it_is_not_ready_without_any_model(shipped: Path, tmp_path: Path) -> None:
    for file in shipped.glob("*.safetensors"):
        file.unlink()
    health = Health(explorer_with(shipped, tmp_path / "runs"))
    health.check()
    answer = TestClient(Starlette(routes=health.routes())).get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["reason"] == "none of the shipped models can be used"


@pytest.mark.parametrize(
    ("said", "host"),
    [({}, "127.0.0.1"), ({"GRADIO_SERVER_NAME": "0.0.0.0"}, "0.0.0.0"), ({"HOST": "::1"}, "::1")],  # noqa: S104
)
def test_it_listens_where_it_is_told_and_on_a_space_where_the_platform_says(
    said: dict[str, str], host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    server, asked = ModuleType("explorer.ui.server"), list[tuple[str, int]]()
    vars(server).update(launch=lambda *where: asked.append(where), require_numbers=require_numbers)
    monkeypatch.setitem(sys.modules, "explorer.ui.server", server)
    for name in ("HOST", "PORT", "GRADIO_SERVER_NAME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in said.items():
        monkeypatch.setenv(name, value)
    runpy.run_path(str(Path(__file__).parents[2] / "app.py"), run_name="__main__")
    assert asked == [(host, 7860)]


@pytest.mark.parametrize(
    ("name", "value", "wanted"),
    [
        ("PORT", "http", "a whole number"),
        ("PORT", "-1", "a whole number"),
        ("EXPLORER_PROXIES", "1.5", "a whole number"),
        ("EXPLORER_BUDGET", "nan", "a number"),
    ],
)
def test_a_setting_that_is_no_number_is_named_before_anything_is_loaded(
    name: str, value: str, wanted: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit, match=rf"^{name} must be {wanted} from 0 on, got '{value}'$"):
        require_numbers()


def test_settings_that_are_numbers_or_empty_are_let_by(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("PORT", ""), ("EXPLORER_PROXIES", "2"), ("EXPLORER_BUDGET", "inf")):
        monkeypatch.setenv(name, value)
    require_numbers()
    assert float(os.environ["EXPLORER_BUDGET"]) > BUDGET


def test_a_cache_folder_that_cannot_be_written_costs_only_what_is_kept(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "cache").write_bytes(b"a file where the folder should be")
    store = writable(tmp_path / "cache" / "runs")
    assert list(store.folder.iterdir()) == []
    assert "kept only until the next start" in caplog.text
    store.folder.rmdir()
    assert writable(tmp_path / "runs").folder == tmp_path / "runs"


def counted(metrics: Metrics) -> dict[str, float]:
    """What the address of the figures tells, by name."""
    text = TestClient(Starlette(routes=[metrics.route()])).get("/metrics").text
    lines = (line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
    return {name: float(value) for name, value in lines}


def test_the_figures_follow_what_happens(shipped: Path, tmp_path: Path) -> None:
    explorer = explorer_with(shipped, tmp_path / "runs")
    metrics = Metrics(explorer)
    (explorer.gallery.store.folder / "a.npz").write_bytes(bytes(1234))
    metrics.events.observe(0.03)
    handler = CountedErrors(metrics)
    handler.handle(logging.LogRecord("explorer", logging.ERROR, "", 0, "failed", (), None))
    during: list[float] = []

    async def page(_: Request) -> PlainTextResponse:
        during.append(counted(metrics)["explorer_visitors"])
        return PlainTextResponse("")

    app = Starlette(routes=[Route("/{rest:path}", page)], middleware=[Middleware(CountedRequests, metrics=metrics)])
    client = TestClient(app)
    client.get("/gradio_api/heartbeat/abc")
    client.post("/config")
    told = counted(metrics)
    assert during == [1.0]
    assert told["explorer_visitors"] == 0
    assert told['explorer_requests_total{status="200"}'] == 1
    assert told['explorer_requests_total{status="405"}'] == 1
    assert told["explorer_errors_total"] == 1
    assert told['explorer_event_seconds_bucket{le="0.025"}'] == 0
    assert told['explorer_event_seconds_bucket{le="0.05"}'] == 1
    assert told["explorer_store_bytes"] == 1234
    assert told["explorer_jobs_waiting"] == told["explorer_jobs_running"] == 0


def test_a_request_that_ends_early_is_no_visitor_any_more(shipped: Path, tmp_path: Path) -> None:
    metrics = Metrics(explorer_with(shipped, tmp_path / "runs"))

    async def gone(*_: Any) -> Any:
        raise ConnectionError

    asked = CountedRequests(gone, metrics)({"type": "http", "path": "/heartbeat/a"}, gone, gone)
    with pytest.raises(ConnectionError):
        asyncio.run(asked)
    assert counted(metrics)["explorer_visitors"] == 0
