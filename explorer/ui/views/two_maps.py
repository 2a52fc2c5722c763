"""Compare, Two maps: the same test digits as two models see them; what is chosen in one map lights up in the other."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import gradio as gr

from explorer.ui.agreed import agreement
from explorer.ui.components.agreement import Agreement
from explorer.ui.components.latent_map import LatentMap
from explorer.ui.denoised import offered
from explorer.ui.explain import explain
from explorer.ui.latent import chosen_projection, decode_mean, map_props, projections
from explorer.ui.page import Page
from explorer.ui.session import Current
from explorer.ui.view import Panel, view
from explorer.ui.views.latent_map import clicked, projected

WHAT = (
    "**What you see.** Both maps hold the same test digits, each where its model puts it. Choose a heap in one map "
    "with *Select a box* or *Select freely*: if it is a heap in the other map too, both models have found the same "
    "thing, and if it is scattered, one of them sees a likeness that the other does not. A ring shows where the digit "
    "under the mouse lies in the other map; a click on a dot makes it the input of both. Try one model with two "
    "projections: whatever differs then was made by drawing, not by the model.\n\n"
    "**Neighbours in common** compares who is near to whom, so a map may be turned, moved or enlarged without any "
    "harm. **Trustworthiness** asks whether those who are near on a map are near in truth; each false neighbour costs "
    "the more, the more others are nearer in truth. Two maps can both be trusted and yet share few neighbours: each "
    "shows another true part of the likeness."
)
FORMULA = (
    r"T_k = 1 - \frac{2}{n k (2 n - 3 k - 1)} \sum_i \sum_{j \in U_k(i)} (r(i, j) - k), \qquad "
    r"O_k = \frac{1}{n} \sum_i \lvert N_k(i) \cap N_k'(i) \rvert"
)
OTHERS = ("dense-2d", "variational-2d")  # the second map at first; the other one if that is the page's model
LINK = "two-maps"


@view("Two maps", place="Compare", order=15)
def build(page: Page) -> Panel:
    """Each map under its own choices, then the figures."""
    mean = page.answering(decode_mean, "mean")
    with gr.Row(elem_classes="ae-pair"):
        with gr.Column(min_width=320):
            with gr.Column(elem_classes="ae-choices"):
                title = gr.Dropdown([], label="First map: the page's model, chosen above", interactive=False)
                projection = gr.Radio([], label="Drawn by", min_width=200)
            first = LatentMap(mean=mean, link=LINK)
        with gr.Column(min_width=320):
            with gr.Column(elem_classes="ae-choices"):
                other = gr.Dropdown([], label="Second map: any other model")
                second_projection = gr.Radio([], label="Drawn by", min_width=200)
            second = LatentMap(mean=mean, link=LINK)
    board = Agreement(agreement=page.answering(agreement, "agreement"))
    explain(WHAT, FORMULA)
    page.on(projection.input, projection, projected)
    for dots in (first, second):
        page.on(dots.input, dots, lambda value, session: clicked(value, session, page))
    results = [other, second_projection, second, board]
    return Panel([title, projection, first], render, [other, second_projection], results, show)


def render(current: Current) -> list[Any]:
    """The page's model, its projections and its map."""
    exhibit = current.exhibit
    name = f"{exhibit.variant.title}, {exhibit.card.title}"
    return [
        gr.update(choices=[name], value=name),
        gr.update(choices=projections(exhibit), value=chosen_projection(current)),
        gr.update(**map_props(by_label(current))),
    ]


def show(current: Current, other: object, projection: object) -> list[Any]:
    """The other model, its projections, its map, and what to compare. Raises CheckpointError."""
    there = offered(current.gallery, current.mine)
    chosen = chosen_other(current, other)
    exhibit = current.gallery.open(chosen, current.dataset)
    second = replace(by_label(current), exhibit=exhibit, projection=str(projection))
    drawn = chosen_projection(second)
    return [
        gr.update(choices=there, value=chosen),
        gr.update(choices=projections(exhibit), value=drawn),
        gr.update(**map_props(second)),
        gr.update(asked=[current.exhibit.id, chosen_projection(current), chosen, drawn]),
    ]


def chosen_other(current: Current, other: object) -> str:
    """The model of the second map: the visitor's choice as long as it is on offer, or else another than the page's."""
    there = [model for _, model in offered(current.gallery, current.mine)]
    usual = [model for model in OTHERS if model != current.exhibit.id]
    return str(other) if other in there else next(model for model in [*usual, *there] if model in there)


def by_label(current: Current) -> Current:
    """The dots have the colours of their labels, so that both maps mean the same by them."""
    return replace(current, colour="label")
