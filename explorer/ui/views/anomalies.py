"""Damage, Anomalies: a picture that a model cannot rebuild is one that it does not know. Mostly."""

from __future__ import annotations

from typing import Any

import gradio as gr
import numpy as np
import torch

from explorer.analysis.anomaly import ERROR, SCORES, offered
from explorer.models.knobs import shown
from explorer.training.evaluate import reconstruct
from explorer.ui.anomalies import (
    MODES,
    SHOWN,
    SOURCES,
    UNSEEN,
    Bench,
    Group,
    Judge,
    axis,
    base64_floats,
    bench,
    judge_for,
    lesson,
)
from explorer.ui.components.sheet import Sheet, digits_sheet
from explorer.ui.components.strip import Strip
from explorer.ui.components.threshold import Threshold
from explorer.ui.explain import explain
from explorer.ui.images import base64_of
from explorer.ui.page import Page
from explorer.ui.session import MASK_SEED, Current
from explorer.ui.view import Panel, view
from explorer.ui.views.neighbours import picked
from explorer.ui.views.reconstruct import bare_strip, taken

WHAT = (
    "**What you see.** A model rebuilds what it was trained on, and badly anything else, so its error can raise an "
    "alarm: this picture is foreign. Twenty small models are shipped for this, each trained on one digit alone or on "
    "all but one; the open model can judge as well. Every picture gets a *score*; above the threshold it is called "
    "foreign. Drag the threshold, or move it by the arrow keys: it trades foreign pictures caught for false alarms, "
    "and the ROC curve shows all such trades at once. The area under it, the AUC, is 1 if some threshold is never "
    "wrong and one half for a coin. At first five in a hundred normal pictures lie above the threshold.\n\n"
    "Scores: *reconstruction error* is the mean squared error per pixel; *error per ink* that error over the mean "
    "square of the picture's own pixels; *error per root of ink* that over the root of the mean square: thick strokes "
    "leave more error, but not in proportion, and so this one tells most; *distance between codes* that from the "
    "picture's code to the nearest code among up to 3,000 normal training digits; *−ELBO*, in nats, only a "
    "variational model has. Draw a picture of your own under See, Draw or photo: here you find how foreign it is."
)
FORMULA = r"\text{reconstruction error} = \tfrac{1}{784} \lVert x - \hat x \rVert^2"


@view("Anomalies", place="Damage", order=30)
def build(page: Page) -> Panel:
    """The input, four choices, the threshold, and the pictures at both ends of both groups."""
    strip = Strip()
    with gr.Row(elem_classes="ae-choices"):
        mode = gr.Radio([*MODES], value=MODES[0], label="The model that judges knows", min_width=320)
        digit = gr.Radio([str(digit) for digit in range(10)], value="3", label="That one digit", min_width=320)
    with gr.Row(elem_classes="ae-choices"):
        source = gr.Radio([*SOURCES], value=UNSEEN, label="Foreign pictures", min_width=320)
        score = gr.Radio([*SCORES], value=ERROR, label="Score", min_width=320)
    threshold = Threshold()
    words = gr.Markdown()
    sheets = []
    with gr.Row():
        for heading in ("**Normal test digits**: label · score", "**Foreign pictures**: what · score"):
            with gr.Column(min_width=300):
                gr.Markdown(heading)
                sheets.append(Sheet(choosable=True, size=72))
    explain(WHAT, FORMULA)
    page.on(strip.input, strip, lambda value, session: taken(value, session, page))
    for sheet in sheets:
        page.on(sheet.input, sheet, lambda value, session: picked(value, session, page))
    controls = [mode, digit, source, score]
    return Panel([strip], bare_strip, controls, [digit, source, score, threshold, words, *sheets], show)


def show(current: Current, mode: object, digit: object, source: object, score: object) -> list[Any]:
    """The choices that go together, the scores, what they say, and the sheets. Raises ValueError."""
    for name, value, choices in (("mode", mode, MODES), ("foreign", source, SOURCES), ("score", score, (*SCORES,))):
        if value not in choices:
            raise ValueError(f"{name} must be one of {', '.join(choices)}, got {shown(value)}")
    if not isinstance(digit, str) or digit not in [*"0123456789"]:
        raise ValueError(f"the digit must be one of 0 to 9, as text, got {shown(digit)}")
    judge = judge_for(current, str(mode), int(digit))
    sources = [one for one in SOURCES if not (judge.is_open and one == UNSEEN)]
    scores = offered(judge.model)
    source, score = (kept(one, choices) for one, choices in ((source, sources), (score, scores)))
    seen = bench(judge, score, source, current.dataset)
    return [
        gr.update(visible=not judge.is_open),
        gr.update(choices=sources, value=source),
        gr.update(choices=scores, value=score),
        gr.update(scores=scored(current, judge, seen, score, source)),
        about(current, judge) + lesson(seen, score),
        gr.update(sheet=sheet_of(seen.normal, ["most typical", "least typical"])),
        gr.update(sheet=sheet_of(seen.foreign, ["least foreign", "most foreign"]), choosable=bool(seen.foreign.ids)),
    ]


def kept(value: object, choices: list[str]) -> str:
    """What was chosen if this judge has it, otherwise the first that it has."""
    return str(value) if value in choices else choices[0]


def scored(current: Current, judge: Judge, seen: Bench, score: str, source: str) -> dict[str, Any]:
    """For the Threshold component."""
    own = (current.x * 255).round().byte().numpy()
    with torch.inference_mode():
        rebuilt = reconstruct(judge.model, current.x, torch.Generator().manual_seed(MASK_SEED))
    return {
        "normal": base64_floats(seen.normal.scores),
        "foreign": base64_floats(seen.foreign.scores),
        "names": ["Normal test digits", f"Foreign: {source}"],
        "title": score,
        "auc": seen.auc,
        "own": float(seen.score(own)[0]),
        "is_foreign": None if current.label is None else current.label not in judge.digits,
        "input": base64_of(current.x),
        "rebuilt": base64_of(rebuilt),
        "shown": axis(seen),
    }


def sheet_of(side: Group, rows: list[str]) -> dict[str, Any]:
    """The least strange pictures of a group in one row, the strangest in the other."""
    pictures = base64_of(torch.from_numpy(side.pictures.astype(np.float32) / 255))
    return digits_sheet(pictures, SHOWN, "by its score", captions=side.captions, rows=rows, ids=side.ids)


def about(current: Current, judge: Judge) -> str:
    """A word of caution where the digits on show are not those that the judge learnt."""
    if judge.is_open or not current.dataset.is_stand_in:
        return ""
    return "These figures are of the stand-in digits, while the judging model learnt MNIST's, which look different. "
