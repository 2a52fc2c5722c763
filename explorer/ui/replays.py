"""The file from which the browser plays a training again."""

from __future__ import annotations

import gzip

import numpy as np

from explorer.analysis.replay import STEPS, from_bytes, in_steps
from explorer.ui.decoders import framed
from explorer.ui.explorer import Explorer


def replay_file(explorer: Explorer, model: str, _name: str) -> bytes:
    """A training's moments, gzipped: points as 16-bit whole numbers, ten pictures each, and the labels.

    Raises KeyError where there is no replay, or CheckpointError.
    """
    content = explorer.gallery.replay(model)
    if not content:
        raise KeyError(model)
    moments = from_bytes(content)
    scales, points = zip(*(in_steps(moment.points) for moment in moments), strict=True)
    labels = explorer.library.dataset.test_labels[: len(points[0])]
    header = {
        "n": len(labels),
        "at": [round(moment.at, 3) for moment in moments],
        "error": [moment.error for moment in moments],
        "scale": scales,
        "steps": STEPS,
    }
    pictures = b"".join(moment.pictures for moment in moments)
    return gzip.compress(
        framed(header) + np.stack(points).tobytes() + pictures + labels.astype("u1").tobytes(), mtime=0
    )
