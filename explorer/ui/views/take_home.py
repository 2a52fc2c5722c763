"""Learn, Take home: the current model and what it makes of the current input, as files and as a program."""

from __future__ import annotations

import math
from typing import Any

import gradio as gr
import torch

from explorer.models.base import Decoding
from explorer.models.exchange import missing
from explorer.models.parcel import LARGEST_PARCEL
from explorer.training.evaluate import reconstruct, squared_error
from explorer.training.runs import one_of_each
from explorer.ui.brought import opened
from explorer.ui.components.bring_back import BringBack
from explorer.ui.components.downloads import Downloads
from explorer.ui.components.program import Program
from explorer.ui.components.sheet import Sheet, digits_sheet
from explorer.ui.explain import explain
from explorer.ui.images import base64_of
from explorer.ui.page import Page
from explorer.ui.session import MASK_SEED, Current
from explorer.ui.snippet import snippet
from explorer.ui.view import Panel, view

WHAT = (
    "**What you see.** Everything here is about the model and the input that are chosen now. The model's zip holds its "
    "weights (*safetensors*: numbers and their names, nothing that could run) and its card, which says how it was "
    "trained and what it reached. The program prints this page's own figures; it needs the folder of the Autoencoder "
    "Explorer and its packages."
)

HUB = (
    "**On the Hub** a model is its weights, its card, and a page made of the card, which anyone may bring here by its "
    "name. Pushing needs your token, and no public page should ask for one: so it is done at home, where *hf auth "
    "login* keeps it."
)
PUSH = """# in the folder of the Autoencoder Explorer, with the model's zip beside you
hf auth login
python -m explorer.models.hub push {name}.zip OWNER/NAME
"""


@view("Take home", place="Learn", order=30)
def build(page: Page) -> Panel:
    """Pictures and words on the left, files on the right, the program underneath."""
    with gr.Row():
        with gr.Column(min_width=320):
            figures = gr.Markdown()
            pictures = Sheet(size=64)
            explain(WHAT)
        with gr.Column(min_width=320):
            files = Downloads()
            back = BringBack(most=LARGEST_PARCEL)
    program = Program(title="The same in Python")
    explain(HUB)
    pushing = Program(title="To the Hugging Face Hub, from your own machine")
    page.on(back.input, back, lambda value, session: opened(value, session, page.explorer), anywhere=True)
    return Panel([figures, pictures, files, program, pushing], render)


def render(current: Current) -> list[Any]:
    """The figures of the input; input and ten digits with their reconstructions; the files and the program."""
    model, x, ten = current.exhibit.model, current.x, current.batch(one_of_each(current.dataset.test_labels))
    with torch.inference_mode():
        mine, theirs = (reconstruct(model, some, torch.Generator().manual_seed(MASK_SEED)) for some in (x, ten))
        error = float(squared_error(x, mine))
    named = "chosen" if current.label is None else f"chosen {current.label}"
    pictures, heads = base64_of(torch.cat((x, ten, mine, theirs))), [named, *(str(label) for label in range(10))]
    sheet = digits_sheet(pictures, 11, "digits and their reconstructions", rows=["input", "output"], heads=heads)
    shown = [worded(current, error), gr.update(sheet=sheet), gr.update(files=files_of(current))]
    return [*shown, snippet(current), pushed(current)]


def pushed(current: Current) -> str:
    """The commands that put the current model on the Hub."""
    return PUSH.format(name=current.exhibit.card.name)


def worded(current: Current, error: float) -> str:
    """The figures that the program prints too."""
    what = "Your own picture" if current.own else f"Test digit {current.index:,}, a {current.label},"
    psnr = -10 * math.log10(max(error, 1e-10))
    return f"{what} comes back with **MSE {error:.6f}** and **PSNR {psnr:.2f} dB**."


def files_of(current: Current) -> list[dict[str, str]]:
    """What can be downloaded of the model, or why it cannot."""
    exhibit, tests = current.exhibit, len(current.dataset.test_images)
    numbers, place = current.codes.shape[1], f"explorer/take/{exhibit.id}"
    lesson = f"notebook: how {exhibit.variant.title.lower()} autoencoders work, with a short training"
    files = [
        {"title": "Model", "about": "zip: weights and card; Bring it back opens it again", "address": "model.zip"},
        {
            "title": "Codes",
            "about": f"CSV: index, label and the {numbers} numbers of each of {tests:,} test digits",
            "address": "codes.csv",
        },
        {"title": "Lesson", "about": lesson, "address": "lesson.ipynb"},
        {"title": "Encoder", "about": "ONNX: x (N, 1, 28, 28) in [0, 1] → z", "address": "encoder.onnx"},
    ]
    if isinstance(exhibit.model, Decoding):
        about = "ONNX: z → x; takes seconds to write, as the encoder does"
        files.append({"title": "Decoder", "about": about, "address": "decoder.onnx"})
    if missing():
        lacks = f"ONNX needs packages that are not installed here: pip install {' '.join(missing())}"
        files = [{"title": f["title"], "about": lacks} if "onnx" in f["address"] else f for f in files]
    return [{**file, "address": f"{place}/{file['address']}"} if "address" in file else file for file in files]
