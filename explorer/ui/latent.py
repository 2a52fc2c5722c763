"""What a latent map needs from the server: its points, a decoder for the browser, and thumbnails of the test digits."""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from explorer.analysis.clusters import best_labels, kmeans, label_counts, purity
from explorer.analysis.maps import PROJECTIONS, Maps
from explorer.analysis.projection import place
from explorer.models.base import Decoding, Generative, Masking
from explorer.models.knobs import shown
from explorer.ui.decoders import fits_browser, framed, pack_decoder
from explorer.ui.explorer import Explorer
from explorer.ui.gallery import Exhibit
from explorer.ui.images import base64_of
from explorer.ui.session import Current

NO_INVERSE = "UMAP has no way back from a point to a code, so you see the nearest test digit."
NO_DECODER = "This model cannot turn one code into an image, so you see the nearest test digit."
IN_BROWSER = "What you see is decoded in your browser, for any point of the plane."
GROUPS = (
    "K-means found ten groups of codes without any label. Each digit gives its name and colour to one group, so that "
    "as many codes as possible are in the group of their name: {agree:.0%} (purity {purity:.0%}). Some groups may "
    "hold hardly any digit of their name."
)
CLUSTERS = 10
ON_SERVER = "What you see is decoded on the server: a browser would be too slow with this decoder, or does not know it."
PLANE = {
    "pca": "The plane holds the two directions along which the codes vary most; the code above the mouse is decoded.",
    "first": "Only the first two numbers of the code change with the mouse; all others stay at their mean.",
}


def map_file(explorer: Explorer, model: str, name: str) -> bytes:
    """Points, labels and errors of one projection, gzipped. Raises KeyError or CheckpointError."""
    dataset = explorer.library.dataset
    maps = explorer.gallery.open(model, dataset).maps
    points = maps.points[name].astype("<f4")
    labels, error = dataset.test_labels[: len(points)], maps.error[: len(points)].astype("<f4")
    content = framed({"n": len(points)}) + points.tobytes() + error.tobytes() + labels.astype("u1").tobytes()
    return gzip.compress(content, mtime=0)


def decoder_file(explorer: Explorer, model: str, name: str) -> bytes:
    """The decoder behind one projection, gzipped. Raises KeyError, ValueError or CheckpointError."""
    exhibit = explorer.gallery.open(model, explorer.library.dataset)
    if not isinstance(exhibit.model, Decoding):
        raise ValueError("this model has no decoder from a code")
    return gzip.compress(pack_decoder(exhibit.model.chain(), exhibit.maps.lifts[name]), mtime=0)


def clusters_file(explorer: Explorer, model: str, _name: str) -> bytes:
    """Which of ten clusters each test digit's code belongs to, gzipped. Raises CheckpointError.

    Each cluster has the number of another digit: the matching in which most digits agree with their cluster, which may
    leave a cluster with a digit that hardly occurs in it.
    """
    dataset = explorer.library.dataset
    exhibit = explorer.gallery.open(model, dataset)

    def made() -> bytes:
        found = kmeans(explorer.gallery.codes(exhibit, dataset), CLUSTERS, torch.Generator().manual_seed(0))
        counts = label_counts(found.which, torch.tensor(dataset.test_labels), CLUSTERS)
        digits = best_labels(counts)
        agree = float(counts[torch.arange(CLUSTERS), digits].sum() / counts.sum())
        words = GROUPS.format(agree=agree, purity=purity(counts))
        return gzip.compress(framed({"words": words}) + digits[found.which].numpy().astype("u1").tobytes(), mtime=0)

    return explorer.kept.get(("clusters", exhibit.card.weights_sha256, dataset.sha256), made)


def thumbnails_file(explorer: Explorer, *_address: str) -> bytes:
    """All test digits, 784 bytes each, gzipped."""
    dataset = explorer.library.dataset
    return explorer.kept.get(
        ("thumbnails", dataset.sha256), lambda: gzip.compress(dataset.test_images.tobytes(), compresslevel=6, mtime=0)
    )


def projections(exhibit: Exhibit) -> list[tuple[str, str]]:
    """The maps there are, as (words, name), the usual one first."""
    return [(words, name) for name, words in PROJECTIONS.items() if name in exhibit.maps.points]


def chosen_projection(current: Current) -> str:
    """The visitor's projection if this model has it, otherwise the model's usual one."""
    there = [name for _, name in projections(current.exhibit)]
    return current.projection if current.projection in there else there[0]


def map_props(current: Current, path: Sequence[Sequence[float]] = ()) -> dict[str, Any]:
    """All that the LatentMap component shows, as its props; ``path``: points to join by a line."""
    exhibit, name, sha = current.exhibit, chosen_projection(current), current.dataset.sha256[:12]
    stamp = f"{sha}-{exhibit.card.weights_sha256[:12]}"
    decodes, note = how_it_decodes(exhibit, name)
    return {
        "source": f"explorer/map/{exhibit.id}/{name}?{stamp}",
        "thumbnails": f"explorer/thumbnails/{current.dataset.name}/all?{sha}",
        "decoder": decoder_address(current) if decodes == "browser" else "",
        "decodes": decodes,
        "note": note,
        "model": exhibit.id,
        "projection": name,
        "axes": axes(name, exhibit.maps),
        "line": name == "code" and len(exhibit.maps.lifts["code"]) == 1,
        "colour": current.colour,
        "point": place_of_input(current, name),
        "path": [[float(value) for value in point] for point in path],
        "index": current.index,
        "posterior": posterior(current),
        "clusters": f"explorer/clusters/{exhibit.id}/{CLUSTERS}?{stamp}" if current.colour == "cluster" else "",
        "prior": exhibit.card.variant == "variational" and name == "code",
    }


def posterior(current: Current) -> list[list[float]] | None:
    """The half axes at 2σ of the cloud that the input's code is drawn from, on the map; None where there is none."""
    name, model = chosen_projection(current), current.exhibit.model
    if name not in current.exhibit.maps.lifts or not isinstance(model, Generative):
        return None
    with torch.inference_mode():
        _, log_variance = model.posterior(current.x)
    plane = torch.from_numpy(current.exhibit.maps.lifts[name])[:, :2]  # orthonormal, (D, 2)
    variances, directions = torch.linalg.eigh(plane.T @ (log_variance[0].exp()[:, None] * plane))
    return [[float(number) for number in axis] for axis in (2 * variances.sqrt() * directions).T]


def decoder_address(current: Current) -> str:
    """Where the browser finds the decoder of the current model and projection; empty if it cannot run it."""
    exhibit, name = current.exhibit, chosen_projection(current)
    if not isinstance(exhibit.model, Decoding) or not fits_browser(exhibit.model.chain()):
        return ""
    there = name if name in exhibit.maps.lifts else next(iter(exhibit.maps.lifts))
    return f"explorer/decoder/{exhibit.id}/{there}?{current.dataset.sha256[:12]}-{exhibit.card.weights_sha256[:12]}"


def place_of_input(current: Current, name: str) -> list[float] | None:
    """Where the current input lies on a projection, or None where the map does not hold it."""
    points = current.exhibit.maps.points[name]
    if current.own:
        with torch.inference_mode():
            return place_codes(current, current.exhibit.model.encode(current.x))[0]
    return [float(value) for value in points[current.index]] if current.index < len(points) else None


def place_codes(current: Current, z: Tensor) -> list[list[float]]:
    """Where codes (M, D) lie on the projection on show, by the transform that drew it: the map never moves."""
    name, maps = chosen_projection(current), current.exhibit.maps
    if name in maps.lifts:  # an orthonormal plane and its offset, (D, 3)
        lift = torch.from_numpy(maps.lifts[name])
        placed = (z - lift[:, 2]) @ lift[:, :2]
    else:
        points = torch.from_numpy(maps.points[name])
        placed = place(z, current.codes[: len(points)], points)
    return [[float(x), float(y)] for x, y in placed]


def how_it_decodes(exhibit: Exhibit, name: str) -> tuple[str, str]:
    """Where a point of the map becomes an image (browser, server or no), and the sentence that says so."""
    if name == "umap":
        return "no", NO_INVERSE
    if isinstance(exhibit.model, Masking) or not isinstance(exhibit.model, Decoding):
        return "no", NO_DECODER
    where, words = ("browser", IN_BROWSER) if fits_browser(exhibit.model.chain()) else ("server", ON_SERVER)
    return where, f"{PLANE[name]} {words}" if name in PLANE else words


def axes(name: str, maps: Maps) -> list[str]:
    """What the two axes are called."""
    if name == "code" and len(maps.lifts["code"]) == 1:
        return ["z, the only number of the code", "no meaning: there is no second number"]
    if name in ("code", "first"):
        return ["z₁, the first number of the code", "z₂, the second number of the code"]
    if name == "pca":
        return ["first principal component", "second principal component"]
    return ["UMAP 1, without units", "UMAP 2, without units"]


def code_at(explorer: Explorer, asked: object) -> tuple[str, Tensor]:
    """The model that [model, projection, x, y] names, and the code (D,) there. Raises ValueError or CheckpointError."""
    if not isinstance(asked, list) or len(asked) != 4 or not all(isinstance(word, str) for word in asked[:2]):
        raise ValueError(f"decode needs a model, a projection and two numbers, got {shown(asked)}")
    model, name, *place = asked
    if not all(isinstance(p, int | float) and not isinstance(p, bool) and abs(p) < 1e6 for p in place):
        raise ValueError(f"a point of the map is two numbers between -1e6 and 1e6, got {shown(place)}")
    exhibit = explorer.gallery.open(model, explorer.library.dataset)
    if not isinstance(exhibit.model, Decoding) or name not in exhibit.maps.lifts:
        raise ValueError("no point of this map can be decoded")
    return model, torch.from_numpy(exhibit.maps.lifts[name] @ np.array([*place, 1.0], dtype=np.float32)).float()


def decode_codes(explorer: Explorer, model_id: str, codes: Sequence[Tensor]) -> list[str]:
    """Decode codes (D,) of one model together: base64 of 784 uint8 each. Raises CheckpointError."""
    model = explorer.gallery.open(model_id, explorer.library.dataset).model
    assert isinstance(model, Decoding)  # noqa: S101  # or else ``code_at`` had refused
    with torch.inference_mode():
        return [base64_of(picture[None]) for picture in model.decode(torch.stack([*codes]))]


def decode_mean(explorer: Explorer, asked: object) -> str:
    """Decode the mean code of test digits, [model, their numbers]: base64 of 784 uint8.

    Raises ValueError or CheckpointError.
    """
    if (
        not isinstance(asked, list)
        or len(asked) != 2
        or not isinstance(asked[0], str)
        or not isinstance(asked[1], list)
    ):
        raise ValueError(f"the mean needs a model and numbers of test digits, got {shown(asked)}")
    dataset, numbers = explorer.library.dataset, asked[1]
    last = len(dataset.test_images) - 1
    if not 1 <= len(numbers) <= last + 1:
        raise ValueError(f"the mean needs 1 to {last + 1} test digits, got {len(numbers)}")
    if not all(isinstance(n, int) and not isinstance(n, bool) and 0 <= n <= last for n in numbers):
        raise ValueError(f"test digits are whole numbers from 0 to {last}, got {shown(numbers)}")
    exhibit = explorer.gallery.open(asked[0], dataset)
    if not isinstance(exhibit.model, Decoding):
        raise ValueError("this model cannot decode a code")
    z = explorer.gallery.codes(exhibit, dataset)[torch.tensor(numbers)].mean(dim=0, keepdim=True)
    with torch.inference_mode():
        return base64_of(exhibit.model.decode(z))
