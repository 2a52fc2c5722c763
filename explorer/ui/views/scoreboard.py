"""Train, Scoreboard: every run with its settings and figures, and their curves over one another."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import gradio as gr

from explorer.models.knobs import shown
from explorer.training.cost import require_affordable
from explorer.training.record import titled
from explorer.training.runs import SHOWN_IMAGES, RunSpec
from explorer.ui.components.figure import Figure
from explorer.ui.components.scoreboard import Scoreboard
from explorer.ui.components.training_panel import Action, TrainingPanel
from explorer.ui.desk import Desk
from explorer.ui.explain import explain
from explorer.ui.page import FRIENDLY, Page
from explorer.ui.scores import TEST_ERROR, chosen, lines, rows, terms, usual
from explorer.ui.session import Current, Session
from explorer.ui.view import Panel, view
from explorer.ui.views.training import before_training, trains

WHAT = (
    "**What you see.** Every model that you trained, and the shipped ones: what differs from the variant's recommended "
    f"settings, and what came out. The *test error* is measured on up to {SHOWN_IMAGES:,} test digits while it trains, "
    "up to thirty times, close together at the start. The terms of the loss are means over training digits; they are "
    "kept of your own runs only, and compare between runs of one variant with equal β, λ and the like. *Test MSE* and "
    "*PSNR* are measured at the end, on all test digits unless the row says otherwise; a masked model copies what it "
    "sees, so its figures stand apart. The time is that of the last uninterrupted part of the training. A name opens "
    "the model: the page shows it everywhere, and the knobs under **Run** take its settings. The server keeps "
    "weights as long as it has room; your browser remembers the settings and figures of your last twenty runs."
)
AXES = ("error", "epochs")
FIRST_STEP = 1e-4  # epochs: the moment before it has no place on a logarithmic axis
TICKS = [digit * 10.0**power for power in range(-9, 6) for digit in (1, 2, 5)]


@view("Scoreboard", place="Train", order=50)
def build(page: Page) -> Panel:
    """The training panel, once a run is trained again; the chart, and the table."""
    panel = TrainingPanel(visible=False)
    with gr.Row(elem_classes="ae-choices"):
        term = gr.Radio([TEST_ERROR], value=TEST_ERROR, label="Curves of", min_width=240)
        axes = gr.CheckboxGroup([*AXES], value=[*AXES], label="Logarithmic", min_width=200)
    figure = Figure(height=340)
    missing = gr.Markdown(elem_classes="ae-quiet")
    table = Scoreboard()
    explain(WHAT)
    page.on(table.select, table, lambda value, session: acted(value, session, page))
    table.submit(lambda: gr.update(visible=True), None, [panel], **FRIENDLY)
    start = gr.State(Action("anew", 0, None, 0))
    trains(page, table.submit, panel, [start, table], lambda value, session: again(value, session, page))
    trains(page, panel.input, panel, [panel, page.desk], lambda desk, _: once_more(desk))
    return Panel([table, panel], render, [table, term, axes], [term, figure, missing], show)


def render(current: Current) -> list[Any]:
    """The table, and what the panel needs for a run that is trained again."""
    board = {"rows": rows(current), "chosen": usual(current), "open": current.exhibit.id}
    return [gr.update(board=board), before_training(current)]


def show(current: Current, value: object, term: object, axes: object) -> list[Any]:
    """The terms to choose from, the chart, and who has no such curve. Raises ValueError."""
    if not isinstance(axes, list) or not all(axis in AXES for axis in axes):
        raise ValueError(f"the logarithmic axes must be among {', '.join(AXES)}, got {shown(axes)}")
    runs = chosen(value, current)
    there = terms(current, runs)
    if term not in there:  # none of these runs has it
        term = TEST_ERROR
    drawn = lines(current, runs, str(term), start=FIRST_STEP if "epochs" in axes else 0.0)
    lacking = sum(map(bool, runs)) - len(drawn)
    verb = "has" if lacking == 1 else "have"
    missing = f"{lacking} of the chosen runs {verb} no curve of this term on these axes." if lacking else ""
    return [gr.update(choices=there, value=term), chart(drawn, str(term), axes), missing]


def chart(drawn: list[dict[str, Any]], term: str, axes: list[str]) -> Any:
    """One line a run; which is which stands above the table."""
    y: dict[str, Any]
    y, x = ({"type": "log" if axis in axes else "linear", "tickformat": "~g"} for axis in AXES)
    heights = [value for line in drawn for value in line["y"] if value > 0]
    if y["type"] == "log" and max(heights, default=1) > 5 * min(heights, default=1):
        y = {**y, "tickvals": TICKS}
    layout = {
        "xaxis": {**x, "title": {"text": "epochs"}},
        "yaxis": {**y, "title": {"text": "mean squared error" if term == TEST_ERROR else term}},
        "showlegend": False,
    }
    ends = "; ".join(f"{line['name']} ends at {line['y'][-1]:.4g}" for line in drawn)
    return gr.update(
        value={"data": drawn, "layout": layout} if drawn else None,
        description=f"{term} over the epochs, one line a run: {ends}",
    )


def acted(value: object, session: Session, page: Page) -> Session:
    """A run is opened, renamed or deleted. Raises ValueError for one that the visitor may not have."""
    told = value if isinstance(value, dict) else {}
    act, run = told.get("do"), told.get("id")
    if act == "open":
        return opened(run, session, page)
    if act not in ("rename", "delete"):
        raise ValueError(f"a run can be opened, renamed or deleted, got {shown(act)}")
    if run not in session.mine and run not in [record.run for record in session.records]:
        raise ValueError(f"only your own runs can be renamed or deleted, got {shown(run)}")
    gallery = page.explorer.gallery
    if act == "rename":
        renamed = session.with_run(gallery.store.rename(str(run), titled(told.get("title"))))
        gallery.forget(str(run))
        return renamed
    gallery.store.drop(str(run))
    gallery.forget(str(run))
    left = session.without_run(str(run))
    others = gallery.of(left.variant) or gallery.of("dense")
    return replace(left, model=str(others[0]["id"])) if session.model == run else left


def opened(run: object, session: Session, page: Page) -> Session:
    """The run becomes the page's model. Raises ValueError for one that is not on offer."""
    gallery = page.explorer.gallery
    if isinstance(run, str) and run in gallery.shipped:
        return replace(session, model=run, variant=gallery.shipped[run].variant)
    if isinstance(run, str) and run in session.mine:
        return replace(session, model=run, variant=gallery.store.record(run).card.variant)
    raise ValueError(f"the model must be one of those on the board, got {shown(run)}")


def again(value: object, session: Session, page: Page) -> RunSpec:
    """The run that has the settings of the chosen row. Raises ValueError."""
    run = value.get("train") if isinstance(value, dict) else None
    cards = {**page.explorer.gallery.shipped, **{record.run: record.card for record in session.records}}
    if not isinstance(run, str) or run not in cards:
        raise ValueError(f"the run must be one of those on the board, got {shown(run)}")
    card = cards[run]
    spec = RunSpec(card.variant, card.settings, card.training, page.explorer.library.dataset.name)
    require_affordable(spec, len(page.explorer.library.dataset.train_images))
    return spec


def once_more(desk: Desk) -> RunSpec:
    """The run that the desk had last. Raises ValueError where there is none."""
    if desk.spec is None:
        raise ValueError("choose a run in the table first")
    return desk.spec
