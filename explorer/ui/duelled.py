"""What the duel's figures say: a sentence for each code size, where one curve crosses another, and the chart."""

from __future__ import annotations

import gzip
from typing import Any

import torch
from torch import Tensor

from explorer.analysis.duel import PCA, Duel, columns, equals, fought, turned
from explorer.data.dataset import Dataset
from explorer.models.base import Decoding
from explorer.training.sweep import CODE_SIZES, FAMILIES
from explorer.ui.explorer import Explorer
from explorer.ui.kept import Kept
from explorer.ui.palette import DIGITS
from explorer.ui.session import Current

TITLES = {PCA: "PCA", **{family: shipped.title for family, shipped in FAMILIES.items()}}
BENT = [family for family in FAMILIES if family != "linear"]
LOOKS: dict[str, dict[str, Any]] = {
    PCA: {"color": "rgba(136, 136, 136, 0.5)", "width": 8},
    "linear": {"color": DIGITS[0], "width": 2},
    "dense": {"color": DIGITS[5], "width": 2},
    "convolutional": {"color": DIGITS[1], "width": 2},
}
PICTURES = 32  # of each kind: components, columns, turned columns
FULL = 64 / 127  # the strongest pixel of a signed picture has the full colour

_duels: Kept[Duel] = Kept(2)


def duel_of(dataset: Dataset) -> Duel:
    """The duel on these test digits, fought once for all visitors. Raises CheckpointError."""
    return _duels.get(dataset.sha256, lambda: fought(dataset))


def verdict(duel: Duel, at: int) -> str:
    """Who is nearest at this code size on the test digits, by how much, and what the linear one has to do with PCA."""
    mse = {side: errors[at] for side, errors in duel.mse.items()}
    best, *others = sorted((PCA, *BENT), key=lambda side: mse[side])
    first = (
        f"With {numbers(CODE_SIZES[at])} the {TITLES[best]} wins on the test digits: its error of {mse[best]:.3g} is "
        f"{mse[best] / mse[PCA]:.0%} of PCA's {mse[PCA]:.3g}."
    )
    if best == PCA:
        first = f"With {numbers(CODE_SIZES[at])} nobody beats PCA on the test digits: its error is {mse[PCA]:.3g}."
    rest = ", ".join(f"the {TITLES[side]} {mse[side]:.3g}" for side in others if side != PCA)
    linear = mse["linear"] / mse[PCA]
    return f"{first} Beside it: {rest}. The linear autoencoder has {linear:.4f} times PCA's error."


def crossings(duel: Duel) -> str:
    """With how few numbers each bent family does what PCA does with many, and where PCA is better."""
    said = []
    for family in BENT:
        mine, theirs = duel.mse[family], duel.mse[PCA]
        found = equals(mine, theirs)
        if found:
            few, many = found
            ours, pca = mine[CODE_SIZES.index(few)], theirs[CODE_SIZES.index(many)]
            alike = f"With {numbers(few)} the {TITLES[family]} is as good as PCA with {many}"
            said.append(f"{alike} ({ours:.3g} and {pca:.3g}).")
        lost = [str(k) for k, a, b in zip(CODE_SIZES, mine, theirs, strict=True) if a > b]
        if lost:
            said.append(f"PCA is better than the {TITLES[family]} at k = {', '.join(lost)}.")
    return " ".join(said)


def slant(duel: Duel, at: int) -> str:
    """The angles at this code size in words, and why the last may be large."""
    k, angles = CODE_SIZES[at], duel.angles[at]
    variance = duel.pca.variance
    near = float(variance[k] / variance[k - 1])
    small = int((angles < 5).sum())
    return (
        f"{small} of {k} angles are below 5°, the largest is {float(angles[-1]):.1f}°. The digits vary along component "
        f"{k + 1}, which PCA leaves out, {near:.0%} as much as along component {k}, the last it keeps. The nearer to "
        "100 %, the less it costs to take one for the other: then the last angles are large, and the error hardly "
        "grows."
    )


def numbers(k: int) -> str:
    """ "1 number", "2 numbers"."""
    return "1 number" if k == 1 else f"{k} numbers"


def own_point(current: Current) -> tuple[int, float] | None:
    """The page's current model in the chart: its code size and test error. None where it has no place there.

    More than the code goes through a model that does not decode one, and a code wider than PCA's last is no bottleneck.
    """
    size, error = current.exhibit.card.settings.get("latent_dim", 0), current.exhibit.maps.error
    if not isinstance(current.exhibit.model, Decoding) or not 1 <= size <= CODE_SIZES[-1]:
        return None
    return int(size), float(error.mean())


def chart(duel: Duel, current: Current) -> dict[str, Any]:
    """Error over code size, both logarithmic: a line a side, and a star for the page's current model."""
    lines = [line(TITLES[side].removesuffix(" autoencoder"), errors, LOOKS[side]) for side, errors in duel.mse.items()]
    dotted = {"color": "#888888", "width": 1, "dash": "dot"}
    lines.append(line("PCA, not clipped", duel.unclipped, dotted) | {"mode": "lines"})
    own = own_point(current)
    if own:
        name = f"{current.exhibit.variant.title}, {current.exhibit.card.title}"
        star = {"symbol": "star", "size": 14, "color": DIGITS[2]}
        point = {"type": "scatter", "mode": "markers", "x": [own[0]], "y": [own[1]], "marker": star}
        lines.append(point | {"name": "current model", "hovertext": name})
    axis = {"type": "log", "tickvals": list(CODE_SIZES), "ticktext": [str(k) for k in CODE_SIZES]}
    return {
        "data": lines,
        "layout": {
            "xaxis": {**axis, "title": {"text": "numbers in the code"}},
            "yaxis": {"type": "log", "dtick": "D2", "title": {"text": "mean squared error per pixel"}},
            "showlegend": True,
        },
    }


def line(name: str, errors: Any, look: dict[str, Any]) -> dict[str, Any]:
    """One line of the chart."""
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": name,
        "x": list(CODE_SIZES),
        "y": [round(error, 6) for error in errors],
        "line": look,
    }


def bases_file(explorer: Explorer, *_address: str) -> bytes:
    """Signed pictures, 784 int8 each, gzipped: 32 components, then for each k the linear decoder's first 32 columns at
    most, and as many of the same turned onto the components. Raises CheckpointError.
    """
    dataset = explorer.library.dataset

    def made() -> bytes:
        duel = duel_of(dataset)
        pictures = [duel.pca.components[:PICTURES]]
        for k, model in zip(CODE_SIZES, duel.models["linear"], strict=True):
            found = columns(model)
            pictures += [found.T[:PICTURES], turned(found, duel.pca.first(k).components)[:PICTURES]]
        return gzip.compress(signed(torch.cat(pictures)).numpy().tobytes(), mtime=0)

    return explorer.kept.get(("duel", dataset.sha256), made)


def signed(rows: Tensor) -> Tensor:
    """Rows (N, 784), each by its strongest pixel, as int8."""
    return (rows / rows.abs().amax(dim=1, keepdim=True) * FULL * 127).round().to(torch.int8)
