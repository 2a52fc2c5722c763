"""Every view as it stands on the page, in its place: what it shows of a visit, and how it is built."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr
from gradio.blocks import Block

from explorer.ui.controls import still_ticked
from explorer.ui.page import Page
from explorer.ui.session import Current
from explorer.ui.view import Panel, View, views


@dataclass(frozen=True)
class Stage:
    """A view as it stands on the page: its tab, the sentence for models that lack what it needs, and its body."""

    view: View
    tab: gr.Tab | None  # None where it is alone in its place
    lack: gr.Markdown
    body: gr.Column
    panel: Panel

    @property
    def outputs(self) -> list[Block]:
        """All that changes with the session."""
        return [self.lack, self.body, *self.panel.outputs, *self.panel.results]

    def render(self, current: Current, values: Sequence[Any]) -> list[Any]:
        """What each output shows: the view with its controls at these values, or why this model cannot have it."""
        lacks = self.view.lacking(current.exhibit.model)
        shell = [gr.update(value=lacks, visible=bool(lacks)), gr.update(visible=not lacks)]
        if lacks:
            return [*shell, *self.skipped()[2:]]
        panel = self.panel
        answers = panel.render(current)
        for at, output in enumerate(panel.outputs):
            if isinstance(output, gr.CheckboxGroup):
                answers[at] = unticked(answers[at], values[panel.controls.index(output)])
        return [*shell, *answers, *panel.show(current, *values)]

    def skipped(self) -> list[Any]:
        """An update for each output that changes nothing."""
        return [gr.skip() for _ in self.outputs]


def unticked(update: dict[str, Any], ticked: object) -> dict[str, Any]:
    """The update of check boxes, without the ticks of what is not on offer any more."""
    kept = still_ticked(ticked, update["choices"])
    return update if kept == ticked else {**update, "value": kept}


@dataclass(frozen=True)
class Place:
    """One of the page's places: its tab and its views."""

    tab: gr.Tab
    stages: dict[str, Stage]


def place_views(page: Page) -> dict[str, Place]:
    """Build every view, in a tab of its place, and of its own where the place has several."""
    places: dict[str, Place] = {}
    with gr.Tabs(elem_classes="ae-places"):
        for place, inside in views().items():
            with gr.Tab(place, id=place) as tab:
                if len(inside) == 1:
                    stages = {inside[0].key: _placed(page, inside[0], None)}
                else:
                    with gr.Tabs(elem_classes="ae-views"):
                        stages = {view.key: _tabbed(page, view) for view in inside}
            places[place] = Place(tab, stages)
    return places


def _tabbed(page: Page, view: View) -> Stage:
    with gr.Tab(view.title, id=view.key) as tab:
        return _placed(page, view, tab)


def _placed(page: Page, view: View, tab: gr.Tab | None) -> Stage:
    page.building = view
    lack = gr.Markdown(visible=False, elem_classes="ae-lack")
    with gr.Column() as body:
        panel = view.build(page)
    page.building = None
    return Stage(view, tab, lack, body, panel)
