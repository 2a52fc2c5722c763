"""One visitor's place on the page: which model and which input; kept while walking through the tabs."""

from __future__ import annotations

import base64
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from explorer.data.dataset import Dataset
from explorer.models.base import PIXELS, SIDE
from explorer.models.checkpoint import CheckpointError
from explorer.models.knobs import shown
from explorer.training.evaluate import BATCH
from explorer.training.record import Record
from explorer.ui.gallery import Exhibit, Gallery
from explorer.ui.images import pixels_of
from explorer.ui.library import Library

FIRST_MODEL = "variational-2d"
FIRST_LABEL = 7
MINE = 20  # of a visitor's own models, the newest
MASK_SEED = 0  # which patches a masking model hides on the page


@dataclass(frozen=True)
class Session:
    """Small enough to be kept for every visitor: ids and numbers, never a model."""

    model: str = FIRST_MODEL
    variant: str = "variational"
    index: int = -1  # the test digit that is the current input; -1 for the first view's own
    own: bytes = b""  # 784 grey values of a picture of the visitor's own; while there is one, it is the current input
    mine: tuple[str, ...] = ()  # models that this visitor trained, oldest first
    projection: str = ""  # of the latent map; empty for the model's usual one
    has_arrived: bool = False  # the browser has told what it remembers
    colour: str = "label"  # of its dots: label, error or cluster
    records: tuple[Record, ...] = ()  # of the visitor's newest runs, also of those whose weights are gone by now

    def with_index(self, index: object, dataset: Dataset) -> Session:
        """Another test digit. Raises ValueError for one that does not exist."""
        last = len(dataset.test_images) - 1
        if isinstance(index, bool) or not isinstance(index, int) or not 0 <= index <= last:
            raise ValueError(f"the test digit must be a whole number from 0 to {last}, got {shown(index)}")
        return replace(self, index=index, own=b"")

    def with_own(self, picture: bytes) -> Session:
        """A picture of the visitor's own, 784 grey values. Raises ValueError for another size."""
        if len(picture) != PIXELS:
            raise ValueError(f"a picture must have {PIXELS} pixels, got {len(picture)}")
        return replace(self, own=picture)

    def with_run(self, record: Record) -> Session:
        """Another run of the visitor's, or another record of the same; the oldest beyond MINE are forgotten."""
        mine = self.mine if record.run in self.mine else (*self.mine, record.run)
        records = {one.run: one for one in self.records} | {record.run: record}
        return replace(self, mine=mine[-MINE:], records=tuple(records.values())[-MINE:])

    def without_run(self, run: str) -> Session:
        """The same without this run."""
        mine = tuple(one for one in self.mine if one != run)
        return replace(self, mine=mine, records=tuple(record for record in self.records if record.run != run))

    @property
    def memory(self) -> dict[str, Any]:
        """What the browser remembers of the visit: JSON."""
        own = base64.b64encode(self.own).decode()
        records = [record.as_dict() for record in self.records]
        return {"model": self.model, "index": self.index, "mine": list(self.mine), "own": own, "records": records}


def recalled(memory: object, gallery: Gallery, dataset: Dataset) -> Session:
    """The session that a browser remembers. Models that are gone are left out; so is what makes no sense."""
    if not isinstance(memory, dict):
        return Session(has_arrived=True)
    model, index, mine = (memory.get(key) for key in ("model", "index", "mine"))
    kept = [run for run in mine if isinstance(run, str) and gallery.store.holds(run)] if isinstance(mine, list) else []
    session = Session(has_arrived=True, records=recorded(memory.get("records")))
    for run in kept[-MINE:]:
        with suppress(CheckpointError):  # gone since, or damaged
            session = session.with_run(gallery.store.record(run))
    known = {*gallery.shipped, *kept, *(record.run for record in session.records)}
    if isinstance(model, str) and model in known:  # it may be gone: then the visitor is told
        session = replace(session, model=model)
    with suppress(ValueError):
        session = session.with_index(index, dataset)
    with suppress(ValueError):
        session = session.with_own(pixels_of(memory.get("own")))
    return session


def recorded(told: object) -> tuple[Record, ...]:
    """The records that a browser remembers, without what makes no sense."""
    records = []
    for one in told[-MINE:] if isinstance(told, list) else []:
        with suppress(ValueError):
            records.append(Record.from_dict(one))
    return tuple(records)


@dataclass(frozen=True)
class Current:
    """What a view shows: the open model, the data set, and what goes in.

    ``index`` is the test digit that was chosen last; the input is that digit, unless there is a picture of the
    visitor's ``own``.
    """

    exhibit: Exhibit
    dataset: Dataset
    index: int
    projection: str
    colour: str
    gallery: Gallery
    own: bytes = b""
    mine: tuple[str, ...] = ()
    records: tuple[Record, ...] = ()

    @property
    def codes(self) -> Tensor:
        """The codes of all test digits: (N, D). They are kept, so only the first look at a model takes time."""
        return self.gallery.codes(self.exhibit, self.dataset)

    @property
    def x(self) -> Tensor:
        """The current input: (1, 1, 28, 28) in [0, 1]."""
        if self.own:
            pixels = np.frombuffer(self.own, dtype=np.uint8).reshape(1, 1, SIDE, SIDE)
            return torch.from_numpy(pixels.astype(np.float32) / 255)
        return self.batch([self.index])

    @property
    def label(self) -> int | None:
        """The digit that the current input shows; nobody knows it of a picture of one's own."""
        return None if self.own else int(self.dataset.test_labels[self.index])

    def batch(self, indices: list[int]) -> Tensor:
        """Some test digits: (N, 1, 28, 28) in [0, 1]. N may not exceed 500."""
        return torch.from_numpy(self.dataset.test_images[indices[:BATCH]]).float() / 255


def current(session: Session, gallery: Gallery, library: Library) -> Current:
    """The session's model and input, opened. Raises CheckpointError for a model that is gone or damaged."""
    dataset = library.dataset
    index = session.index
    if not 0 <= index < len(dataset.test_images):  # the first view, or another data set than before
        index = int((dataset.test_labels == FIRST_LABEL).nonzero()[0][0])
    exhibit = gallery.open(session.model, dataset)
    return Current(
        exhibit,
        dataset,
        index,
        session.projection,
        session.colour,
        gallery,
        session.own,
        session.mine,
        session.records,
    )
