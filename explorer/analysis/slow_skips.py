"""One image's way through a network with skip connections: down to its smallest maps and up again."""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor

from explorer.analysis.moments import Moment, drawn, ink, verdict
from explorer.analysis.operations import layers, told, watched
from explorer.models.base import Autoencoder

START = "784 pixels, from black 0 to white 1. They are looked at in ever smaller maps, and then in larger ones again."
DEEPEST = (
    "The means of the {size} smallest maps stand for the image where a code is asked for. But the way up is given the "
    "maps themselves, and those from the way down: nothing has to squeeze through here."
)
CORRECTED = "The last layer's answer is only a correction of the input: blue-green adds ink, orange takes it away."


def down_and_up(model: Autoencoder, x: Tensor) -> list[Moment]:
    """Every step of such a model on one image x (1, 1, 28, 28), in order; the last picture is the reconstruction."""
    first = Moment("encoder", "The input", START, (ink("input", x[0]),))
    output, operations = watched(lambda x: model(x, torch.Generator()), x)
    found = [one for one in layers(operations) if one.name != "clamp"]
    turn = next(place for place, one in enumerate(found) if one.name == "conv_transpose2d")
    down = told("encoder", first.pictures[0], found[:turn])
    maps, z = down[-1].pictures[-1], drawn("code z", output.latent[0])
    code = Moment("code", "The deepest maps", DEEPEST.format(size=z.values.numel()), (maps, z), "→")
    up = told("decoder", maps, found[turn:])
    correction = replace(up[-1].pictures[-1], name="correction")
    result = ink("reconstruction", output.reconstruction[0])
    words = f"{CORRECTED} {verdict(x, output.reconstruction)}"
    end = Moment("decoder", "The reconstruction", words, (first.pictures[0], correction, result), "+→")
    return [first, *down, code, *up, end]
