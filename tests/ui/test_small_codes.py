"""A code of one number is a line, on the map and as a manifold."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from explorer.data.digits import embedded
from explorer.models.checkpoint import pack
from explorer.models.registry import named
from explorer.training.store import RunStore
from explorer.ui.gallery import Gallery
from explorer.ui.latent import map_props
from explorer.ui.session import Current
from explorer.ui.views.manifold import codes_of_grid, enlarged, render
from tests.cases import Case, card_for


def coded(folder: Path, size: int) -> Current:
    """A fresh dense model with codes of so many numbers."""
    case = Case(named("dense"), named("dense").config.from_dict({"latent_dim": size}))
    weights, gallery = pack(case.model()), Gallery(RunStore(folder))
    model = gallery.store.keep(weights, card_for(case, weights), b"")
    return Current(gallery.open(model, embedded()), embedded(), 3, "", "label", gallery)


def test_one_number_is_a_row_of_twenty(tmp_path: Path) -> None:
    current = coded(tmp_path, 1)
    words, z, _ = codes_of_grid(current)
    assert words.startswith("A code of one number")
    assert z.shape == (20, 1)
    shares = np.quantile(current.exhibit.maps.points["code"][:, 0], (np.arange(20) + 0.5) / 20)
    np.testing.assert_allclose(z[:, 0].numpy(), shares, rtol=1e-4, atol=1e-4)
    (chosen,) = enlarged(current, {"cell": 19})
    assert chosen["sheet"]["captions"] == [f"column 20: z = {shares[19]:.2f}".replace("-", "−")]
    assert render(current)[2]["sheet"]["captions"][0].startswith("column 11: z = ")
    with pytest.raises(ValueError, match="from 0 to 19, got 20"):
        enlarged(current, {"cell": 20})


@pytest.mark.parametrize(("size", "is_line"), [(1, True), (2, False), (3, False)])
def test_the_map_reads_one_number_as_one(tmp_path: Path, size: int, is_line: bool) -> None:
    current = coded(tmp_path, size)
    assert map_props(current)["line"] is is_line
    assert ("row 11, column 11" in render(current)[2]["sheet"]["captions"][0]) is not is_line
