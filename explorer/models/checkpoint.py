"""Models on disk: weights as safetensors, in half precision or 8 bits, and a JSON card that says what they are.

Whatever is read may be damaged or hostile: nothing is unpickled, and the hash, names, shapes and numbers are checked
before a model exists. Every refusal is one sentence.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_type_hints

import torch
from safetensors import SafetensorError
from safetensors import torch as safetensors
from torch import Tensor

from explorer.models.base import Autoencoder
from explorer.models.knobs import shown
from explorer.models.registry import named

CARD_VERSION = 1
NAME = r"[A-Za-z0-9_-]{1,60}"  # of a card: it names files and stands in sentences
LARGEST = 20 * 2**20  # bytes of weights: five million numbers in full precision
HALF_LIMIT = 65504.0  # the largest number that half precision can hold
BYTE_LIMIT = 127  # the largest whole number that a weight in 8 bits can be
SCALE = "/scale"  # after a tensor's name: what its whole numbers are multiples of, one for each row
WEIGHT_LIMIT = 1e6  # no training that goes well gets there; beyond it a model answers infinities
FIGURE_LIMIT = 1e12


class CheckpointError(ValueError):
    """The checkpoint cannot be used; the text says why in one sentence."""


@dataclass(frozen=True)
class Card:
    """What a checkpoint is and how it came about.

    ``figures`` are measured on the first ``tested`` of the data set's test images; ``seconds`` is the time of the last
    uninterrupted part of the training.
    """

    name: str
    title: str
    variant: str
    settings: dict[str, Any]
    training: dict[str, Any]
    dataset: str
    dataset_sha256: str
    epochs: int
    figures: dict[str, float]
    seconds: float
    threads: int
    device: str
    torch_version: str
    weights_sha256: str
    tested: int = 0
    version: int = CARD_VERSION

    def to_json(self) -> str:
        """The card as indented JSON."""
        return json.dumps(dataclasses.asdict(self), indent=1, allow_nan=False) + "\n"

    @classmethod
    def from_json(cls, text: str | bytes) -> Card:
        """Raises CheckpointError for anything but a complete card of this version."""
        try:
            values = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise CheckpointError("the card is not valid JSON") from error
        if not isinstance(values, dict):
            raise CheckpointError("the card is not a JSON object")
        version, fields = values.get("version"), get_type_hints(cls)
        if version != CARD_VERSION:
            raise CheckpointError(f"the card's version is {shown(version)}, this program reads {CARD_VERSION}")
        if values.keys() != fields.keys():
            raise CheckpointError(f"the card must have exactly the fields {', '.join(fields)}")
        for name, kind in fields.items():
            if not _fits(values[name], kind):
                raise CheckpointError(f"the card's {name} cannot be {shown(values[name])}")
        if not re.fullmatch(NAME, values["name"]):
            raise CheckpointError(f"the card's name must be up to 60 letters, digits, _ or -: {shown(values['name'])}")
        return cls(**values)


def pack(model: Autoencoder) -> bytes:
    """The weights as safetensors: in half precision where it can hold them, else in full. Raises CheckpointError."""
    return safetensors.save({name: _halved(name, tensor) for name, tensor in model.state_dict().items()})


def pack_small(model: Autoencoder) -> bytes:
    """About half of what ``pack`` makes: matrices in 8 bits, with a scale for each row. Raises CheckpointError.

    A weight is then off by up to 1/254 of the largest in its row, so the model's figures are to be measured anew.
    """
    tensors = dict[str, Tensor]()
    for name, tensor in model.state_dict().items():
        half = _halved(name, tensor)
        if half.ndim < 2:
            tensors[name] = half
            continue
        rows = half.float().flatten(1)
        scale = rows.abs().amax(dim=1).clamp_min(1e-12) / BYTE_LIMIT
        whole = (rows / scale.unsqueeze(1)).round().to(torch.int8)
        tensors |= {name: whole.reshape(half.shape), name + SCALE: scale}
    return safetensors.save(tensors)


def round_to_half(model: Autoencoder) -> None:
    """Round the weights as ``pack`` does, so that the model at hand and its checkpoint are the same to the bit."""
    model.load_state_dict({name: _halved(name, tensor).float() for name, tensor in model.state_dict().items()})


def unpack(card: Card, weights: bytes) -> Autoencoder:
    """The model that the card describes, in evaluation mode. Raises CheckpointError."""
    if len(weights) > LARGEST:
        raise CheckpointError(f"the weights of {card.name} are {len(weights):,} bytes, the limit is {LARGEST:,}")
    if hashlib.sha256(weights).hexdigest() != card.weights_sha256:
        raise CheckpointError(f"the weights of {card.name} do not match the hash on the card: the file is damaged")
    try:
        variant = named(card.variant)
        config = variant.config.from_dict(card.settings)
        tensors = safetensors.load(weights)
    except ValueError as error:
        raise CheckpointError(f"the card of {card.name} cannot be used: {error}") from error
    except (SafetensorError, KeyError) as error:  # KeyError: numbers of a kind that PyTorch does not have
        raise CheckpointError(f"the weights of {card.name} are not a safetensors file") from error
    with torch.device("meta"):  # names and shapes without any memory
        model = variant.model(config)
    _check(card.name, model.state_dict(), tensors)
    model.load_state_dict(_numbers(card.name, tensors), assign=True)
    return model.eval()


def save(folder: Path, card: Card, weights: bytes) -> None:
    """Write ``<name>.safetensors`` and ``<name>.json``, each whole or not at all; the card comes last.

    Cut between the two, ``load`` refuses the pair by its hash: weights never go with another model's card.
    """
    write_atomically(folder / f"{card.name}.safetensors", weights)
    write_atomically(folder / f"{card.name}.json", card.to_json().encode())


def load(folder: Path, name: str) -> tuple[Autoencoder, Card]:
    """Read a model and its card. Raises CheckpointError, also where a file is missing."""
    try:
        card = Card.from_json((folder / f"{name}.json").read_bytes())
        weights = (folder / f"{name}.safetensors").read_bytes()
    except OSError as error:
        raise CheckpointError(f"the checkpoint {name} cannot be read: {error.strerror}") from error
    return unpack(card, weights), card


def write_atomically(path: Path, content: bytes) -> None:
    """Write beside the target, flush to the disk, then rename: a reader never sees half a file."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(0o644)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _fits(value: object, kind: object) -> bool:
    """Whether a JSON value is what a field of the card may hold; no number is NaN or absurdly large."""
    if isinstance(value, dict):
        return kind == dict[str, Any] or (kind == dict[str, float] and all(_fits(v, float) for v in value.values()))
    if kind is str:
        return isinstance(value, str)
    if kind not in (int, float):
        return False
    allowed = int if kind is int else (int, float)
    return isinstance(value, allowed) and not isinstance(value, bool) and abs(value) < FIGURE_LIMIT


def _halved(name: str, tensor: Tensor) -> Tensor:
    if not bool(tensor.isfinite().all()):
        raise CheckpointError(f"{name} holds numbers that are not finite, so the model cannot be saved")
    return tensor.half() if float(tensor.abs().max()) < HALF_LIMIT else tensor.float()


def _check(name: str, expected: Mapping[str, Tensor], given: Mapping[str, Tensor]) -> None:
    """Raises CheckpointError unless names, shapes and kinds of number are as expected."""
    shapes = {key: tensor.shape for key, tensor in expected.items()}
    small = {key for key, shape in shapes.items() if len(shape) > 1 and key in given and given[key].dtype == torch.int8}
    shapes |= {key + SCALE: shapes[key][:1] for key in small}
    if shapes.keys() != given.keys():
        different = min(shapes.keys() ^ given.keys())
        raise CheckpointError(f"the weights of {name} have the wrong tensors: {shown(different)} is extra or missing")
    for key, tensor in given.items():
        if tensor.shape != shapes[key]:
            want, got = tuple(shapes[key]), tuple(tensor.shape)
            raise CheckpointError(f"{key} of {name} must have the shape {want}, got {got}")
        if key not in small and tensor.dtype not in (torch.float16, torch.float32):
            raise CheckpointError(f"{key} of {name} must be float16 or float32, got {tensor.dtype}")


def _numbers(name: str, given: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The weights in full precision. Raises CheckpointError for one that is absurd."""
    full = {key: tensor.float() for key, tensor in given.items() if not key.endswith(SCALE)}
    for key, tensor in full.items():
        if key + SCALE in given:
            tensor.mul_(given[key + SCALE].float().reshape(-1, *[1] * (tensor.ndim - 1)))
        if not bool((tensor.abs() <= WEIGHT_LIMIT).all()):  # false for NaN as well
            raise CheckpointError(f"{key} of {name} holds numbers that are not finite, or beyond {WEIGHT_LIMIT:,.0f}")
    return full
