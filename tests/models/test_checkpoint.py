"""Checkpoints: what was saved comes back to the bit, and whatever is damaged or hostile is refused in one sentence."""

from __future__ import annotations

import io
import json
import pickle
import random
import struct
import time
import zipfile
from collections.abc import Callable
from dataclasses import asdict, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors import torch as safetensors
from torch import Tensor

from explorer.models.checkpoint import Card, CheckpointError, pack, pack_small, round_to_half, unpack
from explorer.models.registry import named
from explorer.models.variants.linear import Linear, LinearConfig
from tests.cases import Case, card_for, made

CASE = Case(named("linear"), LinearConfig(latent_dim=2))
WEIGHTS = pack(CASE.model())
CARD = card_for(CASE, WEIGHTS)

Tensors = dict[str, Tensor]


def tensors() -> Tensors:
    """The weights by name; changing them changes nothing else."""
    return safetensors.load(WEIGHTS)


def changed(**others: Tensor | None) -> bytes:
    """The weights with some tensors replaced, or removed by None; double underscores stand for points."""
    named_so = {name.replace("__", "."): tensor for name, tensor in others.items()}
    return safetensors.save({k: v.contiguous() for k, v in (tensors() | named_so).items() if v is not None})


def changed_small(others: dict[str, Tensor | None]) -> bytes:
    """The weights in 8 bits with some tensors replaced, or removed by None."""
    small = safetensors.load(pack_small(CASE.model())) | others
    return safetensors.save({k: v for k, v in small.items() if v is not None})


def with_header(header: dict[str, Any] | bytes, data: bytes = b"") -> bytes:
    """A safetensors file with a header of one's own."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data


def flipped(content: bytes, place: int) -> bytes:
    """The content with one bit changed."""
    damaged = bytearray(content)
    damaged[place] ^= 1
    return bytes(damaged)


class Exploit:
    """Leaves a file behind when it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return Path.touch, (self.mark,)


def archive(size: int) -> bytes:
    """A zip file that would unpack to so many bytes."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("data.pkl", bytes(size))
    return stream.getvalue()


def npz() -> bytes:
    """The weights as numpy would keep them, without their names."""
    stream = io.BytesIO()
    np.savez(stream, *(tensor.numpy() for tensor in tensors().values()))
    return stream.getvalue()


NOT_A_FILE, WRONG = "are not a safetensors file", "have the wrong tensors"
REFUSED: dict[str, tuple[bytes, str]] = {
    "empty": (b"", NOT_A_FILE),
    "cut in the header": (WEIGHTS[:100], NOT_A_FILE),
    "cut in the middle": (WEIGHTS[: len(WEIGHTS) // 2], NOT_A_FILE),
    "cut by one byte": (WEIGHTS[:-1], NOT_A_FILE),
    "trailing bytes": (WEIGHTS + b"\0", NOT_A_FILE),
    "text": (b"<html>404 not found</html>", NOT_A_FILE),
    "pickle": (pickle.dumps({"weight": [1.0]}), NOT_A_FILE),
    "zip": (archive(10**7), NOT_A_FILE),
    "npz": (npz(), NOT_A_FILE),
    "header of 2^62 bytes": (struct.pack("<Q", 2**62) + b"{}", NOT_A_FILE),
    "header that is a list": (with_header(b"[]"), NOT_A_FILE),
    "numbers that PyTorch lacks": (
        with_header(b'{"w":{"dtype":"F8_E8M0","shape":[1],"data_offsets":[0,1]}}') + b"\0",
        NOT_A_FILE,
    ),
    "5,000 keys": (safetensors.save({f"w{n}": torch.zeros(1) for n in range(5000)}), WRONG),
    "a missing tensor": (changed(decoder__bias=None), WRONG),
    "an extra tensor": (changed(extra=torch.zeros(1)), WRONG),
    "no tensors": (safetensors.save({}), WRONG),
    "another variant": (pack(made(named("dense"), named("dense").config())), WRONG),
    "another size": (pack(made(named("linear"), LinearConfig(latent_dim=3))), "must have the shape"),
    "transposed": (changed(encoder__weight=tensors()["encoder.weight"].T), "must have the shape"),
    "flattened": (changed(encoder__weight=tensors()["encoder.weight"].flatten()), "must have the shape"),
    "float64": (changed(encoder__weight=tensors()["encoder.weight"].double()), "must be float16 or float32"),
    "bfloat16": (changed(encoder__weight=tensors()["encoder.weight"].bfloat16()), "must be float16 or float32"),
    "whole numbers": (changed(encoder__weight=tensors()["encoder.weight"].int()), "must be float16 or float32"),
    "not a number": (changed(decoder__bias=torch.full((784,), torch.nan)), "not finite, or beyond"),
    "infinity": (changed(decoder__bias=torch.full((784,), -torch.inf)), "not finite, or beyond"),
    "infinity in half precision": (
        changed(decoder__bias=torch.full((784,), torch.inf).half()),
        "not finite, or beyond",
    ),
    "1e30": (changed(decoder__bias=torch.full((784,), 1e30)), "not finite, or beyond 1,000,000"),
    "no scale": (changed_small({"decoder.weight/scale": None}), WRONG),
    "a scale for no whole numbers": (changed_small({"decoder.bias/scale": torch.ones(784)}), WRONG),
    "whole numbers in a row": (changed_small({"decoder.bias": torch.zeros(784, dtype=torch.int8)}), "must be float16"),
    "a scale too few": (changed_small({"decoder.weight/scale": torch.ones(783)}), "must have the shape"),
    "whole numbers for a scale": (changed_small({"decoder.weight/scale": torch.ones(784).int()}), "must be float16"),
    "a scale that is none": (changed_small({"decoder.weight/scale": torch.full((784,), torch.nan)}), "not finite"),
    "a scale beyond all": (changed_small({"decoder.weight/scale": torch.full((784,), 1e6)}), "not finite, or beyond"),
    "21 MB": (bytes(21 * 2**20), "are 22,020,096 bytes, the limit is 20,971,520"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_bad_weights_are_refused_in_one_sentence_even_with_a_fitting_hash(what: str) -> None:
    weights, sentence = REFUSED[what]
    started = time.perf_counter()
    with pytest.raises(CheckpointError, match=sentence) as refusal:
        unpack(replace(CARD, weights_sha256=sha256(weights).hexdigest()), weights)
    assert "\n" not in str(refusal.value)
    assert len(str(refusal.value)) < 200
    assert time.perf_counter() - started < 5


def test_nothing_is_unpickled(tmp_path: Path) -> None:
    weights = pickle.dumps(Exploit(tmp_path / "mark"))
    with pytest.raises(CheckpointError, match=NOT_A_FILE):
        unpack(replace(CARD, weights_sha256=sha256(weights).hexdigest()), weights)
    assert not (tmp_path / "mark").exists()
    pickle.loads(weights)
    assert (tmp_path / "mark").exists()


@pytest.mark.parametrize("place", [0, 8, 60, len(WEIGHTS) // 2, -1])
def test_one_flipped_bit_is_noticed(place: int) -> None:
    with pytest.raises(CheckpointError, match="do not match the hash on the card: the file is damaged"):
        unpack(CARD, flipped(WEIGHTS, place))


def test_half_a_thousand_damaged_files_never_raise_anything_else() -> None:
    draw, refused = random.Random(0), 0
    for _ in range(500):
        damaged = bytearray(WEIGHTS)
        for _ in range(draw.randint(1, 8)):  # mostly in the header, where the trouble is
            damaged[draw.randrange(draw.choice([8, 400, len(damaged)]))] = draw.randrange(256)
        weights = bytes(damaged[: draw.choice([len(damaged), len(damaged), draw.randrange(len(damaged))])])
        try:
            model = unpack(replace(CARD, weights_sha256=sha256(weights).hexdigest()), weights)
        except CheckpointError:
            refused += 1
        else:  # another number where a number was: legal, which is why a card holds the hash
            assert all(bool(tensor.isfinite().all()) for tensor in model.state_dict().values())
    assert 300 < refused < 500


def test_numbers_that_half_precision_cannot_hold_are_kept_in_full() -> None:
    model = CASE.model()
    assert isinstance(model, Linear)
    model.decoder.bias.data.fill_(1e5)
    weights = pack(model)
    kinds = {name: tensor.dtype for name, tensor in safetensors.load(weights).items()}
    assert kinds == dict.fromkeys(kinds, torch.float16) | {"decoder.bias": torch.float32}
    back = unpack(card_for(CASE, weights), weights)
    assert torch.equal(back.state_dict()["decoder.bias"], torch.full((784,), 1e5))


def test_in_8_bits_a_weight_is_off_by_half_a_step_of_its_row_and_biases_are_kept() -> None:
    model = CASE.model()
    weights = pack_small(model)
    back = unpack(card_for(CASE, weights), weights).state_dict()
    for name, tensor in unpack(CARD, WEIGHTS).state_dict().items():
        step = tensor.abs().amax(dim=1, keepdim=True) / 127 if tensor.ndim > 1 else torch.zeros(1)
        assert bool(((back[name] - tensor).abs() <= step / 2 + 1e-9).all())
    again = unpack(card_for(CASE, pack_small(model)), pack_small(model)).state_dict()
    assert all(torch.equal(back[name], again[name]) for name in back)


def test_a_row_of_zeros_stays_one_in_8_bits() -> None:
    model = CASE.model()
    assert isinstance(model, Linear)
    model.decoder.weight.data[7] = 0.0
    weights = pack_small(model)
    assert not unpack(card_for(CASE, weights), weights).state_dict()["decoder.weight"][7].any()


def test_a_model_with_numbers_that_are_none_cannot_be_saved() -> None:
    model = CASE.model()
    assert isinstance(model, Linear)
    model.encoder.weight.data[0, 0] = torch.nan
    for refuse in (pack, pack_small, round_to_half):
        with pytest.raises(CheckpointError, match="encoder.weight holds numbers that are not finite"):
            refuse(model)


def test_a_card_survives_its_file() -> None:
    assert Card.from_json(CARD.to_json()) == CARD
    assert Card.from_json(CARD.to_json().encode()) == CARD


BAD_CARDS: dict[str, tuple[dict[str, Any], str]] = {
    "version 2": ({"version": 2}, "the card's version is 2, this program reads 1"),
    "no version": ({"version": None}, "the card's version is None"),
    "version true": ({"version": True}, "the card's version cannot be True"),
    "extra field": ({"extra": 1}, "must have exactly the fields name, title, variant"),
    "text for a number": ({"epochs": "3"}, "the card's epochs cannot be '3'"),
    "number for a text": ({"title": 3}, "the card's title cannot be 3"),
    "list for settings": ({"settings": []}, r"the card's settings cannot be \[\]"),
    "number for settings": ({"settings": 5}, "the card's settings cannot be 5"),
    "number for figures": ({"figures": 5}, "the card's figures cannot be 5"),
    "broken epochs": ({"epochs": 1.5}, r"the card's epochs cannot be 1\.5"),
    "text among the figures": ({"figures": {"mse": "<img>"}}, "the card's figures cannot be {'mse': '<img>'}"),
    "NaN among the figures": ({"figures": {"mse": float("nan")}}, "the card's figures cannot be {'mse': nan}"),
    "infinite time": ({"seconds": float("inf")}, "the card's seconds cannot be inf"),
    "endless number": ({"seconds": 10**400}, "the card's seconds cannot be a number of more than 30 digits"),
    "path for a name": ({"name": "../../etc/passwd"}, "the card's name must be up to 60 letters"),
    "long name": ({"name": "x" * 10**6}, "the card's name must be up to 60 letters"),
    "empty name": ({"name": ""}, "the card's name must be up to 60 letters"),
}


@pytest.mark.parametrize("what", BAD_CARDS)
def test_a_bad_card_is_refused_in_one_sentence(what: str) -> None:
    other, sentence = BAD_CARDS[what]
    with pytest.raises(CheckpointError, match=sentence) as refusal:
        Card.from_json(json.dumps(asdict(CARD) | other))
    assert len(str(refusal.value)) < 300


NO_CARDS = [
    "",
    "{",
    "null",
    "[]",
    "3",
    "[" * 100_000,
    b"\xff\xfe",
    "{}",
    '{"version": 1}',
    '{"seconds": 1' + "0" * 5000,
]


@pytest.mark.parametrize("text", NO_CARDS, ids=range(len(NO_CARDS)))
def test_what_is_no_card_at_all_is_refused(text: str | bytes) -> None:
    with pytest.raises(CheckpointError, match=r"^the card"):
        Card.from_json(text)


@pytest.mark.parametrize(
    ("other", "sentence"),
    [
        ({"variant": "sparse"}, "the card of linear cannot be used: variant must be one of"),
        ({"settings": {"latent_dim": 10**9}}, "the card of linear cannot be used: latent_dim must lie between"),
        ({"settings": {"latent_dim": float("nan")}}, "latent_dim must be a whole number"),
        ({"settings": {"hidden": 3}}, "unknown setting 'hidden'"),
        ({"settings": {"latent_dim": 3}}, "must have the shape"),
    ],
)
def test_settings_on_a_card_are_checked_like_any_other(other: dict[str, Any], sentence: str) -> None:
    with pytest.raises(CheckpointError, match=sentence):
        unpack(replace(CARD, **other), WEIGHTS)
