"""What is taken home: a model with its card, its halves as ONNX, codes as a table, its variant's notebook.

A model is named as everywhere on the page: a shipped one by its name, a visitor's by the id that nobody can guess. The
names of the files come from the card, which allows letters, digits, _ and - alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import anyio
import anyio.to_thread
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from explorer.models.base import Decoding
from explorer.models.exchange import decoder_onnx, encoder_onnx
from explorer.models.parcel import wrap
from explorer.models.registry import named
from explorer.training.notebooks import notebook, to_bytes
from explorer.ui.explorer import Explorer
from explorer.ui.failure import in_words
from explorer.ui.gallery import Exhibit
from explorer.ui.kept import Kept

ROWS = 200  # of the table that are written at a time
HALVES_KEPT = 4  # ONNX files, which take seconds to write
PACKERS = 2  # files that are packed at once
ANY = "application/octet-stream"
KINDS = {
    "model.zip": "application/zip",
    "codes.csv": "text/csv",
    "encoder.onnx": ANY,
    "decoder.onnx": ANY,
    "lesson.ipynb": "application/x-ipynb+json",
}


def luggage(explorer: Explorer) -> list[Route]:
    """The addresses of what can be taken home: ``explorer/take/<model>/<one of KINDS>``."""
    packers, halves = anyio.CapacityLimiter(PACKERS), Kept[bytes](HALVES_KEPT)

    async def take(request: Request) -> Response:
        model, what = request.path_params["model"], request.path_params["what"]
        try:
            name, content = await anyio.to_thread.run_sync(packed, explorer, halves, model, what, limiter=packers)
        except ValueError as error:
            return Response(in_words(error), status_code=404, media_type="text/plain")
        headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
        return StreamingResponse(content, media_type=KINDS[what], headers=headers)

    return [Route("/explorer/take/{model}/{what}", take)]


def packed(explorer: Explorer, halves: Kept[bytes], model: str, what: str) -> tuple[str, Iterable[bytes]]:
    """The name of a file and its content, in pieces.

    Raises CheckpointError for a model that is not here, ValueError for a file that cannot be made of it.
    """
    if what not in KINDS:
        raise ValueError(f"there is nothing of that name, only {', '.join(KINDS)}")
    card, weights = explorer.gallery.on_disk(model)
    if what == "model.zip":
        return f"{card.name}.zip", [wrap(card, weights)]
    if what == "lesson.ipynb":
        return f"{card.variant}.ipynb", [to_bytes(notebook(named(card.variant)))]
    exhibit = explorer.gallery.open(model, explorer.library.dataset)
    if what == "codes.csv":
        return f"{card.name}-codes.csv", codes_table(explorer, exhibit)
    return f"{card.name}-{what}", [halves.get((card.weights_sha256, what), lambda: half(exhibit, what))]


def half(exhibit: Exhibit, what: str) -> bytes:
    """``encoder.onnx`` or ``decoder.onnx``. Raises ValueError where packages are missing, or a decoder is."""
    if what == "encoder.onnx":
        return encoder_onnx(exhibit.model)
    if not isinstance(exhibit.model, Decoding):
        raise ValueError("a masked autoencoder has no decoder that turns a code into an image")
    return decoder_onnx(exhibit.model)


def codes_table(explorer: Explorer, exhibit: Exhibit) -> Iterator[bytes]:
    """The codes of all test digits as CSV: index, label, z_1 ... z_D, each number so that float32 reads it back."""
    dataset = explorer.library.dataset
    codes, labels = explorer.gallery.codes(exhibit, dataset), dataset.test_labels.tolist()
    yield (",".join(["index", "label", *(f"z_{number + 1}" for number in range(codes.shape[1]))]) + "\r\n").encode()
    for start in range(0, len(codes), ROWS):
        rows = enumerate(codes[start : start + ROWS].tolist(), start)
        lines = (f"{index},{labels[index]},{','.join(f'{z:.9g}' for z in row)}\r\n" for index, row in rows)
        yield "".join(lines).encode()
