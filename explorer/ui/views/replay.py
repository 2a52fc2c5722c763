"""Train, Replay: how the codes found their places, from before the first step to the end."""

from __future__ import annotations

from typing import Any

import gradio as gr

from explorer.training.runs import one_of_each
from explorer.ui.components.replay import Replay
from explorer.ui.explain import explain
from explorer.ui.images import base64_of
from explorer.ui.page import Page
from explorer.ui.session import Current
from explorer.ui.view import Panel, view

WHAT = (
    "**What you see.** Up to thirty moments of this model's training, close together at its start, where most happens. "
    "Each dot is the code of a test digit, coloured by its label, which the model never sees. Codes of more than two "
    "numbers are shown by their two principal components, turned so that each moment lies as near as it can to the one "
    "before. The map follows the size of the cloud: watch its shape. The slider goes to any time between."
)
NONE = (
    "There is no replay of this model's training{why}. Train this variant under **Run**: its replay will be here, "
    "however short the training was."
)


@view("Replay", place="Train", order=20)
def build(page: Page) -> Panel:
    """The film, or the sentence that there is none."""
    none = gr.Markdown(visible=False)
    film = Replay()
    explain(WHAT)

    def render(current: Current) -> list[Any]:
        exhibit, data = current.exhibit, current.dataset
        stamp = f"{data.sha256[:12]}-{exhibit.card.weights_sha256[:12]}"
        of_other_digits = exhibit.card.dataset != data.name
        if of_other_digits or not page.explorer.gallery.replay(exhibit.id):
            why = " on these digits" if of_other_digits else ""
            return [gr.update(value=NONE.format(why=why), visible=True), gr.update(replay=None)]
        replay = {
            "source": f"explorer/replay/{exhibit.id}/all?{stamp}",
            "digits": base64_of(current.batch(one_of_each(data.test_labels))),
            "epochs": exhibit.card.training["epochs"],
        }
        return [gr.update(visible=False), gr.update(replay=replay)]

    return Panel([none, film], render)
