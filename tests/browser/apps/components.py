"""Every component but the map, with made-up data; what arrives in Python is written into the page as JSON."""

from __future__ import annotations

import base64
import json
import os
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[3]))
os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")

import gradio as gr
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from explorer.models.registry import named, variants
from explorer.ui.components.component import FOLDER, STATIC, static
from explorer.ui.components.figure import Figure
from explorer.ui.components.knob_panel import KnobPanel
from explorer.ui.components.picker import Picker
from explorer.ui.components.reconstruction import Reconstruction
from explorer.ui.components.strip import Strip
from explorer.ui.components.training_panel import Action, TrainingPanel
from explorer.ui.components.updates import complete_updates
from explorer.ui.controls import defaults, schema
from explorer.ui.explain import explain
from explorer.ui.serving import PLOTLY
from explorer.ui.theme import theme

TEN = base64.b64encode(bytes(range(10)) * 784).decode()
ONE = base64.b64encode(bytes(784)).decode()
HOSTILE = "<img src=x onerror=document.title='broken'>"
QUIET: dict[str, Any] = {"show_progress": "hidden", "trigger_mode": "always_last"}
POINTS = [[step / 10, {"reconstruction": 1 / step, "sparsity": 0.01 * step}] for step in range(1, 41)]


def shown(numbers: int, note: str = "") -> dict[str, Any]:
    """A reconstruction of nothing by a code of that many numbers."""
    code = [round((-1) ** i * (i + 1) / numbers, 4) for i in range(numbers)]
    pictures = {"input": ONE, "reconstruction": ONE, "error": ONE}
    return {**pictures, "code": code, "mse": 0.0036, "psnr": 24.4, "label": 7, "index": 4711, "note": note}


def build() -> gr.Blocks:
    """One of each, and a text for what the last one sent."""
    offered = [{"name": v.name, "title": v.title, "group": v.group, "summary": v.summary} for v in variants().values()]
    models = [{"id": f"m{i}", "title": title, "detail": "", "mine": i == 2} for i, title in enumerate(("a", "b", "c"))]
    dense = named("dense")
    demo: gr.Blocks
    with gr.Blocks(title="components") as demo:
        gr.Markdown("# Components")
        log = gr.Textbox(label="sent", elem_id="sent")
        parts: dict[str, Any] = {}
        parts["picker"] = Picker({"variant": "dense", "model": "m0"}, variants=offered, models=models)
        parts["knobs"] = KnobPanel(defaults(dense), schema=schema(dense))
        parts["strip"] = Strip({"index": 0}, digits=ten_digits(), count=10_000)
        parts["way"] = Reconstruction(shown(64))
        parts["panel"] = TrainingPanel(digits=TEN)
        with gr.Row():
            buttons = {
                name: gr.Button(name, min_width=80) for name in ("hide", "show", "1", "2", "1000", "gap", "hostile")
            }
        explain("What you see.", r"\hat x = g(f(x))", HOSTILE + dense.source, "dense.py")
        with gr.Tabs(), gr.Tab("first"):
            gr.Markdown("the figure is in the other one")
        with gr.Tabs(), gr.Tab("other"):
            Figure({"data": [{"x": [1, 2], "y": [1, 4]}]}, description="two points")
        wire(log, parts, buttons)
    return demo


def ten_digits() -> dict[str, Any]:
    """The row of the strip."""
    indices = [10 * i for i in range(10)]
    return {"indices": indices, "labels": list(range(10)), "inputs": TEN, "reconstructions": TEN}


def wire(log: gr.Textbox, parts: dict[str, Any], buttons: dict[str, gr.Button]) -> None:
    """What each sends is logged; buttons change what is shown, from Python."""
    for name in ("picker", "knobs", "strip"):
        parts[name].input(json.dumps, parts[name], log, **QUIET)
    knobs, way, panel = (parts[name] for name in ("knobs", "way", "panel"))
    panel.input(pressed, panel, [panel, log], show_progress="hidden", trigger_mode="multiple")
    buttons["hide"].click(lambda: [gr.update(visible=False) for _ in range(3)], None, [knobs, way, panel], **QUIET)
    buttons["show"].click(lambda: [gr.update(visible=True) for _ in range(3)], None, [knobs, way, panel], **QUIET)
    buttons["1"].click(lambda: {**shown(2), "code": [-0.5, -1.0]}, None, way, **QUIET)
    buttons["2"].click(lambda: shown(2), None, way, **QUIET)
    buttons["1000"].click(lambda: shown(1000), None, way, **QUIET)
    buttons["gap"].click(lambda: {**running(), "start": 30, "points": POINTS[30:35]}, None, panel, **QUIET)
    buttons["hostile"].click(hostile, None, [way, panel, knobs], **QUIET)


def hostile() -> list[Any]:
    """Markup wherever a text goes."""
    return [shown(64, HOSTILE), {**running(), "text": HOSTILE}, gr.update(message=HOSTILE)]


def running() -> dict[str, Any]:
    """A run in the middle of its way."""
    return {"run": "r", "state": "running", "text": "epoch 1 of 4", "progress": 0.25, "pictures": TEN, "epoch": 1}


def pressed(action: Action) -> tuple[dict[str, Any], str]:
    """Train sends the first points, resend those that are missing, stop ends it."""
    said = json.dumps([action.name, action.count, action.run, action.have])
    if action.name == "resend":
        return {**running(), "start": action.have, "points": POINTS[action.have :]}, said
    if action.name == "stop":
        return {**running(), "state": "stopped", "text": "stopped at epoch 1, weights kept"}, said
    return {**running(), "start": 0, "points": POINTS[:10]}, said


async def file(request: Request) -> Response:
    """A script, a style sheet or Plotly."""
    name = request.path_params["file"]
    return FileResponse(PLOTLY if name == PLOTLY.name else FOLDER / Path(name).name)


def main() -> None:
    """Serve the page where HOST and PORT say."""
    complete_updates()
    sheets = "".join(f'<link rel="stylesheet" href="{static(sheet.name)}">' for sheet in sorted(FOLDER.glob("*.css")))
    build().queue().launch(
        server_name=os.environ["HOST"],
        server_port=int(os.environ["PORT"]),
        theme=theme(),
        head=sheets,
        ssr_mode=False,
        run_history=False,
        footer_links=[],
        app_kwargs={"routes": [Route(f"/{STATIC}/{{version}}/{{file}}", file)]},
    )


if __name__ == "__main__":
    main()
