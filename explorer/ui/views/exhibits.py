"""Train, Exhibits: models whose training failed in one of the known ways, why, and the cure to try."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import gradio as gr
import torch

from explorer.analysis.health import alarms
from explorer.models.checkpoint import Card
from explorer.models.knobs import shown
from explorer.models.registry import named
from explorer.training.evaluate import reconstruct
from explorer.training.runs import RunSpec, one_of_each
from explorer.training.shipped import FAILURES
from explorer.ui.components.sheet import Sheet, digits_sheet
from explorer.ui.components.training_panel import Action, TrainingPanel
from explorer.ui.desk import Desk
from explorer.ui.explain import explain
from explorer.ui.images import base64_of
from explorer.ui.page import FRIENDLY, Page
from explorer.ui.session import MASK_SEED, Current, Session
from explorer.ui.view import Panel, view
from explorer.ui.views.health import looked_at
from explorer.ui.views.training import before_training, trains

WHAT = (
    "**What you see.** Seven trainings that went wrong, each in seconds, each with its exact settings under **Run**. "
    "Choose one: it becomes the page's model, to be looked at in every place. The alarm is what **Health** finds by "
    "itself, without knowing the cause."
)
INVITATION = "Choose an exhibit to see what went wrong, why, and what helps."
CURED = "**The cure of *{title}*.** {cure}"
STORY = "{variant}, {settings}.\n\n**Why.** {cause}\n\n**What helps.** {cure}"
FINDING = "\n\n**The alarm.** {words}"


@view("Exhibits", place="Train", order=40)
def build(page: Page) -> Panel:
    """The choice, the story, ten digits, and the cure as it trains."""
    with gr.Row(elem_classes="ae-choices"):
        choice = gr.Radio(choices(page), value=None, label="What went wrong")
    with gr.Row():
        with gr.Column(scale=3, min_width=320):
            story = gr.Markdown(INVITATION)
        with gr.Column(scale=2, min_width=320):
            digits = Sheet(size=48)
    cure = gr.Button("Train the cure", visible=False, variant="primary", min_width=200)
    panel = TrainingPanel(visible=False)
    explain(WHAT)
    page.on(choice.input, choice, chosen)
    choice.input(lambda desk: gr.update(visible=desk.is_busy), [page.desk], [panel], **FRIENDLY)
    start = gr.State(Action("anew", 0, None, 0))
    cure.click(lambda: gr.update(visible=True), None, [panel], **FRIENDLY)
    for event, action in ((cure.click, start), (panel.input, panel)):
        trains(page, event, panel, [action, page.desk], lambda desk, session: cured(page, session, desk))
    return Panel([choice, story, digits, cure, panel], render)


def choices(page: Page) -> list[tuple[str, str]]:
    """The exhibits there are, as (words, name)."""
    there = page.explorer.gallery.shipped
    return [(f"{failure.title} ({named(failure.variant).title})", n) for n, failure in FAILURES.items() if n in there]


def render(current: Current) -> list[Any]:
    """The story of the exhibit that is the page's model, if it is one."""
    failure = FAILURES.get(current.exhibit.id)
    panel = before_training(current)
    if failure is None:
        words = told_of(current.exhibit.card)
        return [gr.update(value=None), words, gr.update(sheet=None), gr.update(visible=False), panel]
    words = STORY.format(
        variant=named(failure.variant).title,
        settings=in_words({**failure.settings, **failure.training}),
        cause=failure.cause,
        cure=failure.cure,
    )
    found = alarms(looked_at(current))
    words += "".join(FINDING.format(words=word.replace("**", "")) for word in found[:1])
    return [
        gr.update(value=current.exhibit.id),
        words,
        gr.update(sheet=before_and_after(current)),
        gr.update(visible=True),
        panel,
    ]


def told_of(card: Card) -> str:
    """Which exhibit this model is the cure of, if of any; else an invitation to choose one."""
    for failure in FAILURES.values():
        cure = replace(failure.cured_spec(), dataset=card.dataset)
        own = replace(cure, variant=card.variant, settings=card.settings, training=card.training)
        if failure.variant == card.variant and cure.key == own.key:
            return CURED.format(title=failure.title, cure=failure.cure)
    return INVITATION


def in_words(settings: dict[str, Any]) -> str:
    """Settings as a list of words."""
    told = {name.replace("_", " "): f"{v:g}" if isinstance(v, float) else v for name, v in settings.items()}
    return ", ".join(f"{name} {value}" for name, value in told.items())


def before_and_after(current: Current) -> dict[str, Any]:
    """Ten test digits, and what the model makes of them."""
    x = current.batch(one_of_each(current.dataset.test_labels))
    with torch.inference_mode():
        rebuilt = reconstruct(current.exhibit.model, x, torch.Generator().manual_seed(MASK_SEED))
    pictures = base64_of(torch.cat([x, rebuilt.clamp(0, 1)]))
    return digits_sheet(pictures, 10, "ten test digits, and below each its reconstruction")


def chosen(value: object, session: Session) -> Session:
    """An exhibit becomes the page's model. Raises ValueError for one that does not exist."""
    if value not in FAILURES:
        raise ValueError(f"the exhibit must be one of {', '.join(FAILURES)}, got {shown(value)}")
    return replace(session, model=str(value), variant=FAILURES[str(value)].variant)


def cured(page: Page, session: Session, desk: Desk) -> RunSpec:
    """The cure of the exhibit that is the page's model, or the one trained last. Raises ValueError without either."""
    dataset = page.explorer.library.dataset.name
    cures = {name: replace(failure.cured_spec(), dataset=dataset) for name, failure in FAILURES.items()}
    if session.model in cures:
        return cures[session.model]
    if desk.spec is None or desk.spec not in cures.values():
        raise ValueError("choose an exhibit first: this model has no cure")
    return desk.spec
