"""Models on the Hugging Face Hub: ``python -m explorer.models.hub push FILE OWNER/NAME``, or ``pull OWNER/NAME FILE``.

A model's repository holds three files: its weights, its card, and a page for people that is made of the card. FILE is
the zip that Take home gives and takes. Pushing needs a token with the right to write: ``hf auth login`` asks for it, or
HF_TOKEN names it. HF_ENDPOINT names another hub.

What is pulled may be damaged or hostile: only these files are asked for, and no more of them than a model can have.
"""

from __future__ import annotations

import argparse
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
from huggingface_hub import CommitOperationAdd, HfApi, get_hf_file_metadata, get_session, hf_hub_url
from huggingface_hub.errors import (
    EntryNotFoundError,
    GatedRepoError,
    HfHubHTTPError,
    OfflineModeIsEnabled,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)
from huggingface_hub.utils import build_hf_headers, hf_raise_for_status  # type: ignore[attr-defined]

from explorer.models.checkpoint import LARGEST, Card, CheckpointError, unpack, write_atomically
from explorer.models.knobs import shown
from explorer.models.model_card import model_card
from explorer.models.parcel import LARGEST_CARD, unwrap, wrap

CARD, WEIGHTS, PAGE = "card.json", "model.safetensors", "README.md"
WORD = r"[A-Za-z0-9_]+(?:[-.][A-Za-z0-9_]+)*"
REPOSITORY = rf"(?=.{{3,96}}\Z){WORD}/{WORD}"
REVISION = rf"(?=.{{1,100}}\Z){WORD}(?:/{WORD})*"
SILENCE = 10.0  # seconds without an answer, or in the middle of one, after which the Hub is given up
PATIENCE = 60.0  # seconds for a whole model
FAILURES: tuple[
    tuple[type[Exception], str], ...
] = (  # the first that fits; GatedRepoError is a RepositoryNotFoundError
    (GatedRepoError, "{repo} is gated: its owner decides who may have it"),
    (RepositoryNotFoundError, "the Hub has no model {repo} that is open to everyone"),
    (RevisionNotFoundError, "{repo} has no such revision"),
    (EntryNotFoundError, f"{{repo}} is no model of this explorer: it needs {CARD} and {WEIGHTS}"),
    (OfflineModeIsEnabled, "this machine does not ask the Hub: HF_HUB_OFFLINE is set"),
    (RuntimeError, "the weights could not be sent to where the Hub stores them"),
    (httpx2.TimeoutException, f"the Hub did not answer within {SILENCE:g} seconds"),
)
STATUSES = {
    401: "the Hub wants a token that may do this with {repo}: hf auth login asks for one",
    403: "the token may not do this with {repo}",
    429: "the Hub has been asked too often: try again in a few minutes",
}


class HubError(CheckpointError):
    """The Hub cannot be used so; the text says why in one sentence."""


def push(card: Card, weights: bytes, repo_id: str, *, token: str | None = None, private: bool | None = None) -> str:
    """Put a model into a repository, made if there is none, as one commit. Returns the commit's address.

    Without a ``token``, the one that this machine has stored. Raises HubError, and CheckpointError for a model that
    could not be pulled again.
    """
    repo_id = _expected(repo_id, REPOSITORY, "a repository is named owner/name")
    unpack(card, weights)
    files = {CARD: card.to_json().encode(), WEIGHTS: weights, PAGE: model_card(card, repo_id).encode()}
    hub = HfApi(token=token)
    with _said(repo_id):
        hub.create_repo(repo_id, private=private, exist_ok=True)
        files_to_add = [CommitOperationAdd(name, content) for name, content in files.items()]
        commit = hub.create_commit(repo_id, files_to_add, commit_message=f"Add {card.name}")
    return commit.commit_url


def pull(repo_id: str, revision: str = "main", *, token: str | bool | None = False) -> tuple[Card, bytes]:
    """Card and weights of a repository, the weights unchecked as yet: ``unpack`` checks them. Raises CheckpointError.

    ``token``: None for the one that this machine has stored; without any, only what is open to everyone is found.
    """
    repo_id = _expected(repo_id, REPOSITORY, "a repository is named owner/name")
    revision = _expected(revision, REVISION, "a revision is a branch, a tag or a commit")
    under_way = _Pull(repo_id, token, deadline=time.monotonic() + PATIENCE)
    with _said(repo_id):
        card, commit = under_way.file(CARD, revision, LARGEST_CARD)
        weights, _ = under_way.file(WEIGHTS, commit, LARGEST)
    return Card.from_json(card), weights


@dataclass(frozen=True)
class _Pull:
    """One model on its way here."""

    repo_id: str
    token: str | bool | None
    deadline: float

    def file(self, name: str, revision: str, limit: int) -> tuple[bytes, str]:
        """A file, and the commit that it is of; asked for only when its size is known and allowed."""
        about = get_hf_file_metadata(self._address(name, revision), token=self.token, timeout=SILENCE)
        if about.size is None or about.commit_hash is None:
            raise HubError(f"the Hub does not say how large {name} of {self.repo_id} is, or of which commit")
        if about.size > limit:
            raise HubError(f"{name} of {self.repo_id} has {about.size:,} bytes, the limit is {limit:,}")
        content = self._content(self._address(name, about.commit_hash), about.size)
        if len(content) != about.size:
            raise HubError(f"{name} of {self.repo_id} should have {about.size:,} bytes, and did not arrive so")
        return content, about.commit_hash

    def _address(self, name: str, revision: str) -> str:
        return hf_hub_url(self.repo_id, name, revision=revision)

    def _content(self, address: str, size: int) -> bytes:
        """What is there, up to the first piece that is too much."""
        headers = {**build_hf_headers(token=self.token), "Accept-Encoding": "identity"}  # nothing that unpacks to more
        content = bytearray()
        with get_session().stream("GET", address, headers=headers, timeout=SILENCE) as answer:
            hf_raise_for_status(answer)
            for piece in answer.iter_raw():
                content += piece
                if len(content) > size:
                    break
                if time.monotonic() > self.deadline:
                    raise HubError(f"{self.repo_id} did not arrive within {PATIENCE:g} seconds")
        return bytes(content)


def _expected(text: str, pattern: str, rule: str) -> str:
    if not re.fullmatch(pattern, text):
        raise HubError(f"{rule}, got {shown(text)}")
    return text


@contextmanager
def _said(repo_id: str) -> Iterator[None]:
    """Whatever goes wrong between this machine and the Hub becomes a HubError of one sentence."""
    try:
        yield
    except HubError:
        raise
    except (httpx2.HTTPError, httpx2.InvalidURL, OSError, EntryNotFoundError, RuntimeError) as error:
        raise HubError(_sentence(error).format(repo=repo_id)) from error


def _sentence(error: Exception) -> str:
    for kind, sentence in FAILURES:
        if isinstance(error, kind):
            return sentence
    if isinstance(error, HfHubHTTPError):
        status = error.response.status_code
        return STATUSES.get(status, f"the Hub could not answer about {{repo}}: status {status}")
    return "the Hub cannot be reached from this machine"


def main() -> None:
    """Push a zip, or pull one."""
    parser = argparse.ArgumentParser(prog="python -m explorer.models.hub", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    pushing = commands.add_parser("push", help="put a model's zip into a repository")
    pushing.add_argument("file", type=Path)
    pushing.add_argument("repository", help="owner/name")
    pushing.add_argument("--private", action="store_true", help="make the repository a private one")
    pulling = commands.add_parser("pull", help="fetch a model as a zip")
    pulling.add_argument("repository", help="owner/name")
    pulling.add_argument("file", type=Path)
    pulling.add_argument("--revision", default="main", help="branch, tag or commit")
    asked = parser.parse_args()
    try:
        if asked.command == "push":
            card, weights = unwrap(asked.file.read_bytes())
            print(push(card, weights, asked.repository, private=asked.private or None))
        else:
            card, weights = pull(asked.repository, asked.revision, token=None)
            unpack(card, weights)
            write_atomically(asked.file, wrap(card, weights))
            print(f"{asked.file}: {card.name}, {card.title}")
    except (ValueError, OSError) as error:
        parser.exit(1, f"{error}\n")


if __name__ == "__main__":
    main()
