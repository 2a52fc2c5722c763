"""What a model and four filters make of damaged digits: pictures with their figures, a verdict in words, the curve."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from explorer.analysis.denoise import STRENGTHS, ever_more, filter_curves, model_curve
from explorer.analysis.filters import cleaned, digit_components
from explorer.analysis.projection import Pca
from explorer.analysis.quality import psnr, ssim
from explorer.data.corruption import Corruption
from explorer.data.dataset import Dataset
from explorer.models.base import Autoencoder, Decoding, Masking
from explorer.models.knobs import shown
from explorer.models.registry import variants
from explorer.training.evaluate import reconstruct
from explorer.ui.components.sheet import digits_sheet
from explorer.ui.gallery import Exhibit, Gallery
from explorer.ui.images import base64_of
from explorer.ui.kept import Kept
from explorer.ui.session import MASK_SEED, Current

KINDS = {  # a curve's damage: the field of Corruption, its strongest, and what the axis says
    "Gaussian noise": ("noise", 1.0, "σ of the noise"),
    "salt and pepper": ("random", 0.8, "share of the pixels"),
    "missing pixels": ("missing", 0.9, "share of the pixels"),
    "blur": ("blur", 4.0, "σ of the blur, in pixels"),
}
CURVE_DIGITS = 40
CLEAN = 2  # of the answers: it starts from the clean picture, so it does not compete
PERFECT = 99.9  # dB: nothing was changed
DASHES = ("dot", "dash", "dashdot", "longdash")


@dataclass(frozen=True)
class Answer:
    """Pictures (N, 1, 28, 28) under a name, a note for each, and how near each is to the clean one."""

    name: str
    images: Tensor
    notes: tuple[str, ...]
    decibels: Tensor
    likeness: Tensor

    @property
    def mean(self) -> float:
        """Mean PSNR in dB."""
        return float(self.decibels.mean())

    @property
    def mean_ssim(self) -> float:
        """Mean SSIM."""
        return float(self.likeness.mean())


def answers(exhibit: Exhibit, dataset: Dataset, clean: Tensor, damaged: Tensor) -> list[Answer]:
    """The damaged pictures, the model's answer to them, its answer to the clean ones, and the filters' answers."""
    own, kept = (restored(exhibit.model, x) for x in (damaged, clean))
    pictures = {"damaged": damaged, "rebuilt by the model": own, "the clean one rebuilt": kept}
    named = [(name, images, ("",) * len(clean)) for name, images in pictures.items()]
    named += [(one.name, one.images, one.settings) for one in cleaned(damaged, clean, components(dataset))]
    likeness = torch.split(ssim(clean.repeat(len(named), 1, 1, 1), torch.cat([x for _, x, _ in named])), len(clean))
    return [Answer(*one, psnr(clean, one[1]), alike) for one, alike in zip(named, likeness, strict=True)]


def restored(model: Autoencoder, x: Tensor) -> Tensor:
    """What the page shows as the reconstruction."""
    return reconstruct(model, x, torch.Generator().manual_seed(MASK_SEED)).clamp(0, 1)


_components: Kept[Pca] = Kept(2)


def components(dataset: Dataset) -> Pca:
    """The principal components of the training digits, found once for all visitors."""
    return _components.get(dataset.sha256, lambda: digit_components(dataset.train_images))


def sheet_of(clean: Tensor, given: Sequence[Answer]) -> dict[str, Any]:
    """One digit: two rows of four, large. Ten digits: a column each, a row an answer. Frames mark the nearest."""
    rivals = [place for place in range(len(given)) if place != CLEAN]
    nearest = torch.stack([given[place].decibels for place in rivals]).argmax(dim=0)
    winners = [rivals[which] for which in nearest.tolist()]
    pictures, label, columns = torch.cat([one.images for one in given]), "damaged and restored digits", len(clean)
    if columns > 1:
        captions = [f"{dB:.1f} {s:.2f}" for one in given for dB, s in zip(one.decibels, one.likeness, strict=True)]
        rows = [f"{one.name}: {one.mean:.1f} dB, SSIM {one.mean_ssim:.2f}" for one in given]
        marked = [winner * columns + column for column, winner in enumerate(winners)]
        return digits_sheet(base64_of(pictures), columns, label, captions=captions, rows=rows, marked=marked)
    captions = [
        ", ".join(filter(None, (one.name, one.notes[0], f"{one.mean:.1f} dB", f"SSIM {one.mean_ssim:.2f}")))
        for one in given
    ]
    all_ = base64_of(torch.cat((clean, pictures)))
    return digits_sheet(all_, 4, label, captions=["clean", *captions], marked=[1 + winners[0]])


def verdict(given: Sequence[Answer], damage: Corruption, model: Autoencoder) -> str:
    """Who wins, and why, from the figures."""
    nothing, own, kept, *filters = given
    figures = f"the damaged picture has {nothing.mean:.1f} dB, the model's reconstruction {own.mean:.1f} dB"
    best = max(filters, key=lambda one: one.mean)
    filtered = f" The best filter, {best.name}, reaches {best.mean:.1f} dB."
    idle = "**Doing nothing wins**" if nothing.mean >= best.mean else "**Doing nothing beats the model**"
    cost = "the bottleneck" if isinstance(model, Decoding) else "its own work"  # a U-Net has none
    if nothing.mean > PERFECT:
        words = (
            "**Nothing is damaged**, so nothing needs doing. What the reconstruction lacks, at "
            f"{kept.mean:.1f} dB, is what {cost} costs."
        )
    elif own.mean > nothing.mean:
        words = f"**The model comes nearer**: {figures}.{filtered}"
        if own.mean_ssim < nothing.mean_ssim:
            words += (
                f" SSIM disagrees, {own.mean_ssim:.2f} after {nothing.mean_ssim:.2f}: a soft blur costs few decibels "
                "even where it has another shape."
            )
    elif kept.mean <= nothing.mean:
        words = (
            f"{idle}: {figures}. {cost.capitalize()} loses more than this damage does, for even of the clean picture "
            f"the model keeps only {kept.mean:.1f} dB.{filtered}"
        )
    else:
        words = (
            f"{idle}: {figures}. {cost.capitalize()} is not to blame, for the clean one comes out at "
            f"{kept.mean:.1f} dB: this model takes the damage for part of the digit.{filtered}"
        )
    if isinstance(model, Masking):
        words += " It copies the patches that it sees, with their damage; only the hidden ones are its own work."
    if damage.turn or damage.right or damage.down:
        words += " Turned and shifted digits are compared with the clean one where it stood; nobody here moves back."
    return words


def offered(gallery: Gallery, mine: Sequence[str] = ()) -> list[tuple[str, str]]:
    """The models that a curve may be drawn of, as (title, id)."""
    return [
        (f"{variant.title}, {one['title']}", str(one["id"]))
        for name, variant in variants().items()
        for one in gallery.of(name, mine)
    ]


_filtered: Kept[dict[str, list[float]]] = Kept(40)


def curves(current: Current, kind: object, models: object, seed: int) -> list[Any]:
    """PSNR over strength, the figure: the current model and the chosen ones, the filters, and doing nothing; in words,
    up to where nothing is best.

    Raises ValueError for what is not on offer, CheckpointError for a model that is gone.
    """
    titles = {model: title for title, model in offered(current.gallery, current.mine)}
    if kind not in KINDS:
        raise ValueError(f"the damage must be one of {', '.join(KINDS)}, got {shown(kind)}")
    if not isinstance(models, list) or not all(isinstance(one, str) and one in titles for one in models):
        raise ValueError(f"the models must be some of those on offer, got {shown(models)}")
    field, strongest, axis = KINDS[str(kind)]
    clean = current.batch([*range(CURVE_DIGITS)])
    damaged = ever_more(clean, field, strongest, seed)
    found = {}
    for model in dict.fromkeys([current.exhibit.id, *models]):
        exhibit, generator = current.gallery.open(model, current.dataset), torch.Generator().manual_seed(MASK_SEED)
        found[titles.get(model, exhibit.card.title)] = model_curve(exhibit.model, clean, damaged, generator)
    known = (current.dataset.sha256, field, seed)
    guesses = _filtered.get(known, lambda: filter_curves(clean, damaged, components(current.dataset)))
    (name, nothing), *filters = guesses.items()
    lines = [line(title, y, strongest, {"width": 2 if at else 4}) for at, (title, y) in enumerate(found.items())]
    lines += [line(*one, strongest, {"width": 1, "dash": dash}) for one, dash in zip(filters, DASHES, strict=True)]
    lines.append(line(name, nothing, strongest, {"width": 7, "color": "rgba(136, 136, 136, 0.5)"}))
    layout = {"xaxis": {"title": {"text": axis}}, "yaxis": {"title": {"text": "PSNR in dB"}}, "hovermode": "x unified"}
    words = crossing(nothing, list(found.values()), strongest, axis)
    return [
        {"data": lines, "layout": {**layout, "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom"}}},
        words,
    ]


def crossing(nothing: Sequence[float], models: Sequence[Sequence[float]], strongest: float, axis: str) -> str:
    """Up to which strength doing nothing beats every model, and where it does so beyond that."""
    lost = [idle > max(made) for idle, *made in zip(nothing, *models, strict=True)]
    if not any(lost):
        return "At each strength drawn here some model beats doing nothing."
    first = [*lost, False].index(False)
    beyond = [strongest * share for share, is_lost in zip(STRENGTHS[first:], lost[first:], strict=True) if is_lost]
    words, again = [], ", again" if first else ""
    if first:
        words.append(
            f"**Up to {strongest * STRENGTHS[first - 1]:g} ({axis}) doing nothing beats every model drawn here**: what "
            "they lose of any picture is more than such damage takes."
        )
    if beyond:
        places = ", ".join(f"{strength:g}" for strength in beyond)
        words.append(f"At {places} ({axis}) doing nothing beats every model drawn here{again}.")
    return " ".join(words)


def line(name: str, decibels: Sequence[float], strongest: float, look: dict[str, Any]) -> dict[str, Any]:
    """One line of the figure."""
    x, y = [round(strongest * share, 4) for share in STRENGTHS], [round(value, 2) for value in decibels]
    return {"type": "scatter", "mode": "lines+markers", "name": name, "x": x, "y": y, "line": look}
