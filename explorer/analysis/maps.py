"""Latent maps: where each test digit's code lies on a plane, and how to get back from the plane to a code.

``python -m explorer.analysis.maps [names]`` draws the maps of the shipped models into ``pretrained/<name>.npz``.
"""

from __future__ import annotations

import argparse
import io
import logging
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from explorer.analysis.codes import codes, errors
from explorer.analysis.projection import Pca, umap_map
from explorer.analysis.replay import flat
from explorer.data import load as load_data
from explorer.data.dataset import Dataset
from explorer.models.base import Autoencoder
from explorer.models.checkpoint import HALF_LIMIT, Card, CheckpointError, load, unpack, write_atomically
from explorer.training.runs import Event, RunSpec, execute, loaded, never
from explorer.training.shipped import FAILURES

Floats = NDArray[np.float32]
PROJECTIONS = {"code": "the code itself", "pca": "PCA", "umap": "UMAP", "first": "first two numbers"}
log = logging.getLogger("maps")


@dataclass(frozen=True)
class Maps:
    """Maps of one model over the test digits of one data set.

    ``points``: (n, 2) for each projection, n test digits from the first on. ``lifts``: the affine way back to a code
    where there is one, (D, 3): two directions and the offset. ``error``: each test digit's squared error per pixel.
    """

    dataset_sha256: str
    error: Floats
    points: dict[str, Floats]
    lifts: dict[str, Floats] = field(default_factory=dict)

    def to_bytes(self) -> bytes:
        """As an .npz of plain arrays."""
        arrays = {
            f"points_{name}": points
            if name == "code" or np.abs(points).max() > HALF_LIMIT
            else points.astype(np.float16)
            for name, points in self.points.items()  # half precision is finer than a screen
        }
        arrays |= {f"lift_{name}": lift for name, lift in self.lifts.items()}
        buffer = io.BytesIO()
        np.savez(buffer, dataset=np.array(self.dataset_sha256), error=self.error, **arrays)  # type: ignore[arg-type]
        return buffer.getvalue()

    @classmethod
    def from_bytes(cls, content: bytes) -> Maps:
        """Raises CheckpointError for anything that ``to_bytes`` did not write."""
        try:
            with np.load(io.BytesIO(content)) as file:
                arrays = dict(file.items())
            points = {
                name[7:]: array.astype(np.float32) for name, array in arrays.items() if name.startswith("points_")
            }
            lifts = {name[5:]: array for name, array in arrays.items() if name.startswith("lift_")}
            return cls(str(arrays["dataset"]), arrays["error"], points, lifts)
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
            raise CheckpointError("the maps of this model cannot be read") from error


def draw(model: Autoencoder, dataset: Dataset, *, first: int | None = None, umap: bool = False) -> Maps:
    """The maps of the data set's first test digits, or of all. A code of one or two numbers is its own map.

    UMAP of ten thousand takes half a minute.
    """
    images = dataset.test_images[:first]
    z = codes(model, images).float()
    error = errors(model, images).numpy()
    if z.shape[1] <= 2:
        plane = np.eye(z.shape[1], 3, dtype=np.float32)
        return Maps(dataset.sha256, error, {"code": flat(z.numpy())}, {"code": plane})
    pca = Pca.fit(z)
    points = {"pca": pca.project(z).numpy(), "first": z[:, :2].numpy().copy()}
    lifts = {"pca": torch.cat((pca.components.T, pca.mean[:, None]), dim=1).numpy(), "first": _first_two(z)}
    if umap:
        points["umap"] = umap_map(z)
    return Maps(dataset.sha256, error, points, lifts)


def _first_two(z: torch.Tensor) -> Floats:
    """Moves the first two numbers and leaves all others at their mean: (D, 3)."""
    lift = np.zeros((z.shape[1], 3), dtype=np.float32)
    lift[0, 0] = lift[1, 1] = 1
    lift[2:, 2] = z.mean(dim=0).numpy()[2:]
    return lift


def execute_with_maps(
    spec: RunSpec,
    *,
    state: bytes | None = None,
    until_epoch: int | None = None,
    stopping: Callable[[], bool] = never,
    device: str = "cpu",
) -> Iterator[Event]:
    """What a worker does for a visitor: ``runs.execute``, with points for codes, and ``maps`` of what came out.

    Raises ValueError for bad settings, and for a run that diverged so far that its weights are of no use.
    """
    for event in execute(spec, state=state, until_epoch=until_epoch, stopping=stopping, device=device):
        if event["kind"] == "finished":
            card = Card(**event["card"])
            try:
                model = unpack(card, event["weights"])
            except CheckpointError as error:
                raise ValueError(f"{event['text']}, and its weights grew too large to be kept") from error
            event["maps"] = draw(model, loaded(spec.dataset), first=card.tested).to_bytes()
        yield pointed(event) if event["kind"] == "moment" else event


def pointed(moment: Event) -> Event:
    """A moment of a run with points (bytes of float32, two a digit) in the place of its codes."""
    codes_told = np.frombuffer(moment["codes"], np.float32).reshape(-1, moment["size"])
    told = {key: value for key, value in moment.items() if key != "codes"}
    return {**told, "points": flat(codes_told).tobytes()}


def umap_in_worker(card: str, weights: bytes, dataset: str, limit: int) -> bytes:
    """UMAP of the first ``limit`` test digits' codes: float32 bytes of (limit, 2). Runs in a worker."""
    model = unpack(Card.from_json(card), weights)
    return umap_map(codes(model, loaded(dataset).test_images[:limit])).tobytes()


def main() -> None:
    """Draw the maps of the named shipped models, or of all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--folder", type=Path, default=Path(__file__).parents[2] / "pretrained")
    chosen = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    dataset = load_data()
    for name in chosen.names or sorted(card.stem for card in chosen.folder.glob("*.json")):
        model, _ = load(chosen.folder, name)
        write_atomically(chosen.folder / f"{name}.npz", draw(model, dataset, umap=name not in FAILURES).to_bytes())
        log.info("%s: maps of %d test digits", name, len(dataset.test_images))


if __name__ == "__main__":
    main()
