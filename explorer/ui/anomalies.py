"""What the view of anomalies shows: who judges, what is foreign to it, and why it errs, said from the figures."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from explorer.analysis import anomaly
from explorer.analysis.anomaly import ERROR, PER_INK, PER_ROOT, auroc, rank_correlation, scorer
from explorer.data import foreign
from explorer.data.dataset import Dataset, Pixels
from explorer.models.base import Autoencoder
from explorer.models.checkpoint import load
from explorer.training.anomaly import KNOWERS, ONLY, WITHOUT
from explorer.ui.gallery import SHIPPED
from explorer.ui.kept import Kept
from explorer.ui.session import Current

FOLDER = SHIPPED / "anomaly"
MODES = ("one digit alone", "all digits but one", "all ten: the open model")  # what the judge knows
UNSEEN, TURNED, LETTERS, NOISE = SOURCES = ("digits it never saw", "digits turned by 90°", "letters", "shuffled pixels")
MOST = 2000  # pictures of a group where there would be more for no gain, or a slow model
SHOWN = 6  # pictures in a row
COIN = 0.495  # an area under the curve that is written as less than one half
WELL = 0.5  # of a picture's mean square: an error below it means that the picture is recognised


@dataclass(frozen=True)
class Judge:
    """A model that is asked how foreign a picture is, and the digits that it knows."""

    key: str
    model: Autoencoder
    digits: tuple[int, ...]

    @property
    def is_open(self) -> bool:
        """Whether it is the page's own model, to which no digit is foreign."""
        return len(self.digits) == 10


@dataclass(frozen=True, eq=False)
class Group:
    """Scores in ascending order, and the strangest and least strange pictures with their test numbers, if any."""

    scores: Tensor
    ink: float
    pictures: Pixels  # SHOWN of the smallest scores, then SHOWN of the largest
    ids: list[int]
    captions: list[str]


@dataclass(frozen=True, eq=False)
class Bench:
    """Normal pictures against foreign ones, judged by one score."""

    score: Callable[[Pixels], Tensor]
    normal: Group
    foreign: Group
    auc: float
    follows_ink: float  # rank correlation of score and ink among the normal pictures
    auc_per_ink: float
    unbuilt: float  # the error of the foreign pictures, for their mean square; 1 where the score does not tell it


_judges: Kept[Autoencoder] = Kept(len(KNOWERS))
_benches: Kept[Bench] = Kept(48)


def judge_for(current: Current, mode: str, digit: int) -> Judge:
    """Who judges in this mode. Raises CheckpointError where its file is missing or damaged."""
    if mode == MODES[2]:
        return Judge(current.exhibit.card.weights_sha256, current.exhibit.model, tuple(range(10)))
    knower = KNOWERS[f"{ONLY if mode == MODES[0] else WITHOUT}-{digit}"]
    return Judge(knower.name, _judges.get(knower.name, lambda: load(FOLDER, knower.name)[0]), knower.digits)


def bench(judging: Judge, score: str, source: str, dataset: Dataset) -> Bench:
    """The judge's scores of the test digits that it knows and of what is foreign to it; kept for all visitors."""
    key = (judging.key, score, source, dataset.sha256)
    return _benches.get(key, lambda: measured(judging, score, source, dataset))


def measured(judging: Judge, score: str, source: str, dataset: Dataset) -> Bench:
    """The same, computed now."""
    is_known = np.isin(dataset.test_labels, judging.digits)
    normal = np.flatnonzero(is_known)
    if judging.is_open:
        normal = normal[:: max(1, len(normal) // MOST)]
    stranger = np.flatnonzero(~is_known) if source == UNSEEN else np.empty(0, np.int64)
    images, strange = dataset.test_images[normal], strangers(source, dataset, normal, stranger)
    known = dataset.train_images[np.isin(dataset.train_labels, judging.digits)][: anomaly.KNOWN]
    find = scorer(judging.model, score, known)
    found = find(images), find(strange)
    powers = {ERROR: 0.0, PER_ROOT: 0.5, PER_INK: 1.0}  # of the mean square, by which the error was divided
    per_ink = [
        one / anomaly.energy(side) ** (1 - powers.get(score, 0.0))
        for one, side in zip(found, (images, strange), strict=True)
    ]
    names = [str(label) for label in dataset.test_labels]
    return Bench(
        find,
        group(images, found[0], [names[i] for i in normal], normal),
        group(strange, found[1], captions(source, names, normal, stranger), stranger),
        auroc(*found),
        rank_correlation(found[0], anomaly.ink(images)),
        auroc(*per_ink) if score == ERROR else 0.0,
        float(per_ink[1].median()) if score in powers else 1.0,
    )


def strangers(source: str, dataset: Dataset, normal: NDArray[np.int64], stranger: NDArray[np.int64]) -> Pixels:
    """The foreign pictures (N, 1, 28, 28); of turned and shuffled digits as many as are normal, at most MOST."""
    if source == UNSEEN:
        return dataset.test_images[stranger]
    if source == LETTERS:
        return foreign.letters()
    some = dataset.test_images[normal[:MOST]]
    return foreign.turned(some) if source == TURNED else foreign.shuffled(some, seed=0)


def captions(source: str, names: list[str], normal: NDArray[np.int64], stranger: NDArray[np.int64]) -> list[str]:
    """What each foreign picture is."""
    if source == UNSEEN:
        return [names[i] for i in stranger]
    if source == LETTERS:
        return [foreign.LETTERS[i % len(foreign.LETTERS)] for i in range(len(foreign.letters()))]
    return [names[i] for i in normal[:MOST]]


def group(images: Pixels, scores: Tensor, names: list[str], ids: NDArray[np.int64]) -> Group:
    """A group's scores in order, and its pictures at both ends."""
    order = scores.argsort(stable=True)
    ends = [*order[:SHOWN].tolist(), *order[-SHOWN:].tolist()]
    words = [f"{names[i]} · {short(float(scores[i]))}" for i in ends]
    numbers = [int(ids[i]) for i in ends] if len(ids) else []
    return Group(scores[order], float(anomaly.ink(images).mean()), images[ends], numbers, words)


def short(score: float) -> str:
    """Two digits that count, and no power of ten."""
    return f"{score:.2g}" if abs(score) < 10 else f"{score:,.0f}"


def base64_floats(scores: Tensor) -> str:
    """(N,) -> base64 of N float32."""
    return base64.b64encode(scores.float().numpy().astype("<f4").tobytes()).decode()


def axis(seen: Bench) -> tuple[float, float]:
    """The two ends of the histogram: the smallest score, and what 99.5 % of each group do not exceed."""
    sides = (seen.normal.scores, seen.foreign.scores)
    low = min(float(side[0]) for side in sides)
    high = max(float(side[int(0.995 * (len(side) - 1))]) for side in sides)
    return low, high if high > low else low + 1.0


def lesson(seen: Bench, score: str) -> str:
    """What the area under the curve means, and why it is small where it is."""
    pairs = f"in {100 * seen.auc:.0f} of 100 pairs of a foreign and a normal picture the foreign one scores higher"
    if seen.auc > 0.995:
        pairs = "in practically every pair of a foreign and a normal picture the foreign one scores higher"
    meaning = f"**AUC {seen.auc:.3f}**: {pairs}. "
    if seen.auc >= 0.95:
        return meaning + "What the model never learnt it can hardly build, and the score tells."
    if seen.auc >= 0.8:
        return (
            meaning + "Most of what the model never learnt it builds badly; see the least foreign for the exceptions."
        )
    less, more = seen.foreign.ink, seen.normal.ink
    if less < 0.8 * more and seen.follows_ink > 0.2:
        return meaning + few_pixels(seen, score, less, more)
    worse = "**Worse than a coin.** " if seen.auc < COIN else ""
    if seen.unbuilt > WELL:
        return f"{meaning}{worse}This score hardly tells what the model never saw from what it knows."
    return (
        f"{meaning}{worse}The model handles much of what it never saw as well as what it knows: what it has learnt are "
        "strokes, and the strokes of the digits that it knows build these pictures too."
    )


def few_pixels(seen: Bench, score: str, less: float, more: float) -> str:
    """The failure of the reconstruction error: pictures with little ink."""
    coin = "**Worse than a coin, and here is why**: " if seen.auc < COIN else "One reason: "
    cure = f" Divided by the ink, the same errors reach an AUC of {seen.auc_per_ink:.3f}." if score == ERROR else ""
    return (
        f"{coin}the foreign pictures have little ink, {less:.1%} of the picture against {more:.1%} in the normal ones, "
        "and where there is little ink, there is little to get wrong: black is rebuilt as black, whatever the model "
        "knows. Among the normal pictures alone, the more ink, the higher the score (rank correlation "
        f"{seen.follows_ink:.2f}). So this score finds thick digits, not only strange ones.{cure}"
    )
