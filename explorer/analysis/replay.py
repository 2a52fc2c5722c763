"""A training to be looked at again: where test codes lay, and what ten digits looked like, from before the first step.

Maps of wide codes are drawn moment by moment by PCA, which may flip or turn from one to the next; so each is turned
back onto the one before it.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from explorer.analysis.projection import Pca
from explorer.models.checkpoint import CheckpointError

Floats = NDArray[np.float32]
STEPS = 2047  # of a coordinate, from the middle to the rim: as fine as a screen


@dataclass(frozen=True)
class Moment:
    """Training after ``at`` epochs: points (n, 2) of the first n test digits, ten test digits as the model gives them.

    ``error`` is the test error; ``pictures`` are 10 x 784 grey values.
    """

    at: float
    error: float
    points: Floats
    pictures: bytes


def flat(codes: Floats) -> Floats:
    """Codes (n, D) as points (n, 2): as they are if D is 2, a line if it is 1, else two principal components."""
    if codes.shape[1] == 1:
        codes = np.pad(codes, ((0, 0), (0, 1)))
    if codes.shape[1] == 2:
        return codes
    z = torch.from_numpy(codes)
    return Pca.fit(z).project(z).numpy()


def turned(points: Floats, onto: Floats) -> Floats:
    """Points (n, 2) turned about their mean, or mirrored, until they lie nearest to where they lay. Schönemann 1966."""
    here, there = points - points.mean(axis=0), onto - onto.mean(axis=0)
    left, _, right = np.linalg.svd(here.T.astype(np.float64) @ there)
    result: Floats = (points @ (left @ right)).astype(np.float32)
    return result


def told(event: Mapping[str, Any], before: Moment | None) -> Moment:
    """The moment that a worker's event tells, on from the one before."""
    points: Floats = np.frombuffer(event["points"], np.float32).reshape(-1, 2)
    if before is not None and event["size"] > 2:
        points = turned(points, before.points)
    return Moment(event["at"], event["test_mse"], points, event["pictures"])


def to_bytes(moments: Sequence[Moment]) -> bytes:
    """As an .npz of plain arrays. Raises ValueError for none."""
    if not moments:
        raise ValueError("a replay needs at least one moment")
    scales, steps = zip(*(in_steps(moment.points) for moment in moments), strict=True)
    buffer = io.BytesIO()
    np.savez_compressed(
        buffer,
        at=np.array([moment.at for moment in moments], np.float32),
        error=np.array([moment.error for moment in moments], np.float32),
        scale=np.array(scales, np.float32),
        points=np.stack(steps),
        pictures=np.stack([np.frombuffer(moment.pictures, np.uint8) for moment in moments]),
    )
    return buffer.getvalue()


def from_bytes(content: bytes) -> list[Moment]:
    """Raises CheckpointError for anything that ``to_bytes`` did not write."""
    try:
        with np.load(io.BytesIO(content)) as file:
            arrays = dict(file.items())
        points = arrays["points"].astype(np.float32) * (arrays["scale"] / STEPS)[:, None, None]
        columns: Iterable[tuple[float, float, Floats, NDArray[np.uint8]]] = zip(
            arrays["at"].tolist(), arrays["error"].tolist(), points, arrays["pictures"], strict=True
        )
        return [Moment(at, error, places, pictures.tobytes()) for at, error, places, pictures in columns]
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise CheckpointError("the replay of this model cannot be read") from error


def errors(content: bytes) -> list[tuple[float, float]]:
    """The test error of each moment alone, as (epochs, error). Raises CheckpointError as ``from_bytes`` does."""
    try:
        with np.load(io.BytesIO(content)) as file:
            return list(zip(file["at"].tolist(), file["error"].tolist(), strict=True))
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise CheckpointError("the replay of this model cannot be read") from error


def in_steps(points: Floats) -> tuple[float, NDArray[np.int16]]:
    """Points (n, 2) as whole numbers up to STEPS, and the length that STEPS stands for."""
    scale = float(np.abs(points).max()) or 1.0
    return scale, np.round(points * (STEPS / scale)).astype("<i2")
