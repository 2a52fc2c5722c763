"""A hub on this machine: it answers the requests of huggingface_hub's client that a push and a pull make."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha1
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

import pytest
import yaml
from huggingface_hub import close_session, constants

TOKEN = "hf_that_may_write"  # noqa: S105


class Request(BaseHTTPRequestHandler):
    """One request; ``Hub.answers`` may have another answer to it."""

    hub: Hub

    def do_HEAD(self) -> None:
        self.route({r"/(\w+/[\w.-]+)/resolve/([^/]+)/([\w.]+)": self.file})

    def do_GET(self) -> None:
        routes: dict[str, Callable[..., None]] = {
            r"/(\w+/[\w.-]+)/resolve/([^/]+)/([\w.]+)": self.file,
            r"/stored/(\w+)": self.stored,
        }
        self.route({**routes, r"/api/models/(\w+/[\w.-]+)": self.known})

    def do_PUT(self) -> None:
        self.route({r"/stored/(\w+)": self.store})

    def do_POST(self) -> None:
        if self.headers["Authorization"] != f"Bearer {TOKEN}":
            return self.say({"error": "who are you"}, 401)
        return self.route(
            {
                r"/api/repos/create": self.create,
                r"/api/validate-yaml": self.validate,
                r"/api/models/(\w+/[\w.-]+)/preupload/main": self.announce,
                r"/api/models/(\w+/[\w.-]+)/commit/main": self.commit,
                r"/(\w+/[\w.-]+)\.git/info/lfs/objects/batch": self.places,
            }
        )

    def route(self, routes: Mapping[str, Callable[..., None]]) -> None:
        self.hub.asked.append(f"{self.command} {self.path}")
        self.hub.tokens.append(self.headers["Authorization"])
        for pattern, answer in routes.items():
            if found := re.fullmatch(pattern, self.path):
                return answer(*found.groups())
        return self.say({"error": "no such address"}, 404)

    @property
    def body(self) -> bytes:
        return self.rfile.read(int(self.headers["Content-Length"]))

    def say(self, what: object, status: int = 200) -> None:
        self.send(json.dumps(what).encode(), status)

    def send(self, content: bytes, status: int = 200, **headers: str) -> None:
        self.send_response(status)
        for name, value in ({"Content_Length": str(len(content))} | headers).items():
            if value:
                self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def known(self, repo: str) -> None:
        self.say({"id": repo} if repo in self.hub.heads else {"error": "none"}, 200 if repo in self.hub.heads else 404)

    def create(self) -> None:
        asked = json.loads(self.body)
        repo = f"{asked['organization']}/{asked['name']}"
        if repo.startswith("foreign/"):
            return self.say({"error": "not yours"}, 403)
        is_new = repo not in self.hub.heads
        self.hub.heads.setdefault(repo, "")
        return self.say({"url": f"{self.hub.url}/{repo}"}, 200 if is_new else 409)

    def validate(self) -> None:
        head = yaml.safe_load(json.loads(self.body)["content"].split("---\n")[1])
        self.say({}, 200 if {"license", "library_name", "model-index"} <= head.keys() else 400)

    def announce(self, repo: str) -> None:
        modes = {file["path"]: self.hub.stores(file["path"]) for file in json.loads(self.body)["files"]}
        files = [{"path": p, "uploadMode": "lfs" if lfs else "regular"} for p, lfs in modes.items()]
        self.say({"files": [{**file, "shouldIgnore": False, "oid": None} for file in files]})

    def places(self, repo: str) -> None:
        objects = json.loads(self.body)["objects"]
        ways = [{"upload": {"href": f"{self.hub.url}/stored/{one['oid']}"}} for one in objects]
        self.say(
            {"transfer": "basic", "objects": [{**one, "actions": way} for one, way in zip(objects, ways, strict=True)]}
        )

    def store(self, oid: str) -> None:
        self.hub.storage[oid] = self.body
        self.say({})

    def stored(self, oid: str) -> None:
        self.send(self.hub.storage[oid])

    def commit(self, repo: str) -> None:
        files = dict(self.hub.commits.get(self.hub.heads[repo], {}))
        for line in self.body.splitlines():
            item: dict[str, Any] = json.loads(line)
            if item["key"] == "file":
                files[item["value"]["path"]] = base64.b64decode(item["value"]["content"])
            elif item["key"] == "lfsFile":
                files[item["value"]["path"]] = item["value"]["oid"]
        oid = self.hub.add(repo, files)
        self.say({"commitUrl": f"{self.hub.url}/{repo}/commit/{oid}", "commitOid": oid})

    def file(self, repo: str, revision: str, name: str) -> None:
        if special := self.hub.answers.get(f"{self.command} {name}"):
            return special(self)
        if repo not in self.hub.heads:
            return self.send(b"", 404, X_Error_Code="RepoNotFound")
        commit = self.hub.heads[repo] if revision == "main" else revision
        if commit not in self.hub.commits:
            return self.send(b"", 404, X_Error_Code="RevisionNotFound")
        content = self.hub.commits[commit].get(name)
        if content is None:
            return self.send(b"", 404, X_Error_Code="EntryNotFound")
        if isinstance(content, bytes):
            return self.send(content, X_Repo_Commit=commit)
        place, size = f"http://localhost:{self.hub.port}/stored/{content}", len(self.hub.storage[content])
        return self.send(b"", 302, Location=place, X_Repo_Commit=commit, X_Linked_Size=str(size))  # as to a CDN

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Not into the terminal: tests read in ``Hub.asked`` what was asked."""


Answer = Callable[[Request], None]


@dataclass
class Hub:
    """Its repositories; ``lfs``: whether weights are stored elsewhere; ``answers`` for "HEAD name" and "GET name"."""

    lfs: bool = False
    port: int = 0
    heads: dict[str, str] = field(default_factory=dict)
    commits: dict[str, dict[str, bytes | str]] = field(default_factory=dict)
    storage: dict[str, bytes] = field(default_factory=dict)
    answers: dict[str, Answer] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    tokens: list[str | None] = field(default_factory=list)
    closing: Event = field(default_factory=Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def stores(self, name: str) -> bool:
        return self.lfs and name.endswith(".safetensors")

    def add(self, repo: str, files: Mapping[str, bytes | str]) -> str:
        """The commit that makes these a repository's files."""
        oid = sha1(repr((repo, len(self.commits))).encode(), usedforsecurity=False).hexdigest()
        self.commits[oid] = dict(files)
        self.heads[repo] = oid
        return oid


@contextmanager
def serving(patch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """A hub that runs until the test has ended, and that huggingface_hub takes for its own in the meantime."""
    hub = Hub()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (Request,), {"hub": hub}))
    hub.port = server.server_port
    use(patch, hub.url)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield hub
    finally:
        close_session()
        hub.closing.set()
        server.shutdown()
        server.server_close()
        thread.join()


def use(patch: pytest.MonkeyPatch, url: str) -> None:
    """What HF_ENDPOINT does, for a huggingface_hub that has been imported already."""
    patch.setattr(constants, "ENDPOINT", url)
    patch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", url + "/{repo_id}/resolve/{revision}/{filename}")
    patch.setattr(constants, "HF_HUB_OFFLINE", False)
    patch.setattr(constants, "HF_HUB_DISABLE_XET", True)
    patch.delenv("HF_TOKEN", raising=False)
    patch.setattr(constants, "HF_TOKEN_PATH", "/nowhere")


def refuses(status: int, code: str = "") -> Answer:
    return lambda request: request.send(b"", status, X_Error_Code=code)


def claims(size: int) -> Answer:
    """Says that the file is so large."""
    return lambda request: request.send(b"", 200, Content_Length=str(size), X_Repo_Commit="c" * 40)


def sends(content: bytes) -> Answer:
    """Sends this, and does not say how much it is."""
    return lambda request: request.send(content, 200, Content_Length="", X_Repo_Commit="c" * 40)


def is_silent(request: Request) -> None:
    request.hub.closing.wait(60)


def drips(request: Request) -> None:
    """A byte at a time, without end."""
    request.send(b"", Content_Length=str(10**6))
    while not request.hub.closing.wait(0.01):
        try:
            request.wfile.write(b"x")
        except OSError:
            return
