"""The public interface answers as its page in docs/ says, and refuses nonsense in a sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError

DOCS = Path(__file__).parents[2] / "docs" / "api.md"
PROMISED = {"/models", "/digit", "/reconstruct", "/encode", "/decode", "/fill", "/denoise", "/train"}


@pytest.fixture(scope="module", autouse=True)
def patient() -> Iterator[None]:
    """Machines that run tests are slow: gradio_client waits for httpx's five seconds, and has no setting for that."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("connect", "read", "write", "pool"):
            patch.setattr(f"httpx._config.DEFAULT_TIMEOUT_CONFIG.{name}", 60.0)
        yield


@pytest.fixture(scope="module")
def client(server: str) -> Client:
    return Client(server, verbose=False, analytics_enabled=False)


def test_nothing_but_the_promised_is_told_of(client: Client) -> None:
    told: dict[str, Any] = client.view_api(return_format="dict", print_info=False)
    assert told["named_endpoints"].keys() == PROMISED
    assert not told["unnamed_endpoints"]


def test_the_documents_examples_run_and_print_what_is_true(server: str, capsys: pytest.CaptureFixture[str]) -> None:
    blocks = re.findall(r"```python\n(.*?)```", DOCS.read_text(), re.DOTALL)
    assert len(blocks) == 5
    known: dict[str, Any] = {}
    exec("\n".join(blocks).replace("http://127.0.0.1:7860", server), known)  # noqa: S102  # our own document
    assert "[" in capsys.readouterr().out
    assert len(known["code"]) == 2
    assert known["picture"] == known["rebuilt"]["picture"]
    assert known["filled"][:448] == known["seven"]["picture"][:448]
    assert known["filled"] != known["seven"]["picture"]
    assert known["noisy"]["psnr_after"] > known["noisy"]["psnr_before"]
    assert known["last"]["state"] == "done"
    assert 0 < known["last"]["figures"]["mse"] < 0.2
    assert len(known["own"]["picture"]) == 784


BLACK = [0] * 784


@pytest.mark.parametrize(
    ("name", "asked", "sentence"),
    [
        ("/digit", [10**9], "the test digit must be a whole number from 0 to"),
        ("/digit", [True], "the test digit must be a whole number"),
        ("/reconstruct", ["no such model", BLACK], "this model is no longer kept"),
        ("/reconstruct", ["../../etc/passwd", BLACK], "this model is no longer kept"),
        ("/reconstruct", ["dense", [0] * 783], "a picture is a list of 784 grey values"),
        ("/encode", ["dense", [256] * 784], "whole numbers from 0 to 255"),
        ("/encode", ["dense", [0.5] * 784], "whole numbers from 0 to 255"),
        ("/decode", ["dense-2d", [1.0]], "a code of this model is 2 numbers"),
        ("/decode", ["dense-2d", [1.0, 1e9]], "a code of this model is 2 numbers"),
        ("/decode", ["masked", [0.0] * 64], "cannot turn a code into a picture"),
        ("/fill", ["masked", BLACK, "1" * 49], "at least one patch must be visible"),
        ("/fill", ["masked", BLACK, "012"], "mask"),
        ("/denoise", ["dense", BLACK, 7.0, 0], "noise must lie between 0 and 1"),
        ("/denoise", ["dense", BLACK, 0.5, -1], "the seed must be a whole number"),
        ("/train", ["transformer", {}, {}], "variant must be one of"),
        ("/train", ["dense", {"latent_dim": 10**9}, {}], "latent_dim must lie between"),
        ("/train", ["dense", {}, {"epochs": 10**6}], "epochs must lie between"),
    ],
)
def test_what_makes_no_sense_is_refused_in_a_sentence(
    client: Client, name: str, asked: list[Any], sentence: str
) -> None:
    with pytest.raises(AppError, match=re.escape(sentence)):
        client.predict(*asked, api_name=name)


def test_the_queue_cannot_be_gone_round(server: str) -> None:
    for path in ("run/digit", "api/digit", "run/train"):
        assert httpx.post(f"{server}gradio_api/{path}", json={"data": [0]}).status_code == 404
