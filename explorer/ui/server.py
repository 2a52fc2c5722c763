"""The page, put together and served."""

from __future__ import annotations

import logging

import gradio as gr

from explorer.models.registry import variants
from explorer.ui.components.component import FOLDER, static
from explorer.ui.components.picker import Picker
from explorer.ui.components.updates import complete_updates
from explorer.ui.explorer import Explorer
from explorer.ui.heap import spare_memory
from explorer.ui.page import Page
from explorer.ui.serving import routes
from explorer.ui.theme import theme
from explorer.ui.wiring import Wiring, place_views

TITLE = """# Autoencoder Explorer

Squeeze a handwritten digit into a few numbers, and build it again from them."""


def build(explorer: Explorer) -> gr.Blocks:
    """The whole page. It is built once; views are shown or hidden."""
    demo = gr.Blocks(title="Autoencoder Explorer", analytics_enabled=False, delete_cache=(300, 1800))
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
    return demo


def launch(host: str, port: int) -> None:
    """Serve the page until Ctrl-C."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    import torch

    spare_memory()
    torch.set_num_threads(1)  # one picture is small; more threads only get in the way of other visitors
    explorer = Explorer.open()
    explorer.library.fetch()
    complete_updates()
    sheets = "".join(f'<link rel="stylesheet" href="{static(sheet.name)}">' for sheet in sorted(FOLDER.glob("*.css")))
    build(explorer).queue(api_open=False, max_size=None).launch(
        server_name=host,
        server_port=port,
        theme=theme(),
        head=sheets,
        ssr_mode=False,
        run_history=False,
        footer_links=[],
        show_error=False,
        max_file_size="5mb",
        state_session_capacity=500,
        app_kwargs={"routes": routes(explorer), "max_body_size": 6 * 2**20},
    )
