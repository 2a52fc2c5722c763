"""All that is measured of what codes know, kept in one file for the shipped models.

``python -m explorer.analysis.reports [names]`` measures what is missing or new in ``pretrained/knowledge.reports``.
"""

from __future__ import annotations

import argparse
import json
import logging
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from explorer.analysis.augmentation import lessons
from explorer.analysis.clusters import ari, kmeans, label_counts, nmi, purity
from explorer.analysis.codes import codes
from explorer.analysis.knowledge import DRAWS, Space, answers, counts_of, draws_of, labelled
from explorer.analysis.linear import image_moments
from explorer.analysis.projection import Pca
from explorer.data import load as load_data
from explorer.data.dataset import Dataset, Pixels
from explorer.models.base import PIXELS, Autoencoder, Generative
from explorer.models.checkpoint import Card, load, unpack, write_atomically
from explorer.training.evaluate import batches
from explorer.training.runs import loaded
from explorer.training.shipped import FAILURES

Report = dict[str, Any]
See = Callable[[Pixels], Tensor]  # images (N, 1, 28, 28) uint8 -> rows (N, D)
PIXEL_SPACE = "pixels"
FILE = "knowledge.reports"  # JSON, but no card: every .json beside it is one
log = logging.getLogger("knowledge")


def pixels(images: Pixels) -> Tensor:
    """(N, 784) in [0, 1]."""
    return torch.cat([x.flatten(1) for x in batches(images)])


def pca_space(size: int) -> str:
    """The name of the space of as many principal components as a code has numbers, or as there are."""
    return f"pca-{min(size, PIXELS)}"


def seen_by_pca(dataset: Dataset, space: str) -> See:
    """Pictures as their principal components, which are those of all training digits."""
    pca = Pca.of(*image_moments(dataset.train_images), int(space.removeprefix("pca-")))
    return lambda images: pca.project(pixels(images))


def labels_of(dataset: Dataset) -> tuple[Tensor, Tensor]:
    """Of the training digits and of the test digits, int64."""
    train, test = (torch.from_numpy(part.astype(np.int64)) for part in (dataset.train_labels, dataset.test_labels))
    return train, test


def space_of(see: See, dataset: Dataset, count: int, seed: int, test: Tensor | None = None) -> Space:
    """The digits that have labels in a draw, and all test digits, as ``see`` sees them; ``test`` if it is known."""
    train_labels, test_labels = labels_of(dataset)
    which = labelled(train_labels, count, seed)
    train = see(dataset.train_images[which.numpy()]).float()
    test = see(dataset.test_images).float() if test is None else test
    return Space(train, train_labels[which], test, test_labels)


def measured(see: See, dataset: Dataset) -> Report:
    """The figures of one space: for each count of labels and each reader how many test digits are right, draw by draw;
    how many digits were tested; and how well ten clusters of k-means agree with the labels.
    """
    train_labels, test_labels = labels_of(dataset)
    test = see(dataset.test_images).float()
    right: dict[str, dict[str, list[int]]] = {}
    for count in counts_of(train_labels):
        found = right.setdefault(str(count), {})
        for seed in range(draws_of(count)):
            for reader, given in answers(space_of(see, dataset, count, seed, test)).items():
                found.setdefault(reader, []).append(int((given == test_labels).sum()))
    counts = label_counts(kmeans(test, 10, torch.Generator().manual_seed(0)).which, test_labels, 10)
    heaps = {"purity": purity(counts), "nmi": nmi(counts), "ari": ari(counts)}
    return {"size": test.shape[1], "tested": len(test), "right": right, **heaps}


def measured_model(model: Autoencoder, dataset: Dataset) -> Report:
    """The same of a model's codes; where it can make digits, also what these are worth as lessons."""
    report = measured(partial(codes, model), dataset)
    return report | ({"lessons": lessons(model, dataset, range(DRAWS))} if isinstance(model, Generative) else {})


def measure_in_worker(card: str, weights: bytes, dataset: str, spaces: tuple[str, ...]) -> bytes:
    """JSON of a model's report, under its weights' hash, and of these other spaces. Runs in a worker."""
    known, data = Card.from_json(card), loaded(dataset)
    reports = {known.weights_sha256: measured_model(unpack(known, weights), data)}
    reports |= {space: measured_space(space, data) for space in spaces}
    return json.dumps(reports).encode()


def measured_space(space: str, dataset: Dataset) -> Report:
    """The figures of raw pixels, or of principal components."""
    return measured(pixels if space == PIXEL_SPACE else seen_by_pca(dataset, space), dataset)


def read_reports(folder: Path, dataset: Dataset) -> dict[str, Report]:
    """What is kept for this data set: a report for each hash of weights and each other space. Empty if nothing is."""
    try:
        kept = json.loads((folder / FILE).read_bytes())
    except OSError:
        return {}
    reports: dict[str, Report] = kept["reports"]
    return reports if kept["dataset"] == dataset.sha256 else {}


def main() -> None:
    """Measure the shipped models that have no report yet, and the spaces that they are compared with."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="measure these again; by default what is missing")
    parser.add_argument("--folder", type=Path, default=Path(__file__).parents[2] / "pretrained")
    chosen = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    dataset = load_data()
    names = [card.stem for card in sorted(chosen.folder.glob("*.json"))]
    shipped = {name: load(chosen.folder, name) for name in names if name not in FAILURES}
    work = {card.weights_sha256: partial(measured_model, model, dataset) for model, card in shipped.values()}
    sizes = {codes(model, dataset.test_images[:1]).shape[1] for model, _ in shipped.values()}
    spaces = [PIXEL_SPACE, *(pca_space(size) for size in sorted(sizes))]
    work |= {space: partial(measured_space, space, dataset) for space in spaces}
    again = {shipped[name][1].weights_sha256 for name in chosen.names}
    kept = {key: one for key, one in read_reports(chosen.folder, dataset).items() if key in work and key not in again}
    for number, (key, measure) in enumerate(work.items(), 1):
        if key not in kept:
            kept[key] = measure()
            content = json.dumps({"dataset": dataset.sha256, "reports": kept}, indent=None, sort_keys=True)
            write_atomically(chosen.folder / FILE, content.encode())
            log.info("%d of %d: %s", number, len(work), key)


if __name__ == "__main__":
    main()
