"""Connects the picker and the views, so that the view in front shows the session and those behind cost nothing."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from functools import partial
from itertools import islice
from typing import Any

import gradio as gr
from gradio.blocks import Block
from gradio.components import Component

from explorer.models.checkpoint import CheckpointError
from explorer.models.knobs import shown
from explorer.models.registry import named
from explorer.ui.components.picker import Picker
from explorer.ui.desk import Desk
from explorer.ui.page import FRIENDLY, LOOKING, Ear, Page, forgotten, said
from explorer.ui.session import Current, Session, recalled
from explorer.ui.stages import Place
from explorer.ui.visit import Visit, handler

RESTARTED = (
    "The server was restarted, or had no room for this page any more. Your model, your input and your finished models "
    "are here again; a run that was under way waits in Train."
)


class Wiring:
    """Registers every event of the page that changes what it shows as a whole."""

    def __init__(
        self, page: Page, header: gr.Markdown, retry: gr.Button, picker: Picker, places: dict[str, Place]
    ) -> None:
        self.page, self.explorer = page, page.explorer
        self.header, self.retry, self.picker, self.places = header, retry, picker, places
        self.stages = {key: stage for place in places.values() for key, stage in place.stages.items()}
        self.first = next(iter(self.stages))
        self.memory = page.memory

    def outputs(self, views: Collection[str]) -> list[Block]:
        """What follows the session while one of these views is in front."""
        inside = [output for view in views for output in self.stages[view].outputs]
        return [self.memory, self.picker, *inside]

    def controls(self, views: Collection[str]) -> list[Component]:
        """The own controls of these views."""
        return [control for view in views for control in self.stages[view].panel.controls]

    def show(self, visit: Visit, views: Collection[str], values: Sequence[Any], *, is_new: bool = True) -> list[Any]:
        """What each of ``outputs(views)`` shows of the visit, with ``controls(views)`` at these values.

        A model that cannot be opened gives way to another, and a sentence. The browser is told of the session if it
        ``is_new`` or that happens.
        """
        front, asked = visit.front or self.first, visit.session
        session, current = self._opened(asked)
        models = self.explorer.gallery.of(session.variant, session.mine, session.model)
        chosen = gr.update(value={"variant": session.variant, "model": session.model}, models=models)
        is_new = is_new or session.model != asked.model
        answers = [gr.update(keep=session.memory), chosen] if is_new else [gr.skip(), gr.skip()]
        if not session.has_arrived:
            answers[0] = forgotten(visit)
        given = iter(values)
        for view in views:
            stage = self.stages[view]
            own = list(islice(given, len(stage.panel.controls)))
            answers += stage.render(current, own) if view == front else stage.skipped()
        visit.move(lambda now: session if now is asked else now)
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
        offered = [one["id"] for one in self.explorer.gallery.of(variant, session.mine, session.model)]
        if not offered:
            raise ValueError(f"there is no model of {variant} yet: train one")
        if model and model not in offered:
            raise ValueError(f"the model must be one of those on offer, got {shown(model)}")
        return replace(session, variant=variant, model=str(model or offered[0]))

    def wire(self) -> None:
        """Register the events."""
        visit = self.page.visit
        self.page.on(self.picker.input, self.picker, self.choose, anywhere=True)
        for ear in self.page.ears:
            views = [ear.view.key] if ear.view else [*self.stages]
            inputs, outputs = [visit, ear.component, *self.controls(views)], self.outputs(views)
            event = handler(self._follow(views), outputs, self._changed(ear))
            ear.event(event, inputs, outputs, trigger_mode="multiple", **LOOKING)
        about = [self.header, self.retry]
        arriving = [visit, self.memory, self.page.desk, *self.controls([self.first])]
        greeted = [output for greeting in self.page.greetings for output in greeting.outputs]
        outputs = [*about, *greeted, *self.outputs([self.first])]
        self.memory.input(handler(self._greet, outputs, self._recall), arriving, outputs, **LOOKING)
        self.memory.select(handler(self._greeted, [self.memory]), [visit], [self.memory], **LOOKING)
        for name, place in self.places.items():
            inputs, outputs = [visit, *self.controls(place.stages)], self.outputs(place.stages)
            enter = handler(self._walk(place.stages), outputs, self._entered(name))
            place.tab.select(enter, inputs, outputs, trigger_mode="always_last", **LOOKING)
            for view, stage in place.stages.items():
                panel = stage.panel
                for every in (False, True):  # a slider tells of each step of its way, all others of one choice
                    own = [control for control in panel.controls if isinstance(control, gr.Slider) is not every]
                    turned = [getattr(control, "input") for control in own]  # noqa: B009  # Gradio adds it
                    if turned:
                        results = panel.results
                        self.page.when(turned, panel.show, panel.controls, results, view=stage.view, every=every)
                if stage.tab:
                    outputs = self.outputs([view])
                    step = handler(self._walk([view]), outputs, self._stepped(name, view))
                    stage.tab.select(step, [visit, *panel.controls], outputs, trigger_mode="always_last", **LOOKING)
        waiting = gr.Timer(1.0, active=self.explorer.library.dataset.is_stand_in)
        everything = [waiting, *about, *self.outputs(self.stages)]
        inputs = [visit, *self.controls(self.stages)]
        waiting.tick(handler(self._wait, everything), inputs, everything, concurrency_id="look", **FRIENDLY)
        self.retry.click(said(self._retry), None, [waiting, *about], **FRIENDLY)

    def _recall(self, visit: Visit, told: object, *_: Any) -> None:
        """The session that the browser remembers."""
        if isinstance(told, dict):
            session = recalled(told.get("visit"), self.explorer.gallery, self.explorer.library.dataset)
            visit.move(lambda _: session)

    def _greet(self, visit: Visit, told: object, desk: Desk, *values: Any) -> list[Any]:
        """The first view, as the browser remembers the visit; nothing where its words were lost: it says them again."""
        greetings = self.page.greetings
        if not isinstance(told, dict):
            greeted = sum(len(greeting.outputs) for greeting in greetings)
            return [gr.skip() for _ in range(2 + greeted + len(self.outputs([self.first])))]
        if told.get("server") not in (None, self.explorer.name):
            gr.Warning(RESTARTED)
        answers = [answer for greeting in greetings for answer in greeting.work(told, desk)]
        return [*self.about_data(), *answers, *self.show(visit, [self.first], values)]

    @staticmethod
    def _greeted(visit: Visit) -> list[Any]:
        """Nothing, to a page that the server knows."""
        return [gr.skip() if visit.session.has_arrived else forgotten(visit)]

    @staticmethod
    def _changed(ear: Ear) -> Callable[..., None]:
        """The session as the visitor has changed it; where the view of that is known, it is in front."""

        def change(visit: Visit, value: Any, *_: Any) -> None:
            visit.move(partial(ear.change, value))
            if ear.view:
                visit.front = ear.view.key

        return change

    def _follow(self, views: Collection[str]) -> Callable[..., list[Any]]:
        """Show what has been changed, in the view in front."""

        def follow(visit: Visit, _: Any, *values: Any) -> list[Any]:
            return self.show(visit, views, values)

        return follow

    def _entered(self, place: str) -> Callable[..., None]:
        """Into a place, to the view that was in front there."""

        def change(visit: Visit, *_: Any) -> None:
            self._go(visit, visit.fronts.get(place) or next(iter(self.places[place].stages)))

        return change

    def _stepped(self, place: str, view: str) -> Callable[..., None]:
        """To another view of the place."""

        def change(visit: Visit, *_: Any) -> None:
            if self._go(visit, view):
                visit.fronts[place] = view

        return change

    def _go(self, visit: Visit, view: str) -> bool:
        """To a view, if anybody went: the first tabs report themselves too, when nobody came."""
        has_gone = view != self.first or visit.session.has_arrived
        visit.front = view if has_gone else visit.front
        return has_gone

    def _walk(self, views: Collection[str]) -> Callable[..., list[Any]]:
        """Show the view that has been gone to, if it is one of these."""

        def walk(visit: Visit, *values: Any) -> list[Any]:
            if visit.front not in views:
                return [gr.skip() for _ in self.outputs(views)]
            return self.show(visit, views, values, is_new=False)

        return walk

    def _wait(self, visit: Visit, *values: Any) -> list[Any]:
        """The header follows the download of MNIST; when it has come, the whole page changes over."""
        library = self.explorer.library
        if not library.dataset.is_stand_in:
            whole = self.show(visit, self.stages, values, is_new=False)
            return [gr.Timer(active=False), *self.about_data(), *whole]
        still = [gr.skip() for _ in self.outputs(self.stages)]
        return [gr.Timer(active=library.is_downloading), *self.about_data(), *still]

    def _retry(self) -> list[Any]:
        self.explorer.library.fetch()
        return [gr.Timer(active=True), *self.about_data()]
