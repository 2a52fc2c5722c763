"""A latent map on an empty stage: no Gradio, no server, made-up digits whose pictures tell what they are.

Digit i is a dot of the class i % 10. The picture of a place (x, y) has the grey value 100 + 10 x in its first pixel and
100 + 10 y in its second; the thumbnail of digit i has i / 4 in its first pixel.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import numpy as np
import torch
from numpy.typing import NDArray
from playwright.sync_api import Browser, Page, Route
from torch import nn

from explorer.ui.components.component import FOLDER
from explorer.ui.decoders import framed, pack_decoder
from explorer.ui.serving import assets
from tests.browser.conftest import FRAMES

DIGITS = 400
HOME = "http://stage.test/"
PROPS: dict[str, Any] = {
    "source": "map?code",
    "thumbnails": "thumbnails",
    "decoder": "decoder",
    "decodes": "browser",
    "note": "A note.",
    "model": "a-model",
    "projection": "code",
    "axes": ["first", "second"],
    "colour": "label",
    "point": [1.0, 2.0],
    "index": 0,
    "prior": False,
}
PAGE = """<!doctype html><html lang="en"><head><title>Stage</title>
<meta name="viewport" content="width=device-width, initial-scale=1">SHEETS<style>
body { --body-text-color: #111; --body-text-color-subdued: #666; --background-fill-primary: #fff;
  --border-color-primary: #ddd; --color-accent: #07c; margin: 16px; height: 3000px; }
button { font: inherit; } #stage { max-width: 700px; }</style></head>
<body><div id="stage"></div><script type="module">
import { mount } from './latent_map.js';
const props = PROPS;
const watched = [];
Object.assign(window, { props, sent: [], means: [] });
window.change = (next) => {
  Object.assign(props, next);
  watched.filter(([names]) => [names].flat().some((name) => name in next)).forEach(([, act]) => act());
};
mount({
  element: document.querySelector('#stage'),
  props,
  trigger: (name) => window.sent.push([name, props.value]),
  server: { mean: async ([, dots]) => { window.means.push(dots); return ANSWER; } },
  watch: (names, act) => watched.push([names, act]),
});
</script></body></html>"""


def places() -> NDArray[np.float32]:
    """Where the digits lie: ten clouds on a circle with the radius 5, and one digit far away."""
    rng = np.random.default_rng(0)
    angle = 2 * np.pi * np.arange(DIGITS) / 10
    xy = 5 * np.stack([np.cos(angle), np.sin(angle)], axis=1) + rng.normal(scale=0.4, size=(DIGITS, 2))
    xy[399] = (900, 900)
    return xy.astype("<f4")


def files() -> dict[str, bytes]:
    """What the stage's page may fetch besides the scripts, by path."""
    layer = nn.Linear(2, 784)
    with torch.no_grad():
        layer.weight.zero_()
        layer.bias.fill_(100 / 255)
        layer.weight[0, 0] = layer.weight[1, 1] = 10 / 255
    thumbnails = np.zeros((DIGITS, 784), np.uint8)
    thumbnails[:, 0] = np.arange(DIGITS) // 4
    errors = np.linspace(0.01, 0.09, DIGITS).astype("<f4")
    labels = (np.arange(DIGITS) % 10).astype("u1")
    return {
        "map": framed({"n": DIGITS}) + places().tobytes() + errors.tobytes() + labels.tobytes(),
        "decoder": pack_decoder((layer, nn.Hardtanh(0, 1))),
        "thumbnails": thumbnails.tobytes(),
        "clusters": framed({"words": "Ten groups."}) + ((np.arange(DIGITS) + 3) % 10).astype("u1").tobytes(),
    }


@dataclass
class Stage:
    """An open stage: its page, what it has fetched, and which paths are out of order."""

    page: Page
    broken: set[str] = field(default_factory=set)
    fetched: list[str] = field(default_factory=list)
    asked: list[list[Any]] = field(default_factory=list)  # points to be decoded by the server

    def open(self, props: dict[str, Any], answer: Any, script: str) -> None:
        """Show the map; ``script`` runs before anything else."""
        content = files()
        sheets = "".join(f'<link rel="stylesheet" href="{file.name}">' for file in sorted(FOLDER.glob("*.css")))
        html = PAGE.replace("SHEETS", sheets).replace("PROPS", json.dumps({**PROPS, **props}))
        html = html.replace("ANSWER", json.dumps(answer))

        def serve(route: Route) -> None:
            path = urlsplit(route.request.url).path.removeprefix("/")
            self.fetched.append(path)
            if path.startswith("explorer/point/"):
                self._decode(route, answer)
            elif path in self.broken:
                route.fulfill(status=500, body="the cupboard is empty")
            elif path in content:
                route.fulfill(body=content[path])
            elif path in assets():
                route.fulfill(path=assets()[path])
            else:
                route.fulfill(body=html if not path else "", content_type="text/html", status=200 if not path else 404)

        self.page.route(f"{HOME}**", serve)
        self.page.add_init_script(script)
        self.page.goto(HOME)

    def _decode(self, route: Route, answer: Any) -> None:
        """The server's answer to a point: a picture, a sentence, or none at all."""
        address = urlsplit(route.request.url)
        point = [float(values[0]) for values in parse_qs(address.query).values()]
        self.asked.append([*address.path.split("/")[-2:], *point])
        if answer is None:
            route.abort()
        elif isinstance(answer, str):
            route.fulfill(body=answer)
        else:
            route.fulfill(status=400, body=answer["error"])

    def ready(self) -> Stage:
        """Wait until the dots are there."""
        self.page.wait_for_selector('#stage[data-ready="1"]', timeout=20_000)
        self.page.wait_for_function("document.querySelector('.ae-decoded b').textContent !== ''")
        return self

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Where a place of the map is on the screen, by the axes that Plotly has drawn."""
        self.settle()
        ranges = self.page.evaluate(
            "(() => { const l = document.querySelector('.js-plotly-plot')._fullLayout;"
            " return [l.xaxis.range, l.yaxis.range]; })()"
        )
        box = self.page.locator(".ae-map-plot").bounding_box()
        assert box is not None
        across, up = ((float(v) - low) / (high - low) for v, (low, high) in zip((x, y), ranges, strict=True))
        return box["x"] + across * box["width"], box["y"] + (1 - up) * box["height"]

    def settle(self) -> None:
        """Wait until Plotly has drawn what is on the canvas."""
        self.page.wait_for_selector("#stage .js-plotly-plot .xtick", state="attached", timeout=20_000)
        self.page.wait_for_selector("#stage .ae-painted", state="detached", timeout=20_000)

    def hover(self, x: float, y: float) -> None:
        """The mouse goes to a place of the map."""
        self.page.mouse.move(*self.at(x, y))

    def click(self, x: float, y: float) -> None:
        """A click on a place of the map."""
        self.page.mouse.click(*self.at(x, y))

    def leave(self) -> None:
        """The mouse goes away."""
        self.page.mouse.move(2, 2)

    def picture(self, kind: str = "decoded") -> list[int]:
        """The first two grey values of the picture beside the map, after the next frames."""
        canvas = self.page.locator(f".ae-{kind} canvas")
        canvas.wait_for()  # hidden until its pixels have come
        self.page.evaluate(FRAMES)
        self.page.evaluate(FRAMES)
        values: list[int] = canvas.evaluate(
            "canvas => [...canvas.getContext('2d').getImageData(0, 0, 2, 1).data].filter((_, i) => i % 4 === 0)"
        )
        return values

    def sent(self) -> list[Any]:
        """What Python would have received: [event, value] each."""
        events: list[Any] = self.page.evaluate("window.sent")
        return events

    def caption(self) -> str:
        """What is written under the picture."""
        return self.page.locator(".ae-decoded figcaption").inner_text()


def opener(browser: Browser, stages: list[Stage]) -> Callable[..., Stage]:
    """``show(point=None, ...)`` opens a stage whose map has these props."""

    def show(
        *, answer: Any = None, broken: set[str] | None = None, phone: bool = False, script: str = "", **props: Any
    ) -> Stage:
        size: Any = {"width": 390, "height": 844} if phone else {"width": 1000, "height": 900}
        context = browser.new_context(viewport=size, has_touch=phone, is_mobile=phone, device_scale_factor=1)
        stage = Stage(context.new_page(), broken or set())
        stages.append(stage)
        stage.open(props, answer, script)
        return stage

    return show
