"""How well two maps agree, in figures and in words; computed once for all visitors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from explorer.analysis.agreement import by_chance, distances, neighbours, overlap, trustworthiness
from explorer.analysis.codes import codes
from explorer.data.dataset import Dataset
from explorer.models.knobs import shown
from explorer.ui.explorer import Explorer
from explorer.ui.gallery import Exhibit
from explorer.ui.kept import Kept

DIGITS = 2000  # the first test digits: some maps hold no more
TRUSTED = 12  # the k of trustworthiness
FIRST, SECOND = "the first", "the second"


@dataclass(frozen=True)
class Faith:
    """A model's map of n test digits: neighbours (n, K) by code and on the map, and three trustworthinesses."""

    by_code: Tensor
    on_map: Tensor
    codes_to_pixels: float
    map_to_pixels: float
    map_to_codes: float


_pixels: Kept[Tensor] = Kept(2)
_faiths: Kept[Faith] = Kept(64)


def faith(exhibit: Exhibit, projection: str, dataset: Dataset, n: int) -> Faith:
    """How faithful a map of a model's codes is, looked at with the first n test digits."""

    def made() -> Faith:
        pixels = _pixels.get((dataset.sha256, n), lambda: distances(torch.tensor(dataset.test_images[:n]).flatten(1)))
        z = distances(codes(exhibit.model, dataset.test_images[:n]))
        by_code = neighbours(z)
        on_map = neighbours(distances(torch.tensor(exhibit.maps.points[projection][:n])))
        return Faith(
            by_code,
            on_map,
            trustworthiness(pixels, by_code, TRUSTED),
            trustworthiness(pixels, on_map, TRUSTED),
            trustworthiness(z, on_map, TRUSTED),
        )

    return _faiths.get((exhibit.id, exhibit.card.weights_sha256, projection, dataset.sha256, n), made)


def agreement(explorer: Explorer, asked: object) -> dict[str, Any]:
    """What the Agreement component shows of two maps: [model, projection, model, projection].

    Raises ValueError or CheckpointError.
    """
    if not isinstance(asked, list) or len(asked) != 4 or not all(isinstance(word, str) for word in asked):
        raise ValueError(f"two maps are named by two models and two projections, got {shown(asked)}")
    dataset = explorer.library.dataset
    exhibits = [explorer.gallery.open(model, dataset) for model in asked[::2]]
    for exhibit, projection in zip(exhibits, asked[1::2], strict=True):
        if projection not in exhibit.maps.points:
            there = ", ".join(exhibit.maps.points)
            raise ValueError(f"the projection must be one of {there}, got {shown(projection)}")
    pairs = list(zip(exhibits, asked[1::2], strict=True))
    n = min(DIGITS, *(len(exhibit.maps.points[projection]) for exhibit, projection in pairs))
    return told(*(faith(exhibit, projection, dataset, n) for exhibit, projection in pairs))


def told(first: Faith, second: Faith) -> dict[str, Any]:
    """Curves over k, a sentence for each k, the table of trustworthiness, and what it says: JSON."""
    n, most = first.by_code.shape
    by_code = overlap(first.by_code, second.by_code).tolist()
    on_map = overlap(first.on_map, second.on_map).tolist()
    ks = range(1, most + 1)
    curves = {
        "the codes": [shared / k for k, shared in zip(ks, by_code, strict=True)],
        "the maps": [shared / k for k, shared in zip(ks, on_map, strict=True)],
        "chance": [by_chance(k, n) / k for k in ks],
    }
    return {
        "digits": n,
        "curves": {name: [round(share, 4) for share in curve] for name, curve in curves.items()},
        "words": [shared_words(k, by_code[k - 1], on_map[k - 1], n) for k in ks],
        "trust": [
            ["codes, against the pixels", round(first.codes_to_pixels, 4), round(second.codes_to_pixels, 4)],
            ["map, against its own codes", round(first.map_to_codes, 4), round(second.map_to_codes, 4)],
            ["map, against the pixels", round(first.map_to_pixels, 4), round(second.map_to_pixels, 4)],
        ],
        "verdict": f"{compared(first, second)} {flattened(first, second)}",
    }


def shared_words(k: int, by_code: float, on_map: float, n: int) -> str:
    """What the overlap at k means."""
    if k == 1:
        return (
            f"In both codes {by_code:.0%} of the digits have the same nearest digit, on both maps {on_map:.0%}. "
            f"By chance it would be {by_chance(1, n):.2%}."
        )
    return (
        f"Of each digit's {k} nearest in one code, {few(by_code)} are also among the {k} nearest in the other; of its "
        f"{k} nearest on one map, {few(on_map)} on the other. By chance it would be {few(by_chance(k, n))}."
    )


def few(number: float) -> str:
    """A mean count: 4.1, but 0.05 where one digit would hide it."""
    return f"{number:.1f}" if number >= 0.95 else f"{number:.2g}"


def compared(first: Faith, second: Faith) -> str:
    """Which map keeps more of what the pixels say is alike."""
    a, b = first.map_to_pixels, second.map_to_pixels
    if round(a, 3) == round(b, 3):
        return f"Both maps keep the pixels' neighbours equally well ({a:.3f})."
    better, worse = ((FIRST, a), (SECOND, b)) if a > b else ((SECOND, b), (FIRST, a))
    return f"Of the two maps, {better[0]} keeps the pixels' neighbours better: {better[1]:.3f} against {worse[1]:.3f}."


def flattened(first: Faith, second: Faith) -> str:
    """What each map loses because it is flat."""
    said = []
    for name, one in ((FIRST, first), (SECOND, second)):
        lost = one.codes_to_pixels - one.map_to_pixels
        if one.map_to_codes > 1 - 1e-9:
            said.append(f"{name} map is the code itself, nothing is lost in drawing it")
        elif lost > 0.0005:
            said.append(f"drawing {name} code flat costs {lost:.3f}: the code itself has {one.codes_to_pixels:.3f}")
        else:
            said.append(f"{name} map is as near to the pixels as the code itself, which has {one.codes_to_pixels:.3f}")
    words = "; ".join(said)
    return f"{words[0].upper()}{words[1:]}."
