"""A model that is pushed to a hub is pulled from it to the bit; whatever else is there is refused in a sentence."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch
import yaml
from huggingface_hub import constants

from explorer.models import hub as module
from explorer.models.checkpoint import LARGEST, CheckpointError, unpack
from explorer.models.hub import HubError, main, pull, push
from explorer.models.model_card import model_card
from explorer.models.parcel import LARGEST_CARD, unwrap, wrap
from tests.models.stand_in_hub import TOKEN, Answer, Hub, claims, drips, is_silent, refuses, sends, serving, use
from tests.models.test_checkpoint import CARD, WEIGHTS

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")  # of the hub's client
REPO = "anna/mnist-linear.2"
CARD_FILE = CARD.to_json().encode()


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    with serving(monkeypatch) as running:
        yield running


@pytest.fixture
def full(hub: Hub) -> Hub:
    hub.add(REPO, {"card.json": CARD_FILE, "model.safetensors": WEIGHTS, "README.md": b"x", "evil.py": b"import os"})
    return hub


@pytest.mark.parametrize("lfs", [False, True])
def test_what_is_pushed_is_pulled_to_the_bit(hub: Hub, lfs: bool) -> None:
    hub.lfs = lfs
    address = push(CARD, WEIGHTS, REPO, token=TOKEN)
    assert address == f"{hub.url}/{REPO}/commit/{hub.heads[REPO]}"
    assert hub.commits[hub.heads[REPO]].keys() == {"card.json", "model.safetensors", "README.md"}
    assert bool(hub.storage) == lfs
    assert pull(REPO) == (CARD, WEIGHTS)


def test_a_pull_asks_for_two_files_of_one_commit_and_without_any_token(
    full: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    pull(REPO)
    files, commit = f"/{REPO}/resolve", full.heads[REPO]
    assert full.asked == [
        f"HEAD {files}/main/card.json",
        f"GET {files}/{commit}/card.json",
        f"HEAD {files}/{commit}/model.safetensors",
        f"GET {files}/{commit}/model.safetensors",
    ]
    assert full.tokens == [None] * 4


def test_a_token_is_never_sent_to_where_the_hub_stores_its_files(hub: Hub) -> None:
    hub.lfs = True
    push(CARD, WEIGHTS, REPO, token=TOKEN)
    pull(REPO, token=TOKEN)
    sent = dict(zip(hub.asked, hub.tokens, strict=True))
    (stored,) = (asked for asked in sent if asked.startswith("GET /stored/"))
    assert sent[stored] is None
    assert sent[f"GET /{REPO}/resolve/{hub.heads[REPO]}/card.json"] == f"Bearer {TOKEN}"


def test_a_second_push_leaves_the_first_in_its_commit(hub: Hub) -> None:
    push(CARD, WEIGHTS, REPO, token=TOKEN)
    first, other = hub.heads[REPO], replace(CARD, title="again")
    push(other, WEIGHTS, REPO, token=TOKEN)
    assert pull(REPO)[0] == other
    assert pull(REPO, first)[0] == CARD


def test_the_head_of_the_page_is_what_the_hub_reads() -> None:
    card = replace(CARD, name="k-2_a", title="a: 'b' # c", dataset="mnist", figures={"mse": 0.012345678, "psnr": 19.0})
    _, head, body = model_card(card, REPO).split("---\n", 2)
    front = yaml.safe_load(head)
    (model,) = front.pop("model-index")
    assert front == {
        "license": "apache-2.0",
        "library_name": "autoencoder-explorer",
        "pipeline_tag": "image-to-image",
        "tags": ["autoencoder", "linear", "mnist"],
        "datasets": ["ylecun/mnist"],
        "metrics": ["mse", "psnr"],
    }
    (result,) = model["results"]
    assert model["name"] == "k-2_a"
    assert result["dataset"] == {"name": "MNIST", "type": "ylecun/mnist", "split": "test"}
    assert {one["type"]: one["value"] for one in result["metrics"]} == card.figures
    assert "# Linear autoencoder: a: 'b' # c" in body
    assert "| latent_dim | 2 |" in body
    assert "| mse | 0.0123457 |" in body


def test_a_model_of_the_stand_in_digits_names_no_data_set_of_the_hubs() -> None:
    front = yaml.safe_load(model_card(CARD, REPO).split("---\n")[1])
    assert "datasets" not in front
    assert front["model-index"][0]["results"][0]["dataset"]["type"] == "digits"


@pytest.mark.parametrize(
    "name",
    [
        *("", "linear", "a/b/c", "../x", "a/..", "a/b..c", "a/b--c", "a /b", "a/b\n", "-a/b", "a/b?x=1", "é/b"),
        *(
            "https://x.example/a/b",
            "http://127.0.0.1:1/",
            f"a/{'b' * 100}",
            "a/\x00",
            "169.254.169.254/latest/meta-data",
        ),
    ],
)
def test_only_a_repository_that_is_named_rightly_is_asked_for(full: Hub, name: str) -> None:
    with pytest.raises(HubError, match="a repository is named owner/name, got"):
        pull(name)
    with pytest.raises(HubError, match="a repository is named owner/name, got"):
        push(CARD, WEIGHTS, name, token=TOKEN)
    assert full.asked == []


@pytest.mark.parametrize("revision", ["", "../main", "a b", "main?x", "x" * 101, "/main", "main\n"])
def test_a_revision_is_a_name_too(full: Hub, revision: str) -> None:
    with pytest.raises(HubError, match="a revision is a branch, a tag or a commit, got"):
        pull(REPO, revision)
    assert full.asked == []


@pytest.mark.parametrize(
    ("asked", "answer", "sentence"),
    [
        ("HEAD card.json", refuses(404, "RepoNotFound"), f"the Hub has no model {REPO} that is open to everyone"),
        ("HEAD card.json", refuses(403, "GatedRepo"), f"{REPO} is gated: its owner decides who may have it"),
        ("HEAD card.json", refuses(404, "RevisionNotFound"), f"{REPO} has no such revision"),
        ("HEAD card.json", refuses(404, "EntryNotFound"), "is no model of this explorer: it needs card.json and"),
        ("HEAD model.safetensors", refuses(404, "EntryNotFound"), "is no model of this explorer"),
        ("HEAD card.json", refuses(401), "the Hub wants a token"),
        ("HEAD card.json", refuses(403), "the token may not do this"),
        ("GET card.json", refuses(429), "the Hub has been asked too often"),
        ("GET model.safetensors", refuses(500), "the Hub could not answer about anna/mnist-linear.2: status 500"),
        ("HEAD card.json", claims(LARGEST_CARD + 1), "card.json of anna/mnist-linear.2 has 65,537 bytes, the limit is"),
        ("HEAD model.safetensors", claims(LARGEST + 1), "has 20,971,521 bytes, the limit is 20,971,520"),
        ("HEAD card.json", sends(b""), "the Hub does not say how large card.json"),
        ("HEAD card.json", lambda request: request.send(b"x"), "or of which commit"),
        ("GET model.safetensors", sends(bytes(10**6)), "bytes, and did not arrive so"),
        ("GET model.safetensors", sends(WEIGHTS[:-1]), "bytes, and did not arrive so"),
        ("GET card.json", refuses(302), "bytes, and did not arrive so"),
    ],
)
def test_whatever_is_no_model_is_refused_in_one_sentence(full: Hub, asked: str, answer: Answer, sentence: str) -> None:
    full.answers[asked] = answer
    with pytest.raises(HubError) as refused:
        pull(REPO)
    assert sentence in str(refused.value)
    assert "\n" not in str(refused.value)
    assert "http" not in str(refused.value)
    asked_files = [line.rpartition("/")[2] for line in full.asked if line.startswith("GET")]
    assert asked.startswith("GET") or asked.removeprefix("HEAD ") not in asked_files, "what is too large never travels"


def test_a_hub_that_is_silent_or_slow_is_given_up(full: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SILENCE", 0.2)
    full.answers["GET card.json"] = is_silent
    with pytest.raises(HubError, match="the Hub did not answer within"):
        pull(REPO)
    monkeypatch.setattr(module, "SILENCE", 30.0)
    monkeypatch.setattr(module, "PATIENCE", 0.3)
    full.answers["GET card.json"] = drips
    with pytest.raises(HubError, match="did not arrive within"):
        pull(REPO)


def test_without_a_network_a_sentence_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, "http://127.0.0.1:9")
    for attempt in (lambda: pull(REPO), lambda: push(CARD, WEIGHTS, REPO, token=TOKEN)):
        with pytest.raises(HubError, match="^the Hub cannot be reached from this machine$"):
            attempt()
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(HubError, match="^this machine does not ask the Hub: HF_HUB_OFFLINE is set$"):
        pull(REPO)


@pytest.mark.parametrize(
    ("token", "repo", "sentence"),
    [("hf_wrong", REPO, "the Hub wants a token"), (TOKEN, "foreign/x", "the token may not do this with foreign/x")],
)
def test_who_may_not_push_is_told_so(hub: Hub, token: str, repo: str, sentence: str) -> None:
    with pytest.raises(HubError, match=sentence):
        push(CARD, WEIGHTS, repo, token=token)
    assert hub.commits == {}


def test_a_model_that_could_not_be_pulled_is_not_pushed(hub: Hub) -> None:
    with pytest.raises(CheckpointError, match="do not match the hash"):
        push(CARD, WEIGHTS + b"x", REPO, token=TOKEN)
    assert hub.asked == []


def test_weights_of_another_variant_are_pulled_but_never_opened(hub: Hub) -> None:
    hub.add(REPO, {"card.json": replace(CARD, variant="dense").to_json().encode(), "model.safetensors": WEIGHTS})
    with pytest.raises(CheckpointError, match="have the wrong tensors"):
        unpack(*pull(REPO))
    hub.add(REPO, {"card.json": b"[]", "model.safetensors": WEIGHTS})
    with pytest.raises(CheckpointError, match="the card is not a JSON object"):
        pull(REPO)


def test_the_command_pulls_what_it_pushed(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    home, back = tmp_path / "linear.zip", tmp_path / "back.zip"
    home.write_bytes(wrap(CARD, WEIGHTS))
    for words in (["push", str(home), REPO], ["pull", REPO, str(back)]):
        monkeypatch.setattr(sys, "argv", ["hub", *words])
        main()
    assert back.read_bytes() == home.read_bytes()
    assert f"{hub.url}/{REPO}/commit/" in capsys.readouterr().out
    monkeypatch.setattr(sys, "argv", ["hub", "pull", "anna/none", str(back)])
    with pytest.raises(SystemExit):
        main()
    assert capsys.readouterr().err == "the Hub has no model anna/none that is open to everyone\n"
    assert unwrap(back.read_bytes()) == (CARD, WEIGHTS)


def test_the_program_on_a_models_page_runs_where_hf_endpoint_says(full: Hub, tmp_path: Path) -> None:
    program = model_card(CARD, REPO).partition("```python\n")[2].partition("```")[0]
    environment = {name: value for name, value in os.environ.items() if name != "HF_HUB_OFFLINE"}
    ran = subprocess.run(
        [sys.executable, "-c", f"{program}print(z.tolist())"],
        env={**environment, "HF_ENDPOINT": full.url, "HF_HOME": str(tmp_path), "PYTHONPATH": str(ROOT)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert len(torch.tensor(eval(ran.stdout)).flatten()) == 2  # noqa: S307
    assert len(full.asked) == 4
