"""Rate over distortion, drawn and said: how many bits are enough, who needs fewer bytes, what the weights cost."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from explorer.analysis.rate import FRAME, ModelCoder, Point, decoder_bytes, enough, size_at
from explorer.models.base import Decoding
from explorer.models.checkpoint import CheckpointError
from explorer.models.knobs import shown
from explorer.models.registry import named, variants
from explorer.ui.compressed import CURVE_DIGITS, Rivals, byte, coder, curve, rivals
from explorer.ui.gallery import Exhibit, Gallery
from explorer.ui.session import Current

TICKS = [0.3, 1, 3, 10, 30, 100, 300, 1000]
MOST_DECIBELS = 45  # of the chart: further up there is only the DCT
FLAT = 0.1  # dB that rounding may cost and still be called nothing
LAYOUTS = {
    "bitmask": "Which numbers are awake is told by a bit for each of them, shorter here than a list of their places.",
    "list": "Which numbers are awake is told by a list of their places, shorter here than a bit for each of them.",
}
HEADS = (
    "| model | numbers | bits that are enough | bytes | entropy-coded | PSNR | PCA in as many bytes "
    "| DCT of the same PSNR | decoder's weights | pay after |"
)


@dataclass(frozen=True)
class Rate:
    """A model's curve and coder under its title."""

    title: str
    points: list[Point]
    coder: ModelCoder

    @property
    def weights(self) -> int:
        """Bytes of the decoder's weights."""
        return decoder_bytes(self.coder.model, self.coder.dim)

    def pays_after(self, point: Point, others: Rivals) -> float | None:
        """How many pictures it takes until fewer bytes than the DCT's, at the same PSNR, have paid for the weights."""
        rival = size_at(others.cosine_curve, point.decibels)
        return self.weights / (rival - point.size) if rival is not None and rival > point.size else None


def offered(gallery: Gallery, mine: Sequence[str] = ()) -> list[tuple[str, str]]:
    """The models that have a decoder, as (title, id)."""
    return [
        (f"{variant.title}, {one['title']}", str(one["id"]))
        for name, variant in variants().items()
        if issubclass(variant.kind, Decoding)
        for one in gallery.of(name, mine)
    ]


def chosen_rates(current: Current, models: object) -> list[Rate]:
    """The current model's rate, then those of other models. Raises ValueError for what is not on offer, CheckpointError
    for a model that is gone."""
    titles = {model: title for title, model in offered(current.gallery, current.mine)}
    if not isinstance(models, list) or not all(isinstance(one, str) and one in titles for one in models):
        raise ValueError(f"the models must be some of those on offer, got {shown(models)}")
    others = [current.gallery.open(one, current.dataset) for one in dict.fromkeys(models) if one != current.exhibit.id]
    return [rate(one, current) for one in (current.exhibit, *others)]


def rate(exhibit: Exhibit, current: Current) -> Rate:
    """One model's. Raises ValueError for a model that cannot decode, or has no finite codes."""
    title = f"{exhibit.variant.title}, {exhibit.card.title}"
    return Rate(title, curve(exhibit, current.dataset), coder(exhibit, current.dataset))


def one_of_each_variant(current: Current) -> list[str]:
    """A shipped model of each variant that has a decoder, by id; none that is damaged."""
    return [model for model in _first_of_each(current.gallery) if _opens(model, current)]


def _first_of_each(gallery: Gallery) -> Iterator[str]:
    for name in variants():
        models = gallery.of(name)
        if models and issubclass(named(name).kind, Decoding):
            yield str(models[0]["id"])


def _opens(model: str, current: Current) -> bool:
    try:
        current.gallery.open(model, current.dataset)
    except CheckpointError:
        return False
    return True


def verdict(own: Rate, bits: int, others: Rivals) -> str:
    """What is true of this setting, from the figures of test digits."""
    point, whole, least = own.points[bits - 1], own.points[-1], enough(own.points)
    lost = whole.decibels - point.decibels
    words = [f"**In {byte(point.size)} a picture this model keeps {point.decibels:.1f} dB**"]
    if lost <= FLAT:
        words[0] += f"; with its code unrounded, it keeps {whole.decibels:.1f} dB, so rounding takes next to nothing."
        if least.setting < bits:
            words.append(f"{least.setting} bits a number would do: from there on the curve is flat.")
    else:
        words[0] += f"; rounding takes {lost:.1f} dB of the {whole.decibels:.1f} dB that the unrounded code keeps."
        words.append(f"From {least.setting} bits a number on, {byte(least.size)}, the curve is flat.")
    words.append("What is missing there was lost in the bottleneck, not by rounding.")
    layout = own.coder.quantiser(bits).layout
    words += [LAYOUTS[layout]] if layout in LAYOUTS else []
    return " ".join([*words, *against(own, point, others)])


def against(own: Rate, point: Point, others: Rivals) -> Iterator[str]:
    """What rivals do in as many bytes, or need for as many decibels; and what the weights cost."""
    at_most = [one for one in others.pca_curve if one.size <= point.size]
    if at_most:
        yield f"In as many bytes PCA keeps {at_most[-1].decibels:.1f} dB."
    smallest, needed = others.cosine_curve[0], size_at(others.cosine_curve, point.decibels)
    if needed is None:
        yield "The DCT never gets there."
    elif needed <= smallest.size:
        yield f"The DCT is never smaller than {byte(smallest.size)}, and there has {smallest.decibels:.1f} dB already."
    else:
        yield f"The DCT needs {byte(needed)} for as many decibels."
    remark = ": **this code is larger, and yet it loses.**" if point.size > others.png else "."
    yield f"A PNG takes {byte(others.png)}, {FRAME} of them the file's frame, and loses nothing{remark}"
    after = own.pays_after(point, others)
    paid = f"they are paid for after {about(after)} pictures" if after else "they never pay"
    yield (
        f"**Not counted: the decoder's weights**, {own.weights / 1000:,.0f} kB as 32-bit floats; against the DCT at "
        f"the same decibels {paid}."
    )


def about(count: float) -> str:
    """A large number in two digits that count: 360,284 -> 360,000."""
    return f"{float(f'{count:.2g}'):,.0f}"


def chart(rates: Sequence[Rate], others: Rivals, bits: int) -> dict[str, Any]:
    """PSNR over bytes a picture, the figure: every model, PCA, DCT, where a PNG is, and a ring at these bits."""
    own = rates[0]
    lines = [line(one.title, one.points[:-1], {"width": 2 if i else 4}) for i, one in enumerate(rates)]
    ideal = {"x": [round(one.ideal, 2) for one in own.points[:-1]], "hoverinfo": "skip", "mode": "lines"}
    lines.append({**line("the first, entropy-coded", own.points[:-1], {"width": 2, "dash": "dot"}), **ideal})
    grey = {"width": 2, "color": "#888888"}
    lines.append(
        line(
            f"PCA, at most {others.pca.error.shape[1] - 1} components",
            others.pca_curve,
            {**grey, "dash": "dash"},
            "components",
        )
    )
    lines.append(line("DCT, as in JPEG", others.cosine_curve, {**grey, "dash": "dashdot"}, "quality"))
    here = line("this setting", [own.points[bits - 1]], {})
    marker = {"symbol": "circle-open", "size": 18, "line": {"width": 3}, "color": "#d62728"}
    edge = {"type": "line", "x0": others.png, "x1": others.png, "y0": 0, "y1": 1, "yref": "paper"}
    label = {"x": math.log10(others.png), "y": 1, "yref": "paper", "yanchor": "top"}
    layout = {
        "xaxis": {"title": {"text": "bytes a picture"}, "type": "log", "tickvals": TICKS},
        "yaxis": {"title": {"text": "PSNR in dB"}, "range": [min(min(one["y"]) for one in lines) - 1, MOST_DECIBELS]},
        "shapes": [{**edge, "line": {"dash": "dot", "width": 1, "color": "#888888"}}],
        "annotations": [{**label, "text": "PNG: exact", "xanchor": "left", "showarrow": False}],
    }
    return {"data": [*lines, {**here, "mode": "markers", "marker": marker}], "layout": layout}


def line(name: str, points: Sequence[Point], look: dict[str, Any], setting: str = "bits a number") -> dict[str, Any]:
    """One line of the figure."""
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": name,
        "x": [round(one.size, 2) for one in points],
        "y": [round(one.decibels, 2) for one in points],
        "customdata": [one.setting for one in points],
        "hovertemplate": f"%{{x:.3g}} bytes, %{{y:.1f}} dB<br>{setting}: %{{customdata}}",
        "line": look,
    }


def table(rates: Sequence[Rate], others: Rivals) -> str:
    """Every model where its curve becomes flat, the fewest bytes first: Markdown."""
    rows = sorted(((enough(one.points), one) for one in rates), key=lambda pair: pair[0].size)
    lines = [HEADS, "|---|" + "---:|" * 9]
    for point, one in rows:
        rival, after = size_at(others.cosine_curve, point.decibels), one.pays_after(point, others)
        pca = [known.decibels for known in others.pca_curve if known.size <= point.size]
        cells = [
            one.title,
            f"{one.coder.dim:,}",
            f"{point.setting}",
            f"{point.size:.3g}",
            f"{point.ideal:.3g}",
            f"{point.decibels:.1f} dB",
            f"{pca[-1]:.1f} dB" if pca else "none",
            f"{rival:.0f} bytes" if rival is not None else "never",
            f"{one.weights / 1000:,.0f} kB",
            f"{about(after)} pictures" if after else "never",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    lines += ["", f"*Means of {CURVE_DIGITS} test digits. A PNG takes {byte(others.png)} and loses nothing.*"]
    return "\n".join(lines)


def rates_of_all(current: Current) -> tuple[list[str], list[Rate], Rivals]:
    """One model of each variant, and their rates with that of the current model."""
    models = one_of_each_variant(current)
    return models, chosen_rates(current, models), rivals(current.dataset)
