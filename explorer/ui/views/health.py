"""Train, Health: which numbers of the code carry information, and the alarm in words."""

from __future__ import annotations

from typing import Any

import gradio as gr

from explorer.analysis.health import CORRELATED, LOOKED_AT, Health, alarms, correlation, examined
from explorer.analysis.traversal import by_strength
from explorer.ui.components.figure import Figure
from explorer.ui.explain import explain
from explorer.ui.page import Page
from explorer.ui.session import Current
from explorer.ui.view import Panel, view

WHAT = (
    "**What you see.** On the left, how much each number of the code has to say: for a variational model its KL "
    "divergence from the prior, in nats, otherwise its variance over the test digits; the strongest first. A number "
    "near zero says the same of every digit. On the right, how the strongest numbers go together: red rise together, "
    "blue one rises while the other falls, white know nothing of each other. Principal components are uncorrelated; a "
    "nonlinear code need not be."
)
BARS = 128


@view("Health", place="Train", order=30)
def build(page: Page) -> Panel:  # noqa: ARG001  # nothing here changes the session
    """The alarm, the figures in a line, two charts."""
    alarm = gr.Markdown(elem_classes="ae-lack")
    facts = gr.Markdown()
    with gr.Row():
        with gr.Column(min_width=320):
            title = gr.Markdown()
            strength = Figure(height=320, description="How much each number of the code has to say, as bars")
        with gr.Column(min_width=320):
            gr.Markdown("**Correlation of the strongest numbers**")
            together = Figure(height=320, description="Correlation of the strongest numbers of the code, as a heat map")
    explain(WHAT)
    return Panel([alarm, facts, title, strength, together], render)


def render(current: Current) -> list[Any]:
    """The alarm in words, the figures, and the two charts."""
    health = looked_at(current)
    order = by_strength(health.variance if health.kl is None else health.kl)
    words = "\n\n".join(alarms(health)) or "**Nothing alarming.**"
    return [words, in_a_line(health), about_bars(health), bars(health, order), matrix(current, order[:CORRELATED])]


_health: dict[tuple[str, str], Health] = {}


def looked_at(current: Current) -> Health:
    """The model's health, found once."""
    key = (current.exhibit.card.weights_sha256, current.dataset.sha256)
    if key not in _health:
        card = current.exhibit.card
        is_home = card.dataset_sha256 == current.dataset.sha256
        learnt = int(card.training.get("images", LOOKED_AT)) if is_home else 0
        _health[key] = examined(current.exhibit.model, current.codes, current.dataset, learnt)
    return _health[key]


def in_a_line(health: Health) -> str:
    """The figures in words."""
    size = len(health.variance)
    known = "training digits" if health.learnt else "digits it was not trained on"
    parts = [
        f"error on {health.trained:,} {known} {health.train_mse:.4f}",
        f"on {health.tested:,} test digits {health.test_mse:.4f}; of the mean image {health.mean_mse:.4f}",
        f"reconstructions vary {health.spread:.0%} as much as the digits",
    ]
    if health.active is not None and health.kl is not None:
        parts.append(f"{int(health.active.sum())} of {size} numbers active, {float(health.kl.sum()):.1f} nats in all")
    parts.append(f"{int(health.dead.sum())} of {size} numbers never awake")
    return " · ".join(parts)


def about_bars(health: Health) -> str:
    """What the bars say."""
    size = len(health.variance)
    more = f", the strongest {BARS} of {size:,}" if size > BARS else ""
    return f"**{'Variance of the numbers' if health.kl is None else 'KL divergence from the prior, in nats'}**{more}"


def bars(health: Health, order: list[int]) -> Any:
    """How much each number has to say."""
    values = health.variance if health.kl is None else health.kl
    shown = order[:BARS]
    return {
        "data": [{"type": "bar", "x": [f"z{d + 1}" for d in shown], "y": [round(float(values[d]), 5) for d in shown]}],
        "layout": {"xaxis": {"type": "category"}, "showlegend": False},
    }


def matrix(current: Current, which: list[int]) -> Any:
    """How the strongest numbers go together."""
    names = [f"z{d + 1}" for d in which]
    heat = {
        "type": "heatmap",
        "z": [[round(value, 3) for value in row] for row in correlation(current.codes, which).tolist()],
        "x": names,
        "y": names,
        "zmin": -1,
        "zmax": 1,
        "colorscale": [[0, "#2668d6"], [0.5, "#ffffff"], [1, "#d6283c"]],
    }
    axis = {"type": "category", "showgrid": False}
    layout = {"xaxis": axis, "yaxis": {**axis, "autorange": "reversed"}}
    return {"data": [heat], "layout": layout}
