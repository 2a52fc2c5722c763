"""The server has no side doors: what the page does not need is closed, and nobody may send or ask too much."""

from __future__ import annotations

import hashlib
import http.client
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx
import pytest

from explorer.ui.buckets import Buckets, address
from explorer.ui.guard import LONGEST_EVENT, LONGEST_QUESTION, PIECE
from tests.browser.conftest import ROOT
from tests.reliability.conftest import Standing
from tests.reliability.knocking import JSON, Knocker

API = "gradio_api/"


@pytest.fixture(scope="module")
def client(standing: Standing) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=standing.url, timeout=60) as client:
        yield client


def test_the_queue_cannot_be_gone_round(knocker: Knocker, client: httpx.Client) -> None:
    """Direct calls skip the queue and its limits: they are closed for every event, named or not."""
    for event in knocker.events:
        assert event["queue"], f"event {event['id']} can be called directly"
        for way in ("run", "api"):
            answer = client.post(f"{API}{way}/{event['api_name']}", json={"data": [], "fn_index": event["id"]})
            assert answer.status_code == 404


def test_no_event_has_the_page_copy_what_it_shows(knocker: Knocker) -> None:
    """At every event Gradio's page copies all components that ever wore its sign of loading: so none does."""
    triggered = [event for event in knocker.events if event["targets"]]
    assert len(triggered) > 100
    assert [event["id"] for event in triggered if event["show_progress_on"] != []] == []


def test_only_public_functions_can_be_called_by_name(
    standing: Standing, knocker: Knocker, client: httpx.Client
) -> None:
    public = {"models", "digit", "reconstruct", "encode", "decode", "fill", "denoise", "train"}
    lines = standing.log.count("\n")
    for name in {event["api_name"] for event in knocker.events} - public | {"unknown", "../digit", ""}:
        assert client.post(f"{API}call/{name}", json={"data": []}).status_code in (404, 405), name
    assert client.post(f"{API}call/v2/digit", json={"index": 3}).status_code == 404
    assert standing.log.count("\n") == lines
    assert client.post(f"{API}call/digit", json={"data": [3]}).status_code == 200


CLOSED = ["upload", "upload_progress?upload_id=a", "deep_link", "process_recording", "runs", "run-history/records"]
CLOSED += [
    "vibe-edit/",
    "vibe-code/",
    "stream/a",
    "proxy=http://a/",
    "file=https://a.example/",
    "file=http://127.0.0.1/",
]


@pytest.mark.parametrize("path", [*(API + path for path in CLOSED), "monitoring", "monitoring/summary"])
def test_what_nobody_needs_is_closed(client: httpx.Client, path: str) -> None:
    assert client.get(path).status_code == 404
    assert client.post(path, json={}).status_code == 404


FILES = [
    "app.py",
    "explorer/ui/page.py",
    "/etc/passwd",
    "/proc/self/environ",
    "../../etc/passwd",
    "pretrained/dense.json",
]
ESCAPES = ["..%2f..%2f..%2fetc%2fpasswd", "%2e%2e/%2e%2e/etc/passwd", "....//....//etc/passwd", "/etc/passwd%00.png"]


@pytest.mark.parametrize("file", [*FILES, *ESCAPES, str(ROOT / "app.py")])
@pytest.mark.parametrize("way", [f"{API}file=", f"{API}file/", "file=", "static/", "assets/", "explorer/static/1/"])
def test_no_file_of_the_server_can_be_read(client: httpx.Client, way: str, file: str) -> None:
    answer = client.get(f"{way}{file}")
    assert 400 <= answer.status_code < 500
    assert "root:" not in answer.text
    assert "explorer" not in answer.text.replace("explorer/", "") or len(answer.text) < 200


NAMES = ["../../x", "/abs", "a%00b", "n" * 300, "CON", "a%E2%80%AEb", "..", "dense/../../x", "~", "$(id)"]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_never_a_path(client: httpx.Client, name: str) -> None:
    before = outside()
    ways = [f"explorer/{what}/{name}/pca" for what in ("map", "clusters", "decoder", "replay")]
    ways += [f"explorer/take/{name}/model.zip", f"explorer/take/dense/{name}", f"explorer/point/{name}/pca?x=1&y=1"]
    for way in [*ways, f"explorer/map/dense/{name}"]:
        assert 400 <= client.get(way).status_code < 500, way
    assert outside() == before


def outside() -> str:
    """What lies in the program's own folders, in one hash."""
    digest = hashlib.sha256()
    for folder in ("explorer", "pretrained"):
        for file in sorted((ROOT / folder).rglob("*")):
            if "__pycache__" not in file.parts:
                digest.update(f"{file} {file.stat().st_mtime_ns}\n".encode())
    return digest.hexdigest()


@pytest.mark.parametrize(
    ("path", "limit"),
    [
        (f"{API}queue/join", LONGEST_EVENT),
        (f"{API}call/digit", LONGEST_EVENT),
        (f"{API}cancel", LONGEST_EVENT),
        (f"{API}reset", LONGEST_EVENT),
        (f"{API}component_server", LONGEST_QUESTION),
        ("login", LONGEST_EVENT),
        ("explorer/nothing", LONGEST_EVENT),
    ],
)
def test_no_request_may_be_longer_than_the_page_needs(
    standing: Standing, client: httpx.Client, path: str, limit: int
) -> None:
    before = standing.megabytes
    for _ in range(5):
        assert client.post(path, content=bytes(limit + 1), headers=JSON).status_code in (404, 413)
        form = client.post(path, files={"file": bytes(limit + 1)})
        assert form.status_code in (404, 413)
    assert standing.megabytes - before < 20


NOTHING = [b"", b"[]", b"{", b"[" * 100_000, b"\xff", b'{"data": NaN}', b'{"data": 1e400}', b'{"batched": true}']
NOTHING += [b'{"session_hash": 7}', b'{"session_hash": "../x"}', b'{"session_hash": "%s"}' % (b"a" * 65)]
NOTHING += [b'{"fn_index": 100000}', b'{"fn_index": true}', b'{"component_id": -1}']


@pytest.mark.parametrize("body", NOTHING)
def test_a_request_that_says_nothing_is_refused_in_a_sentence(
    standing: Standing, client: httpx.Client, body: bytes
) -> None:
    for path in ("queue/join", "component_server", "component_server/"):
        answer = client.post(API + path, content=body, headers=JSON)
        assert answer.status_code in (400, 404)
        assert 10 < len(answer.text) < 200
    assert "Traceback" not in standing.log


def test_one_visitor_who_asks_too_much_at_once_is_told_to_wait_and_others_are_not(knocker: Knocker) -> None:
    component = knocker.config["components"][0]["id"]
    body = f'{{"component_id": {component}, "fn_name": "x", "session_hash": "%s", "data": null}}'
    way = f"{API}component_server"
    for _ in range(200):
        answer = knocker.client.post(
            way, content=body % "greedy" + " " * 10 * PIECE, headers=JSON
        )  # as eleven questions
        if answer.status_code == 429:
            break
    assert "too much at once" in answer.text
    assert knocker.client.post(way, content=body % "modest", headers=JSON).status_code == 404


def test_a_line_outlasts_a_visitors_rest(standing: Standing) -> None:
    where = urlsplit(standing.url)
    line = http.client.HTTPConnection("127.0.0.1", where.port or 80, timeout=60)
    for rest in (6, 0):  # Uvicorn's own limit is 5 s
        line.request("GET", "/healthz")
        answer = line.getresponse()
        assert (answer.status, answer.read()[:1]) == (200, b"{")
        socket_of = line.sock
        time.sleep(rest)
    assert line.sock is socket_of is not None, "it was the same line"
    line.close()


def test_a_bucket_empties_at_once_and_fills_by_and_by() -> None:
    buckets = Buckets(burst=3, rate=2)
    assert [buckets.allows("a", now=0.0) for _ in range(4)] == [True, True, True, False]
    assert buckets.allows("b", now=0.0)
    assert not buckets.allows("a", now=0.4)
    assert buckets.allows("a", now=0.5)
    assert not buckets.allows("a", now=0.5)
    assert buckets.allows("a", 100.0, now=9.0), "what is larger than the bucket is allowed when it is full"
    assert not buckets.allows("a", now=9.0)


TOLD = "1.1.1.1, 2.2.2.2"


@pytest.mark.parametrize(
    ("proxies", "told", "expected"),
    [
        ("0", TOLD, "9.9.9.9"),
        ("1", TOLD, "2.2.2.2"),
        ("2", TOLD, "1.1.1.1"),
        ("3", TOLD, "9.9.9.9"),
        ("1", "", "9.9.9.9"),
    ],
)
def test_an_address_is_what_ones_own_proxies_saw(
    monkeypatch: pytest.MonkeyPatch, proxies: str, told: str, expected: str
) -> None:
    monkeypatch.setenv("EXPLORER_PROXIES", proxies)
    headers = [(b"x-forwarded-for", told.encode())] if told else []
    assert address({"type": "http", "client": ("9.9.9.9", 1), "headers": headers}) == expected


def test_two_hundred_visitors_cost_little(standing: Standing, knocker: Knocker) -> None:
    event = next(event for event in knocker.events if event["api_name"] == "models")
    knocker.ask(event["id"], [[]])
    before = standing.megabytes
    for _ in range(200):
        (answer,) = knocker.ask(event["id"], [[]])
        assert not answer.has_failed
    assert standing.megabytes - before < 30  # Gradio's own sessions would take 140
