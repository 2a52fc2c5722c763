"""Learn, Toys: points along a curve, squeezed to one number by PCA and by a small network that learns as one looks."""

from __future__ import annotations

import gradio as gr

from explorer.ui.components.toy import Toy
from explorer.ui.explain import explain
from explorer.ui.page import Page
from explorer.ui.view import Panel, nothing, view

ALONE = "This view stands by itself: the points and the network below have nothing to do with the model chosen above."
WHAT = (
    "**What you see.** Each point has two numbers, $x = (x_1, x_2)$, and must pass through one, $z$. The encoder $f$ "
    "computes $z$, the decoder $g$ leads back to the plane, and wherever $z$ is, the decoded point lies on one curve: "
    "the learnt one. Training bends it until the points are near it. PCA does the same with a straight line, the best "
    "of all lines. The error is the mean squared difference over all numbers of all points; the points are centred "
    "and scaled so that it is 1 if every point is decoded to their middle. Both networks, $f$ and $g$, have one layer "
    "of hidden units, and every step of training looks at all points."
)
FORMULA = r"z = f(x), \quad \hat x = g(z), \quad \frac{1}{2n} \sum_{i=1}^{n} \lVert x_i - g(f(x_i)) \rVert^2"
TRY = """**What to try**

1. Choose **linear**: the curve can no longer bend, and what is learnt is PCA's line. The angle is printed.
2. Choose the **spiral** with 4 hidden units, then with 16. With 4 the curve cuts corners, and the colours jump along
   the spiral; with 16 they run along it in order from most starts. Train again to see one that fails.
3. Choose the **circle**: the learnt curve has two ends, and a circle has none. Move along the number line from one to
   the other. Train again, and the circle is torn elsewhere.
4. On the parabola, set the noise to 0, and nearly nothing is lost. Set it to 0.5, with 4 hidden units and then with 32:
   the error falls, but now the curve runs after the noise of these very points."""


@view("Toys", place="Learn", order=10)
def build(page: Page) -> Panel:  # noqa: ARG001  # nothing here is the page's
    """The toy, the lesson, and experiments to try."""
    gr.Markdown(ALONE)
    Toy()
    with gr.Row():
        with gr.Column(min_width=320):
            explain(WHAT, FORMULA)
        with gr.Column(min_width=320):
            gr.Markdown(TRY)
    return Panel([], nothing)
