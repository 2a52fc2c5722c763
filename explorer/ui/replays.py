"""The file from which the browser plays a training again."""

from __future__ import annotations

import gzip

import numpy as np
from numpy.typing import NDArray

from explorer.analysis.replay import STEPS, from_bytes, in_steps
from explorer.ui.decoders import framed
from explorer.ui.explorer import Explorer


def replay_file(explorer: Explorer, model: str, _name: str) -> bytes:
    """A training's moments, gzipped: points as 16-bit whole numbers, ten pictures each, and the labels.

    Raises KeyError where there is no replay, or CheckpointError.
    """
    dataset = explorer.library.dataset
    return explorer.kept.get(("replay", model, dataset.sha256), lambda: packed(explorer, model, dataset.test_labels))


def packed(explorer: Explorer, model: str, labels: NDArray[np.uint8]) -> bytes:
    """The same, made anew; ``labels`` of all test digits."""
    kept = explorer.gallery.replay(model)
    if not kept:
        raise KeyError(model)
    moments = from_bytes(kept)
    scales, points = zip(*(in_steps(moment.points) for moment in moments), strict=True)
    labels = labels[: len(points[0])]
    header = {
        "n": len(labels),
        "at": [round(moment.at, 3) for moment in moments],
        "error": [moment.error for moment in moments],
        "scale": scales,
        "steps": STEPS,
    }
    content = [np.stack(points).tobytes(), *(moment.pictures for moment in moments), labels.astype("u1").tobytes()]
    return gzip.compress(framed(header) + b"".join(content), mtime=0)
