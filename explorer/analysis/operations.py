"""Watching a model compute: each operation on the way from an image to a code, or back, in the order it happens."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from explorer.analysis.moments import Moment, Picture, drawn, number

LEARNT_ONLY = ("add", "sub")  # told of only where the other operand is a learnt constant


@dataclass(frozen=True)
class Operation:
    """One call of a PyTorch function: its name, what it was given, and what came out."""

    name: str
    given: tuple[Any, ...]
    result: Any


class Watch(TorchFunctionMode):
    """Notes every operation of this thread. A hook on a shared model would also note what other visitors compute."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[Operation] = []

    def __torch_function__(
        self, func: Callable[..., Any], types: Iterable[type], args: Sequence[Any] = (), kwargs: Any = None
    ) -> Any:
        result = func(*args, **(kwargs or {}))
        self.seen.append(Operation(getattr(func, "__name__", ""), tuple(args), result))
        return result


def watched(function: Callable[[Tensor], Any], x: Tensor) -> tuple[Any, list[Operation]]:
    """What the function gives for x, and the operations on the way, in order."""
    with Watch() as watch:
        result = function(x)
    return result, watch.seen


def layers(operations: Sequence[Operation]) -> list[Operation]:
    """Those that a person would call a layer."""
    return [one for one in operations if one.name in WORDS and not (one.name in LEARNT_ONLY and not _is_learnt(one))]


def _is_learnt(operation: Operation) -> bool:
    return any(isinstance(one, nn.Parameter) for one in operation.given[1:])


def told(part: str, before: Picture, operations: Sequence[Operation]) -> list[Moment]:
    """A moment for each layer, from the picture before it to the one after it; the batch must hold one image."""
    moments = []
    for one in layers(operations):
        title, words = WORDS[one.name]
        after = drawn(title, one.result[0])
        moments.append(Moment(part, title, words(one), (before, after), "→"))
        before = after
    return moments


def linear(one: Operation) -> str:
    """``F.linear`` and ``matmul``."""
    before, after, weights = one.given[0].shape[-1], one.result.shape[-1], one.given[1].numel()
    bias = ", plus a learnt constant" if len(one.given) > 2 and one.given[2] is not None else ""
    return (
        f"Each of the {after:,} numbers is a weighted sum of all {before:,} before{bias}: {weights:,} learnt weights."
    )


def relu(one: Operation) -> str:
    """How many are zero."""
    return f"What is negative becomes zero: {int((one.result == 0).sum()):,} of {one.result.numel():,} numbers."


def selection(one: Operation) -> str:
    """How many are left."""
    return f"{int((one.result != 0).sum()):,} of {one.result.numel():,} numbers are kept, all others become zero."


def clamp(one: Operation) -> str:
    """Its two limits."""
    low, high = (number(float(limit)) for limit in (one.result.min(), one.result.max()))
    return f"What lies outside the limits is cut off: all numbers lie between {low} and {high} now."


def convolution(one: Operation) -> str:
    """Filters, their size and their step."""
    filters, maps, high, wide = one.given[1].shape
    over = "the image" if maps == 1 else f"all {maps} maps"
    step = round(one.given[0].shape[-1] / one.result.shape[-1])
    return (
        f"{filters} small filters of {high} × {wide} slide over {over} in steps of {step}. Each draws its own map: "
        "blue-green where a place is what it looks for, orange where it is the opposite."
    )


def transposed(one: Operation) -> str:
    """The way back of a convolution."""
    _, maps, high, wide = one.given[1].shape
    step = round(one.result.shape[-1] / one.given[0].shape[-1])
    into = "an image" if maps == 1 else f"{maps} larger maps" if step > 1 else f"{maps} maps of the same size"
    apart = "1 pixel" if step == 1 else f"{step} pixels"
    return (
        f"Each number stamps a learnt pattern of {high} × {wide} into {into}, {apart} from its neighbour's. "
        "Where stamps overlap they add up."
    )


def folded(one: Operation) -> str:
    """Into maps."""
    maps, high, wide = one.result.shape[1:]
    return f"The same numbers, folded into {maps} maps of {high} × {wide}."


def joined(one: Operation) -> str:
    """How many maps, and of what size."""
    maps, high, wide = one.result.shape[1:]
    return (
        f"A skip connection: the maps of this size from the way down are laid beside those from below, {maps} of "
        f"{high} × {wide} together. Fine strokes take this way round the deepest level."
    )


def always(words: str) -> Callable[[Operation], str]:
    """Words that hold whatever the numbers are."""
    return lambda _: words


WORDS: dict[str, tuple[str, Callable[[Operation], str]]] = {
    "linear": ("Linear layer", linear),
    "matmul": ("Linear layer", linear),
    "add": ("Bias added", always("To each number a learnt constant of its own is added.")),
    "sub": ("Bias subtracted", always("From each number a learnt constant of its own is taken.")),
    "relu": ("ReLU", relu),
    "sigmoid": (
        "Sigmoid",
        always("Each number is squeezed in between 0 and 1: far below zero gives 0, zero a half, far above 1."),
    ),
    "tanh": ("Tanh", always("Each number is squeezed in between −1 and 1.")),
    "clamp": ("Limits", clamp),
    "scatter": ("Selection", selection),
    "conv2d": ("Convolution", convolution),
    "conv_transpose2d": ("Transposed convolution", transposed),
    "flatten": ("Unfolding", always("The same numbers in one row, map after map.")),
    "unflatten": ("Folding", folded),
    "cat": ("Joining", joined),
}
