"""The page, put together and served."""

from __future__ import annotations

import gc
import logging
import os
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from functools import partial

import gradio as gr
import uvicorn
from starlette.middleware import Middleware

from explorer.models.knobs import shown
from explorer.models.registry import variants
from explorer.ui.components.component import FOLDER, static
from explorer.ui.components.picker import Picker
from explorer.ui.components.tab_sheet import TabSheet
from explorer.ui.components.updates import complete_updates
from explorer.ui.compressed import prepare
from explorer.ui.contract import Contract
from explorer.ui.explorer import Explorer
from explorer.ui.failure import Spoken
from explorer.ui.guard import Doors, Guard
from explorer.ui.health import Health
from explorer.ui.heap import spare_copies, spare_memory
from explorer.ui.logs import gather, is_json, start_log
from explorer.ui.metrics import CountedErrors, CountedRequests, Metrics
from explorer.ui.page import Page
from explorer.ui.public import Public
from explorer.ui.serving import routes
from explorer.ui.stages import place_views
from explorer.ui.theme import theme
from explorer.ui.wiring import Wiring

TITLE = """# Autoencoder Explorer

Squeeze a handwritten digit into a few numbers, and build it again from them."""

LINE_SECONDS = 75  # as nginx does
NUMBERS: Mapping[str, type[int | float]] = {"PORT": int, "EXPLORER_PROXIES": int, "EXPLORER_BUDGET": float}


def build(explorer: Explorer) -> Contract:
    """The whole page. It is built once; views are shown or hidden."""
    demo = Contract(title="Autoencoder Explorer", analytics_enabled=False, delete_cache=(300, 1800))
    with demo:
        page = Page(explorer)
        with gr.Row(elem_classes="ae-header"):
            gr.Markdown(TITLE, elem_classes="ae-title")
            with gr.Column(elem_classes="ae-dataset", min_width=200):
                header = gr.Markdown()
                retry = gr.Button("Retry the download", visible=False, size="sm")
        offered = [
            {"name": v.name, "title": v.title, "group": v.group, "summary": v.summary} for v in variants().values()
        ]
        picker = Picker(variants=offered)
        Wiring(page, header, retry, picker, place_views(page)).wire()
        TabSheet()
        Public(explorer).offer()
    return demo


def require_numbers() -> None:
    """Leave with a sentence where the environment sets something else than a number, as early as can be."""
    for name, kind in NUMBERS.items():
        given = os.environ.get(name) or "0"
        with suppress(ValueError):
            if kind(given) >= 0:
                continue
        sys.exit(f"{name} must be a {'whole ' if kind is int else ''}number from 0 on, got {shown(given)}")


def keep_lines() -> None:
    """Let browsers ask again over the same line for a while.

    Uvicorn cuts it after 5 s of rest, now and then just as somebody asks, and Gradio 6.31 passes on no such setting.
    """
    vars(uvicorn)["Config"] = partial(uvicorn.config.Config, timeout_keep_alive=LINE_SECONDS)


def launch(host: str, port: int) -> None:
    """Serve the page until Ctrl-C."""
    start_log()
    import torch

    keep_lines()
    spare_memory()
    spare_copies()
    torch.set_num_threads(1)  # one picture is small; more threads only get in the way of other visitors
    explorer = Explorer.open()
    explorer.library.fetch()
    complete_updates()
    sheets = "".join(f'<link rel="stylesheet" href="{static(sheet.name)}">' for sheet in sorted(FOLDER.glob("*.css")))
    demo, health = build(explorer), Health(explorer)
    addresses = [*routes(explorer), *health.routes()]
    middleware = [Middleware(Spoken), Middleware(Guard, Doors.of(demo))]
    if os.environ.get("EXPLORER_METRICS") == "1":
        metrics = Metrics(explorer)
        demo.timed = metrics.events.observe
        logging.getLogger().addHandler(CountedErrors(metrics))
        addresses.append(metrics.route())
        middleware.insert(0, Middleware(CountedRequests, metrics=metrics))
    health.prepare()
    demo.queue(api_open=False, max_size=None).launch(
        server_name=host,
        server_port=port,
        theme=theme(),
        head=f"{sheets}<script>{(FOLDER / 'again.js').read_text()}</script>",
        ssr_mode=False,
        run_history=False,
        footer_links=[],
        show_error=False,
        quiet=is_json(),
        prevent_thread_lock=True,
        max_file_size="5mb",
        state_session_capacity=500,
        app_kwargs={"routes": addresses, "middleware": middleware},
    )
    gather()
    gc.freeze()  # what is loaded stays, so nobody need look through it again and again
    gc.enable()
    threading.Thread(target=prepare, args=(explorer,), name="coders", daemon=True).start()
    demo.block_thread()
