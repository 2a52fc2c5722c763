"""What the values of an event must be before anything of the page sees them.

Gradio checks some of it, late and in words for programmers, and keeps whatever it was sent. Here every refusal is a
sentence that names the field, what is allowed and what was given. What a value means is the handler's business.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import gradio as gr
from gradio.block_function import BlockFunction
from gradio.blocks import Block
from gradio.state_holder import SessionState

from explorer.models.knobs import shown
from explorer.ui.failure import Blocks


class Contract(Blocks):
    """A page of which no handler is called with values that its components could not have sent."""

    async def preprocess_data(
        self, block_fn: BlockFunction, inputs: list[Any], state: SessionState | None, explicit_call: bool = False
    ) -> list[Any]:
        """As Gradio's. Raises ValueError in a sentence before anything of the values is kept."""
        require(block_fn.inputs, inputs, state)
        values: list[Any] = await super().preprocess_data(block_fn, inputs, state, explicit_call)
        return values


def require(blocks: Sequence[Block], values: Sequence[object], state: SessionState | None) -> None:
    """Raises ValueError unless there is one value for each block, and each is what such a block can send."""
    if len(values) != len(blocks):
        raise ValueError(f"this event takes {len(blocks)} values, got {len(values)}")
    for block, value in zip(blocks, values, strict=True):
        now = state[block._id] if state is not None and not block.stateful else block  # its choices may have changed
        if check := CHECKS.get(type(block)):
            check(now, value)


def in_range(slider: gr.Slider, value: object) -> None:
    """Raises ValueError unless it is a number within the limits, and a whole one where the slider has no other."""
    low, high = slider.minimum, slider.maximum
    is_whole = all(isinstance(number, int) for number in (low, slider.step))
    wanted = f"{slider.label} must be a {'whole ' if is_whole else ''}number from {low:g} to {high:g}"
    is_number = isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high
    if not is_number or (is_whole and value != int(value)):  # type: ignore[call-overload]  # it is a number by now
        raise ValueError(f"{wanted}, got {shown(value)}")


def offered(block: gr.Radio | gr.Dropdown, value: object) -> None:
    """Raises ValueError unless it is one of the choices, or nothing."""
    choices = [choice for _, choice in block.choices]
    if value is not None and not (isinstance(value, str) and value in choices):
        raise ValueError(f"{block.label} must be one of {shown_choices(choices)}, got {shown(value)}")


def all_offered(block: gr.CheckboxGroup, values: object) -> None:
    """Raises ValueError unless it is a list of choices, none of them twice."""
    choices = [choice for _, choice in block.choices]
    texts = (
        [value for value in values if isinstance(value, str) and value in choices] if isinstance(values, list) else []
    )
    if texts != values or len({*texts}) < len(texts):
        raise ValueError(f"{block.label} must be some of {shown_choices(choices)}, got {shown(values)}")


def shown_choices(choices: Sequence[object]) -> str:
    """The choices as a sentence quotes them."""
    return ", ".join(str(choice) for choice in choices[:12]) or "none at present"


CHECKS: dict[type[Block], Callable[[Any, object], None]] = {
    gr.Slider: in_range,
    gr.Radio: offered,
    gr.Dropdown: offered,
    gr.CheckboxGroup: all_offered,
}
