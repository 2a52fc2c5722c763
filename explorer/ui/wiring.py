"""Connects the picker and the views, so that the view in front shows the session and those behind cost nothing."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

import gradio as gr
from gradio.blocks import Block
from gradio.components import Component

from explorer.models.checkpoint import CheckpointError
from explorer.models.knobs import shown
from explorer.models.registry import named
from explorer.ui.components.memory import Memory
from explorer.ui.components.picker import Picker
from explorer.ui.page import EVERYWHERE, FRIENDLY, LOOKING, Change, Page, said
from explorer.ui.session import Current, Session, recalled
from explorer.ui.view import Panel, View, views

STORED = "explorer-visit"  # under this name in the browser
Where = dict[str, str]  # the view in "front", and for each place the view that was in front there last


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
        return [*shell, *self.panel.render(current), *self.panel.show(current, *values)]

    def skipped(self) -> list[Any]:
        """An update for each output that changes nothing."""
        return [gr.skip() for _ in self.outputs]


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
    page.building = view.key
    lack = gr.Markdown(visible=False, elem_classes="ae-lack")
    with gr.Column() as body:
        panel = view.build(page)
    page.building = EVERYWHERE
    return Stage(view, tab, lack, body, panel)


class Wiring:
    """Registers every event of the page that changes what it shows as a whole."""

    def __init__(
        self, page: Page, header: gr.Markdown, retry: gr.Button, picker: Picker, places: dict[str, Place]
    ) -> None:
        self.page, self.explorer = page, page.explorer
        self.header, self.retry, self.picker, self.places = header, retry, picker, places
        self.stages = {key: stage for place in places.values() for key, stage in place.stages.items()}
        self.first = next(iter(self.stages))
        fronts = {name: next(iter(place.stages)) for name, place in places.items()}
        self.where = gr.State({"front": self.first, **fronts})
        self.memory = Memory(key=STORED)

    def outputs(self, views: Collection[str]) -> list[Block]:
        """What follows the session while one of these views is in front."""
        inside = [output for view in views for output in self.stages[view].outputs]
        return [self.page.session, self.memory, self.picker, *inside]

    def controls(self, views: Collection[str]) -> list[Component]:
        """The own controls of these views."""
        return [control for view in views for control in self.stages[view].panel.controls]

    def show(
        self, session: Session, front: str, views: Collection[str], values: Sequence[Any], *, is_new: bool = False
    ) -> list[Any]:
        """What each of ``outputs(views)`` shows, with ``controls(views)`` at these values.

        A model that cannot be opened gives way to another, and a sentence. Otherwise, unless it ``is_new``, the session
        is not written: by now the visitor may have chosen another model, and that choice counts.
        """
        before = session
        session, current = self._opened(session)
        models = self.explorer.gallery.of(session.variant, session.mine, session.model)
        chosen = gr.update(value={"variant": session.variant, "model": session.model}, models=models)
        is_new = is_new or session.model != before.model
        answers = [session, gr.update(keep=session.memory), chosen] if is_new else [gr.skip() for _ in range(3)]
        given = iter(values)
        for view in views:
            stage = self.stages[view]
            own = list(islice(given, len(stage.panel.controls)))
            answers += stage.render(current, own) if view == front else stage.skipped()
        return answers

    def _opened(self, session: Session) -> tuple[Session, Current]:
        try:
            current = self.explorer.current(session)
        except CheckpointError as error:
            gr.Warning(f"{error}.")
            models = self.explorer.gallery.of(session.variant, session.mine) or self.explorer.gallery.of("dense")
            session = replace(session, model=str(models[0]["id"]))
            current = self.explorer.current(session)
        return replace(session, index=current.index, variant=current.exhibit.card.variant), current

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

    def wire(self) -> None:
        """Register the events."""
        session, where = self.page.session, self.where
        self.page.on(self.picker.input, self.picker, self.choose, anywhere=True)
        for ear in self.page.ears:
            views = [ear.view] if ear.view else [*self.stages]
            event = said(self._follow(ear.change, views))
            inputs = [ear.component, session, where, *self.controls(views)]
            ear.event(event, inputs, self.outputs(views), trigger_mode="always_last", **LOOKING)
        about = [self.header, self.retry]
        arriving = [self.memory, *self.controls([self.first])]
        self.memory.input(said(self._arrive), arriving, [*about, *self.outputs([self.first])], **LOOKING)
        for name, place in self.places.items():
            enter, inputs = said(self._enter(name)), [session, where, *self.controls(place.stages)]
            place.tab.select(enter, inputs, [where, *self.outputs(place.stages)], **LOOKING)
            for view, stage in place.stages.items():
                panel = stage.panel
                if panel.controls:
                    turned = [getattr(control, "input") for control in panel.controls]  # noqa: B009  # Gradio adds it
                    self.page.when(turned, panel.show, panel.controls, panel.results)
                if stage.tab:
                    step, inputs = said(self._step(name, view)), [session, where, *panel.controls]
                    stage.tab.select(step, inputs, [where, *self.outputs([view])], **LOOKING)
        waiting = gr.Timer(1.0, active=self.explorer.library.dataset.is_stand_in)
        everything = [waiting, *about, *self.outputs(self.stages)]
        inputs = [session, where, *self.controls(self.stages)]
        waiting.tick(said(self._wait), inputs, everything, concurrency_id="look", **FRIENDLY)
        self.retry.click(said(self._retry), None, [waiting, *about], **FRIENDLY)

    def _arrive(self, told: object, *values: Any) -> list[Any]:
        """The first view, as the browser remembers the visit; nothing where its words were lost: it says them again."""
        if not isinstance(told, dict):
            return [gr.skip() for _ in range(2 + len(self.outputs([self.first])))]
        memory = told.get("visit")
        session = recalled(memory, self.explorer.gallery, self.explorer.library.dataset)
        return [*self.about_data(), *self.show(session, self.first, [self.first], values, is_new=True)]

    def _follow(self, change: Change, views: Sequence[str]) -> Callable[..., Any]:
        """Show what a visitor has changed: in the one view where that happened, or in the one that is in front."""

        def follow(value: Any, session: Session, where: Where, *values: Any) -> list[Any]:
            front = where["front"] if len(views) > 1 else views[0]
            return self.show(change(value, session), front, views, values, is_new=True)

        return follow

    def _enter(self, place: str) -> Callable[..., Any]:
        """Into a place, to the view that was in front there. The first tabs report themselves too, when nobody came."""

        def enter(session: Session, where: Where, *values: Any) -> list[Any]:
            stages = self.places[place].stages
            if where[place] == self.first and not session.has_arrived:
                return [gr.skip() for _ in range(1 + len(self.outputs(stages)))]
            return [{**where, "front": where[place]}, *self.show(session, where[place], stages, values)]

        return enter

    def _step(self, place: str, view: str) -> Callable[..., Any]:
        """To another view of the place."""

        def step(session: Session, where: Where, *values: Any) -> list[Any]:
            if view == self.first and not session.has_arrived:
                return [gr.skip() for _ in range(1 + len(self.outputs([view])))]
            return [{**where, "front": view, place: view}, *self.show(session, view, [view], values)]

        return step

    def _wait(self, session: Session, where: Where, *values: Any) -> list[Any]:
        """The header follows the download of MNIST; when it has come, the whole page changes over."""
        library = self.explorer.library
        if not library.dataset.is_stand_in:
            whole = self.show(session, where["front"], self.stages, values)
            return [gr.Timer(active=False), *self.about_data(), *whole]
        still = [gr.skip() for _ in self.outputs(self.stages)]
        return [gr.Timer(active=library.is_downloading), *self.about_data(), *still]

    def _retry(self) -> list[Any]:
        self.explorer.library.fetch()
        return [gr.Timer(active=True), *self.about_data()]
