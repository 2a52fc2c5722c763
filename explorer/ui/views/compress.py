"""Damage, Compress: how few bytes a digit needs, by a rounded code, by PCA, by the cosines of JPEG, and as a PNG."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import gradio as gr

from explorer.analysis.compression import MOST_BITS
from explorer.models.base import Decoding
from explorer.models.knobs import shown
from explorer.training.runs import one_of_each
from explorer.ui.components.figure import Figure
from explorer.ui.components.sheet import Sheet
from explorer.ui.components.squeeze_panel import SqueezePanel
from explorer.ui.components.strip import Strip
from explorer.ui.compressed import CURVE_DIGITS, Rivals, one_picture, rivals, sheet_of, squeezed
from explorer.ui.controls import still_ticked
from explorer.ui.explain import explain
from explorer.ui.explorer import Explorer
from explorer.ui.images import base64_of, picture_of
from explorer.ui.page import Page
from explorer.ui.rates import Rate, chart, chosen_rates, offered, rates_of_all, table, verdict
from explorer.ui.session import Current
from explorer.ui.view import Panel, view
from explorer.ui.views.reconstruct import bare_strip, taken

WHAT = (
    "**What you see.** A code is a row of numbers, and a number has to be written in bits. Here each is rounded to one "
    "of $2^b$ equally spaced values between the ends of a range, and decoded again. A picture costs numbers × bits; in "
    "a sparse code only the numbers that are awake are written, and which ones they are. Bytes are bits divided by "
    "eight, with a fraction where many pictures share a file. *With an entropy coder* frequent values get shorter "
    "words, as long as their frequency in training digits asks for.\n\n"
    "The rivals get as many bytes: PCA the number of components and bits that suit training digits best, the DCT the "
    "finest quality that fits. The DCT is that of JPEG, 8 × 8 pixels at a time, with an ideal entropy coder and "
    "without a file's header, which is less than any JPEG file takes. **Not counted** is what is the same for all "
    "pictures: weights, components, ranges and tables of frequencies, all learnt from training digits. The ranges "
    "leave out the rarest values if that makes the squared error smaller, as it does where there are few bits."
)
FORMULA = r"\Delta = \frac{\text{high} - \text{low}}{2^b}, \qquad \text{mean squared error} \approx \frac{\Delta^2}{12}"
FIRST_BITS = 4
COMPARED = ["linear", "convolutional"]


@view("Compress", place="Damage", order=40, needs=Decoding)
def build(page: Page) -> Panel:
    """The slider with the input in five ways, ten digits, and rate over distortion."""
    strip = Strip()
    panel = SqueezePanel({"bits": FIRST_BITS}, most=MOST_BITS, squeeze=page.answering(at_once, "squeeze"))
    words = gr.Markdown()
    gr.Markdown(f"**Rate over distortion**: means of {CURVE_DIGITS} test digits, for 1 to {MOST_BITS} bits a number.")
    with gr.Column(elem_classes="ae-choices"):
        choices = offered(page.explorer.gallery)
        compared = still_ticked(COMPARED, choices)
        models = gr.CheckboxGroup(choices, value=compared, label="Beside the current model", min_width=240)
    every = gr.Button("All variants", size="md", min_width=200)
    figure = Figure(description="PSNR in decibels over bytes a picture, one line a model, PCA and DCT")
    listed = gr.Markdown(elem_classes="ae-wide-table")
    gr.Markdown("**Ten test digits** in the same bits.")
    sheet = Sheet(size=72)
    explain(WHAT, FORMULA)
    page.on(strip.input, strip, lambda value, session: taken(value, session, page))
    page.when(every.click, all_variants, [panel], [models, figure, listed])
    return Panel([strip, models], render, [panel, models], [panel, words, figure, sheet], show)


def render(current: Current) -> list[Any]:
    """The digits and the models to choose from."""
    return [*bare_strip(current), gr.update(choices=offered(current.gallery, current.mine))]


def show(current: Current, value: object, models: object) -> list[Any]:
    """The panel, the verdict, the curves and ten digits. Raises ValueError for what the controls do not have."""
    bits, exhibit, dataset = bits_of(value), current.exhibit, current.dataset
    choices = offered(current.gallery, current.mine)
    rates, others = chosen_rates(current, still_ticked(models, choices)), rivals(dataset)
    answer = one_picture(squeezed(exhibit, dataset, current.x, bits))
    ten = squeezed(exhibit, dataset, current.batch(one_of_each(dataset.test_labels)), bits)
    return [
        gr.update(desk={"model": exhibit.id, "input": base64_of(current.x), "answer": answer}),
        verdict(rates[0], bits, others),
        drawn(rates, others, bits),
        gr.update(sheet=sheet_of(ten)),
    ]


def all_variants(current: Current, value: object) -> list[Any]:
    """The choice of a model of each variant, their curves, and a table. Raises ValueError."""
    models, rates, others = rates_of_all(current)
    return [gr.update(value=models), drawn(rates, others, bits_of(value)), table(rates, others)]


def drawn(rates: Sequence[Rate], others: Rivals, bits: int) -> dict[str, Any]:
    """The chart, taller by what more models take in its legend."""
    return gr.update(value=chart(rates, others, bits), height=420 + 18 * len(rates))


def at_once(explorer: Explorer, asked: object) -> dict[str, Any]:
    """What the panel shows of [model, input, bits]. Raises ValueError or CheckpointError."""
    if not isinstance(asked, list) or len(asked) != 3 or not all(isinstance(one, str) for one in asked[:2]):
        raise ValueError(f"squeeze needs a model, a picture and bits, got {shown(asked)}")
    bits, dataset = bits_of({"bits": asked[2]}), explorer.library.dataset
    exhibit = explorer.gallery.open(asked[0], dataset)
    return one_picture(squeezed(exhibit, dataset, picture_of(asked[1]), bits))


def bits_of(value: object) -> int:
    """The bits of a number that the slider asks for. Raises ValueError."""
    bits = value.get("bits") if isinstance(value, dict) else None
    if isinstance(bits, bool) or not isinstance(bits, int) or not 1 <= bits <= MOST_BITS:
        raise ValueError(f"the bits of a number must be a whole number from 1 to {MOST_BITS}, got {shown(bits)}")
    return bits
