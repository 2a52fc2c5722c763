"""What the page tells of a code's knowledge: the figures of three spaces, in words, and the model among all others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from explorer.analysis.augmentation import MADE, TOLD, WAYS
from explorer.analysis.knowledge import LINEAR, READERS, draws_of
from explorer.analysis.reports import PIXEL_SPACE, Report, pca_space, read_reports
from explorer.data.dataset import Dataset
from explorer.models.base import PIXELS
from explorer.models.checkpoint import Card
from explorer.models.registry import named
from explorer.training.shipped import FAILURES
from explorer.ui.gallery import Exhibit, Gallery
from explorer.ui.kept import Kept

Reports = dict[str, Report]
NOTICED = 2  # standard errors: a smaller difference is none
WAYS_IN_WORDS = {
    "bell": "drawn from one bell curve a digit",
    "near": "drawn near the code of one real digit each",
}
_read: Kept[Reports] = Kept(4)
_measured: Kept[Report] = Kept(256)  # of visitors' models and of stand-in digits


def known_reports(gallery: Gallery, dataset: Dataset, spaces: Sequence[str]) -> Reports:
    """The reports of these spaces that are there: those that came with the program, and what was measured since."""
    shipped = _read.get((str(gallery.folder), dataset.sha256), lambda: read_reports(gallery.folder, dataset))
    found = {}
    for space in spaces:
        if space in shipped:
            found[space] = shipped[space]
        else:
            try:
                found[space] = _measured.get((dataset.sha256, space), _missing)
            except LookupError:
                continue
    return found


def _missing() -> Report:
    raise LookupError("not measured yet")


def add_reports(dataset: Dataset, reports: Reports) -> None:
    """Keep what a worker has measured."""
    for space, report in reports.items():
        _measured.get((dataset.sha256, space), lambda report=report: report)  # type: ignore[misc]


def spaces_of(exhibit: Exhibit, size: int) -> dict[str, str]:
    """The names of the three spaces in which a model with codes of so many numbers is measured."""
    return {"code": exhibit.card.weights_sha256, "pca": pca_space(size), "pixels": PIXEL_SPACE}


def figures(exhibit: Exhibit, size: int, gallery: Gallery, dataset: Dataset) -> Reports | None:
    """The model's report and those of principal components and of pixels; None unless all three are there."""
    spaces = spaces_of(exhibit, size)
    known = known_reports(gallery, dataset, [*spaces.values()])
    return {role: known[space] for role, space in spaces.items()} if len(known) == len(set(spaces.values())) else None


def told(reports: Reports) -> dict[str, Any]:
    """Figures and sentences for the Knowledge component."""
    counts = [int(count) for count in reports["code"]["right"]]
    return {
        "right": {role: report["right"] for role, report in reports.items()},
        "heaps": {role: [report[name] for name in ("purity", "nmi", "ari")] for role, report in reports.items()},
        "words": {str(count): {reader: compared(reports, count, reader) for reader in READERS} for count in counts},
        "about_heaps": about_heaps(reports),
        "lessons": {reader: about_lessons(reports, reader) for reader in READERS}
        if "lessons" in reports["code"]
        else {},
    }


def compared(reports: Reports, count: int, reader: str) -> str:
    """What a reader with so many labels gets out of the code, and whether that is more than out of the other two."""
    code, tested = reports["code"]["right"][str(count)][reader], reports["code"]["tested"]
    size, draws = reports["code"]["size"], draws_of(count)
    mean = "the mean of five draws" if draws > 1 else "one draw"
    start = (
        f"With {count:,} labels {in_words(reader, count)} reads **{percent(code, tested)}** of the test digits from "
    )
    start += f"this model's {numbers(size)} ({mean}). "
    names = {"pixels": "raw pixels", "pca": f"{min(size, PIXELS)} principal components"}
    if size >= PIXELS:
        names.pop("pca")
    others = [
        f"Against {name} the code {difference(code, reports[role]['right'][str(count)][reader], tested)}."
        for role, name in names.items()
    ]
    turned = "" if size < PIXELS else f" All {PIXELS} principal components are the pixels, turned: they tell the same."
    return start + " ".join(others) + turned


def numbers(size: int) -> str:
    """1 number, 2 numbers."""
    return "one number" if size == 1 else f"{size:,} numbers"


def in_words(reader: str, count: int) -> str:
    """Who reads. A vote asks no more neighbours than there are labelled digits of a kind."""
    if reader == LINEAR:
        return "a linear classifier"
    k = min(int(reader), count // 10)
    return "the nearest labelled digit" if k == 1 else f"a vote of the {k} nearest labelled digits"


def percent(right: Sequence[int], tested: int) -> str:
    """The mean share of several draws."""
    return f"{100 * float(np.mean(right)) / tested:.1f}\u00a0%"


def difference(ours: Sequence[int], theirs: Sequence[int], tested: int) -> str:
    """Ours beside theirs, draw by draw, in points of percent; and whether so many test digits can tell them apart."""
    gaps = np.subtract(ours, theirs) / tested
    gap, share = float(gaps.mean()), float(np.mean(ours)) / tested
    error = float(np.sqrt(2 * max(share * (1 - share), 1 / tested) / tested))
    if abs(gap) < NOTICED * error:
        return f"makes no difference that {tested:,} test digits could show ({signed(gap)} points)"
    verb, same = ("gains", int((gaps > 0).sum())) if gap > 0 else ("loses", int((gaps < 0).sum()))
    draws = f", in {same} of {len(gaps)} draws" if len(gaps) > 1 else ""
    return f"{verb} {100 * abs(gap):.1f} points{draws}"


def signed(gap: float) -> str:
    """0.012 -> "+1.2"."""
    return f"{100 * gap:+.1f}".replace("-", "\u2212")


def about_heaps(reports: Reports) -> str:
    """What k-means finds, in words."""
    best = max(reports, key=lambda role: float(reports[role]["nmi"]))
    names = {"code": "this model's codes", "pca": "the principal components", "pixels": "the raw pixels"}
    return (
        f"Of ten heaps that k-means finds in the codes, without labels, {reports['code']['purity']:.0%} of the digits "
        f"carry the commonest label of their heap. By NMI the heaps of {names[best]} are the most like the ten digits."
    )


def about_lessons(reports: Reports, reader: str) -> dict[str, Any]:
    """What digits that the model made are worth as lessons for a reader of pixels: a table, and the answer."""
    lessons, tested = reports["code"]["lessons"], reports["code"]["tested"]
    alone = lessons["alone"][reader]
    rows = [[f"{TOLD} real digits", percent(alone, tested), ""]]
    words = []
    for way in WAYS:
        right = lessons[way][reader]
        better = sum(new > old for new, old in zip(right, alone, strict=True))
        gap = float(np.mean(right) - np.mean(alone)) / tested
        name = f"{MADE:,} more, {WAYS_IN_WORDS[way]}"
        rows.append([name, percent(right, tested), f"{signed(gap)} points; better in {better} of {len(alone)} draws"])
        always = better in (0, len(alone))
        verdict = ("help" if gap > 0 else "harm") if always else "neither help nor harm reliably"
        words.append(f"digits {WAYS_IN_WORDS[way]} {verdict}")
    code = reports["code"]["right"][str(TOLD)][reader]
    rows.append(["the code itself, read with the same labels", percent(code, tested), ""])
    return {"rows": rows, "words": f"For {in_words(reader, TOLD)} of pixels, {', '.join(words)}."}


def everyone(gallery: Gallery, dataset: Dataset, exhibit: Exhibit) -> dict[str, Any]:
    """A row for each shipped model, for the one that is open, and for the spaces that need no model; and a remark."""
    cards = {name: card for name, card in gallery.shipped.items() if name not in FAILURES} | {exhibit.id: exhibit.card}
    known = known_reports(gallery, dataset, [card.weights_sha256 for card in cards.values()])
    rows = [
        row(known[card.weights_sha256], model, named(card.variant).title, card.title)
        | {"mine": model not in gallery.shipped}
        for model, card in cards.items()
        if card.weights_sha256 in known
    ]
    sizes = sorted({int(one["size"]) for one in rows if one["size"] < PIXELS})  # all components are the pixels, turned
    for space, report in known_reports(gallery, dataset, [PIXEL_SPACE, *(pca_space(size) for size in sizes)]).items():
        names = ("Raw pixels", "no model") if space == PIXEL_SPACE else ("PCA", f"{report['size']} components")
        rows.append(row(report, "", *names))
    return {"rows": rows, "words": about_penalty(gallery.shipped, known)}


def row(report: Report, model: str, variant: str, title: str) -> dict[str, Any]:
    """One row of the table of all."""
    shares = {
        count: {reader: float(np.mean(right)) / report["tested"] for reader, right in found.items()}
        for count, found in report["right"].items()
    }
    heaps = {name: report[name] for name in ("purity", "nmi", "ari")}
    return {"id": model, "variant": variant, "title": title, "size": report["size"], "shares": shares, **heaps}


def about_penalty(cards: Mapping[str, Card], reports: Reports, count: int = 1000) -> str:
    """Whether the contractive penalty makes codes easier to read, from the two shipped models that tell; or nothing."""
    pair = [cards[name].weights_sha256 for name in ("contractive", "contractive-free") if name in cards]
    if len(pair) < 2 or not all(one in reports and str(count) in reports[one]["right"] for one in pair):
        return ""
    (with_it, without), tested = (reports[one]["right"][str(count)][LINEAR] for one in pair), reports[pair[0]]["tested"]
    return (
        f"What the contractive penalty is worth to a reader: with {count:,} labels a linear classifier reads "
        f"{percent(with_it, tested)} from the contractive code and {percent(without, tested)} from that of the same "
        f"network without it; the penalty {difference(with_it, without, tested)}."
    )
