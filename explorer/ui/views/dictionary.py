"""Latent space, Dictionary: the pictures that a decoder of one layer adds up."""

from __future__ import annotations

from typing import Any

import gradio as gr

from explorer.analysis.dictionary import atoms, contributions, is_dead, most_used, scaled
from explorer.models.base import Decoding
from explorer.ui.components.atoms import Atoms
from explorer.ui.components.sheet import Sheet, digits_sheet
from explorer.ui.components.strip import Strip
from explorer.ui.explain import explain
from explorer.ui.images import base64_of, base64_of_signed
from explorer.ui.latent import decoder_address
from explorer.ui.page import Page
from explorer.ui.session import Current
from explorer.ui.view import Panel, view
from explorer.ui.views.reconstruct import bare_strip, taken
from explorer.ui.views.traverse import input_code, rounded

WHAT = (
    "**What you see.** A decoder of one layer adds up pictures: each number of the code times its *atom*, red where it "
    "makes ink and blue where it takes ink away. Above, the atoms that make up this digit, the strongest first: switch "
    "them off and on. Below, the hundred atoms that are used most. A code with few numbers awake has atoms like "
    "strokes; linear and dense codes have atoms like smeared wholes."
)
DEEP = (
    "The decoder of this model has more than one layer, so a number of its code has no picture of its own: what it "
    "does depends on all the others. Choose linear, dense with one layer, a sparse one or contractive."
)
SHOWN, USED, COLUMNS = 48, 100, 10


@view("Dictionary", place="Latent space", order=45, needs=Decoding)
def build(page: Page) -> Panel:
    """The digit's own atoms, and the dictionary."""
    strip = Strip()
    note = gr.Markdown(elem_classes="ae-lack")
    own = Atoms()
    heading = gr.Markdown()
    sheet = Sheet(size=84)
    explain(WHAT, r"\hat x = s\Big(b + \sum_d z_d\, w_d\Big)")
    page.on(strip.input, strip, lambda value, session: taken(value, session, page))
    return Panel([strip, note, own, heading, sheet], render)


def render(current: Current) -> list[Any]:
    """Both, or the sentence that says why there is no dictionary."""
    model = current.exhibit.model
    assert isinstance(model, Decoding)  # noqa: S101  # the view needs it
    pictures = atoms(model.chain())
    if pictures is None:
        return [*bare_strip(current), DEEP, gr.update(parts=None), "", gr.update(sheet=None)]
    z, codes = input_code(current), current.codes
    order = contributions(z, pictures).argsort(descending=True, stable=True).tolist()
    which = [atom for atom in order if z[atom] != 0][:SHOWN]
    parts = {
        "decoder": decoder_address(current),
        "code": rounded(z),
        "which": which,
        "pictures": base64_of_signed(scaled(pictures[which])),
        "picture": base64_of(current.x),
    }
    used, dead = most_used(codes, pictures, USED), int(is_dead(codes).sum())
    sheet = digits_sheet(base64_of_signed(scaled(pictures[used])), COLUMNS, "dictionary", signed=True)
    heading = f"**The {len(used)} atoms that the test digits use most**, of {len(pictures):,}"
    heading += f"; {dead:,} are never used." if dead else "; every one is used by some digit."
    return [*bare_strip(current), "", gr.update(parts=parts), heading, gr.update(sheet=sheet)]
