"""What the browser fetches besides the page itself: scripts, style sheets, maps, decoders, thumbnails.

Everything has an address that changes with its content, so that a browser may keep it for ever. Nothing is built from
a visitor's string: files come from a fixed list, models from the gallery.
"""

from __future__ import annotations

import gzip
import mimetypes
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path

import anyio.to_thread
import plotly
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from explorer.models.knobs import shown
from explorer.ui.brought import gate
from explorer.ui.components.component import FOLDER, STATIC
from explorer.ui.duelled import bases_file
from explorer.ui.explorer import Explorer
from explorer.ui.failure import in_words
from explorer.ui.from_hub import counter
from explorer.ui.latent import clusters_file, code_at, decode_codes, decoder_file, map_file, thumbnails_file
from explorer.ui.luggage import luggage
from explorer.ui.replays import replay_file

FOREVER = {"Cache-Control": "public, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"}
PLOTLY = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"


@cache
def assets() -> dict[str, Path]:
    """The files that may be asked for, by name."""
    own = [*FOLDER.glob("*.js"), *FOLDER.glob("*.css")]
    return {file.name: file for file in [*own, PLOTLY]}


@cache
def packed(name: str) -> bytes:
    """A file of ``assets``, compressed."""
    return gzip.compress(assets()[name].read_bytes(), mtime=0)


def compressed(content: bytes, kind: str) -> Response:
    """Content that is gzipped already."""
    return Response(content, media_type=kind, headers={**FOREVER, "Content-Encoding": "gzip"})


async def static(request: Request) -> Response:
    """A script or a style sheet."""
    name = request.path_params["file"]
    if name not in assets():
        return Response("there is no such file", status_code=404)
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return compressed(await anyio.to_thread.run_sync(packed, name), kind)


def asked_number(asked: QueryParams, name: str) -> float:
    """A number of a question. Raises ValueError where it is missing, or no number."""
    try:
        return float(asked[name])
    except (KeyError, ValueError):
        raise ValueError(f"{name} must be a number, got {shown(asked.get(name))}") from None


def routes(explorer: Explorer) -> list[Route]:
    """All of them, for ``launch(app_kwargs={"routes": ...})``."""

    async def made(request: Request) -> Response:
        what, model, name = (request.path_params[key] for key in ("what", "model", "name"))
        try:
            content = await anyio.to_thread.run_sync(files[what], explorer, model, name)
        except (KeyError, ValueError):
            return Response("there is no such model or map", status_code=404)
        return compressed(content, "application/octet-stream")

    async def point(request: Request) -> Response:
        model, name = request.path_params["model"], request.path_params["name"]
        try:
            place = [asked_number(request.query_params, axis) for axis in "xy"]
            model, z = await anyio.to_thread.run_sync(code_at, explorer, [model, name, *place])
            picture = await explorer.batches.ask(model, z, partial(decode_codes, explorer, model))
        except ValueError as error:
            return Response(in_words(error), status_code=400)
        return Response(picture, media_type="text/plain")

    files: dict[str, Callable[[Explorer, str, str], bytes]] = {
        "clusters": clusters_file,
        "map": map_file,
        "decoder": decoder_file,
        "duel": bases_file,
        "replay": replay_file,
        "thumbnails": thumbnails_file,
    }
    return [
        Route(f"/{STATIC}/{{version}}/{{file}}", static),
        Route("/explorer/point/{model}/{name}", point),
        *luggage(explorer),
        gate(explorer),
        counter(explorer),
        Route("/explorer/{what}/{model}/{name}", made),
    ]
