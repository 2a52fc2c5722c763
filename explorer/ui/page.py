"""The page: header, picker, and the places with their views. Built once; views are shown or hidden, never rebuilt."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import gradio as gr
from gradio.blocks import Block

from explorer.models.checkpoint import CheckpointError
from explorer.models.knobs import shown
from explorer.models.registry import named, variants
from explorer.ui.components.component import FOLDER, static
from explorer.ui.components.picker import Picker
from explorer.ui.components.updates import complete_updates
from explorer.ui.explorer import Explorer
from explorer.ui.serving import routes
from explorer.ui.session import Session
from explorer.ui.theme import theme
from explorer.ui.view import Panel, views

log = logging.getLogger(__name__)

Change = Callable[[Any, Session], Session]  # what a visitor did, and where he or she was -> where now

TITLE = """# Autoencoder Explorer

Squeeze a handwritten digit into a few numbers, and build it again from them."""
FRIENDLY: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}


class Page:
    """What views build on: the shared server side, this visitor's session, and the way to change it."""

    def __init__(self, explorer: Explorer) -> None:
        self.explorer = explorer
        self.session = gr.State(Session())
        self.changes: list[tuple[Callable[..., Any], Block, Change]] = []

    def on(self, event: Callable[..., Any], component: Block, change: Change) -> None:
        """When the event comes, ``change`` gets the component's value and answers the new session; all views follow."""
        self.changes.append((event, component, change))


class Wiring:
    """Connects the picker and the views, so that the visible place shows the session and hidden ones cost nothing."""

    def __init__(self, page: Page, header: gr.Markdown, retry: gr.Button, picker: Picker) -> None:
        self.page, self.explorer = page, page.explorer
        self.header, self.retry, self.picker = header, retry, picker
        self.place = gr.State(next(iter(views())))
        self.panels: dict[str, list[Panel]] = {}

    @property
    def outputs(self) -> list[Block]:
        """Everything that follows the session, in the order of ``shown``."""
        inside = [output for panels in self.panels.values() for panel in panels for output in panel.outputs]
        return [self.page.session, self.header, self.retry, self.picker, *inside]

    def shown(self, session: Session, place: str) -> list[Any]:
        """What each output shows now. A model that cannot be opened gives way to the first that can, and a sentence."""
        try:
            current = self.explorer.current(session)
        except CheckpointError as error:
            gr.Warning(f"{error}.")
            session = replace(session, model="", variant=session.variant)
            models = self.explorer.gallery.of(session.variant, session.mine) or self.explorer.gallery.of("dense")
            session = replace(session, model=str(models[0]["id"]))
            current = self.explorer.current(session)
        session = replace(session, index=current.index, variant=current.exhibit.card.variant)
        models = self.explorer.gallery.of(session.variant, session.mine)
        chosen = {"variant": session.variant, "model": session.model}
        answers: list[Any] = [session, *self.about_data(), gr.update(value=chosen, models=models)]
        for name, panels in self.panels.items():
            for panel in panels:
                answers += panel.render(current) if name == place else [gr.skip() for _ in panel.outputs]
        return answers

    def about_data(self) -> list[Any]:
        """Which digits are on show, and the Retry button where MNIST could not be had."""
        library = self.explorer.library
        data = library.dataset
        if not data.is_stand_in:
            train, test = len(data.train_images), len(data.test_images)
            return [f"{data.title}: {train:,} digits to train on, {test:,} to test", gr.update(visible=False)]
        if library.is_downloading:
            return [f"stand-in digits: MNIST is being downloaded, {library.share:.0%}", gr.update(visible=False)]
        reason = library.problem or "MNIST is not on this machine"
        return [f"**stand-in digits**: {reason}", gr.update(visible=True)]

    def choose(self, value: object, session: Session) -> Session:
        """The picker's choice. Raises ValueError for what it does not offer."""
        if not isinstance(value, dict):
            raise ValueError(f"the choice must be a variant and a model, got {shown(value)}")
        variant, model = named(value.get("variant")).name, value.get("model")
        offered = [one["id"] for one in self.explorer.gallery.of(variant, session.mine)]
        if not offered:
            raise ValueError(f"there is no model of {variant} yet: train one")
        if model and model not in offered:
            raise ValueError(f"the model must be one of those on offer, got {shown(model)}")
        return replace(session, variant=variant, model=str(model or offered[0]))

    def wire(self, demo: gr.Blocks, tabs: dict[str, gr.Tab]) -> None:
        """Register every event of the page."""
        session, place = self.page.session, self.place
        self.page.on(self.picker.input, self.picker, self.choose)
        for event, component, change in self.page.changes:
            event(
                said(self._follow(change)),
                [component, session, place],
                self.outputs,
                trigger_mode="always_last",
                concurrency_limit=8,
                concurrency_id="look",
                **FRIENDLY,
            )
        demo.load(said(self.shown), [session, place], self.outputs, concurrency_id="look", **FRIENDLY)
        for name, tab in tabs.items():
            tab.select(said(self._enter(name)), [session], [place, *self.outputs], concurrency_id="look", **FRIENDLY)
        waiting = gr.Timer(1.0, active=self.explorer.library.dataset.is_stand_in)
        waiting.tick(said(self._wait), [session, place], [waiting, *self.outputs], concurrency_id="look", **FRIENDLY)
        self.retry.click(said(self._retry), None, [waiting, self.header, self.retry], **FRIENDLY)

    def _follow(self, change: Change) -> Callable[..., Any]:
        def follow(value: Any, session: Session, place: str) -> list[Any]:
            return self.shown(change(value, session), place)

        return follow

    def _enter(self, place: str) -> Callable[[Session], list[Any]]:
        return lambda session: [place, *self.shown(session, place)]

    def _wait(self, session: Session, place: str) -> list[Any]:
        """The header follows the download of MNIST; when it has come, the whole page changes over."""
        library = self.explorer.library
        if not library.dataset.is_stand_in:
            return [gr.Timer(active=False), *self.shown(session, place)]
        still = [gr.skip() for _ in self.outputs[3:]]
        return [gr.Timer(active=library.is_downloading), gr.skip(), *self.about_data(), *still]

    def _retry(self) -> list[Any]:
        self.explorer.library.fetch()
        return [gr.Timer(active=True), *self.about_data()]


def said(work: Callable[..., Any]) -> Callable[..., Any]:
    """A handler whose failures reach the visitor as a sentence: its own words, or a reference into the log."""

    def careful(*values: Any) -> Any:
        try:
            return work(*values)
        except gr.Error:
            raise
        except (ValueError, OSError) as error:
            raise gr.Error(f"{error}", print_exception=False) from error
        except Exception as error:
            raise unexpected(error) from error

    return careful


def unexpected(error: Exception) -> gr.Error:
    """What a visitor reads of a failure that nobody foresaw; the log has the rest under the same reference."""
    reference = secrets.token_hex(3)
    log.error("a handler failed, reference %s", reference, exc_info=error)
    return gr.Error(f"Something went wrong here (reference {reference}).", print_exception=False)


def build(explorer: Explorer) -> gr.Blocks:
    """The whole page."""
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
        wiring = Wiring(page, header, retry, Picker(variants=offered))
        tabs: dict[str, gr.Tab] = {}
        with gr.Tabs():
            for place, inside in views().items():
                with gr.Tab(place, id=place) as tabs[place]:
                    wiring.panels[place] = [one.build(page) for one in inside]
        wiring.wire(demo, tabs)
    return demo


def launch(host: str, port: int) -> None:
    """Serve the page until Ctrl-C."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    import torch

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
