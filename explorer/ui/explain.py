"""Explained in place: what a view shows, its formula, and the code behind it on demand."""

from __future__ import annotations

import gradio as gr

from explorer.ui.components.source import Source

LATEX: list[dict[str, str | bool]] = [
    {"left": "$$", "right": "$$", "display": True},
    {"left": "$", "right": "$", "display": False},
]


def explain(what: str, formula: str = "", source: str = "", title: str = "The code") -> tuple[gr.Markdown, Source]:
    """Place a paragraph, a formula (LaTeX without its dollars) and a file's source; both can be updated later."""
    text = gr.Markdown(worded(what, formula), latex_delimiters=LATEX, elem_classes="ae-explain", container=False)
    return text, Source({"title": title, "text": source} if source else None)


def worded(what: str, formula: str = "") -> str:
    """The Markdown of an explanation: also what to send when the view's model changes."""
    return f"{what}\n\n$$\n{formula}\n$$" if formula else what
