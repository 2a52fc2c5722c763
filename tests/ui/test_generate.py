"""Generate: what is fitted to a model's codes is fitted once, however many ask for it at the same time."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from explorer.analysis.generation import mixture
from explorer.data.digits import embedded
from explorer.training.store import RunStore
from explorer.ui.gallery import Gallery
from explorer.ui.kept import Kept
from explorer.ui.session import Current
from explorer.ui.views.generate import fitted

VISITORS = 4


def test_visitors_who_come_together_wait_for_one_mixture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dataset, gallery = embedded(), Gallery(RunStore(tmp_path))
    current = Current(gallery.open("variational-2d", dataset), dataset, 0, "", "label", gallery)
    together, fits = threading.Barrier(VISITORS), []

    def counted(*codes: Any) -> Any:
        fits.append(1)
        return mixture(*codes)

    def come(_: int) -> Any:
        together.wait(10)
        return fitted(current)

    monkeypatch.setattr("explorer.ui.views.generate.mixture", counted)
    monkeypatch.setattr("explorer.ui.views.generate._fitted", Kept(24))
    with ThreadPoolExecutor(VISITORS) as visitors:
        answers = [*visitors.map(come, range(VISITORS))]
    assert len(fits) == 1
    assert all(answer is answers[0] for answer in answers)
