"""The few layers and first weights that several variants share."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn

from explorer.models.base import PIXELS, SIDE

DARK = -1.9  # logit of MNIST's mean pixel, 0.13: the start of an output bias that all pixels share


def mlp(*sizes: int) -> nn.Sequential:
    """Linear layers with a ReLU between each two, none after the last."""
    layers: list[nn.Module] = []
    for inputs, outputs in pairwise(sizes):
        layers += [nn.Linear(inputs, outputs), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


def flat(x: Tensor) -> Tensor:
    """(N, 1, 28, 28) -> (N, 784)."""
    return x.reshape(len(x), PIXELS)


def image(pixels: Tensor) -> Tensor:
    """(N, 784) -> (N, 1, 28, 28)."""
    return pixels.reshape(len(pixels), 1, SIDE, SIDE)


def glorot(module: nn.Module, generator: torch.Generator) -> None:
    """Glorot-uniform weights, zero biases, gains of one: PyTorch's own start leaves many ReLU units dead for good."""
    for name, parameter in module.named_parameters():
        with torch.no_grad():
            if parameter.ndim > 1:
                nn.init.xavier_uniform_(parameter, generator=generator)
            else:
                parameter.fill_(0.0 if "bias" in name.rpartition(".")[2] else 1.0)


def logit(mean_image: Tensor) -> Tensor:
    """(1, 28, 28) mean pixels -> (784,) output bias with which an untrained sigmoid already answers the mean image."""
    return mean_image.flatten().clamp(0.002, 0.998).logit()


def orders(z: Tensor) -> Tensor:
    """What a writer of rows is told at each step: the code and the row's number, (N, D) -> (N, 28, D + 28)."""
    which = torch.eye(SIDE, dtype=z.dtype, device=z.device).expand(len(z), SIDE, SIDE)
    return torch.cat((z.unsqueeze(1).expand(-1, SIDE, -1), which), dim=2)


class RowWriter(nn.Module):
    """A GRU that writes from a code alone, its states row by row: (N, D) -> (N, 28, width)."""

    def __init__(self, cell: nn.GRU) -> None:
        super().__init__()
        self.cell = cell

    def forward(self, z: Tensor) -> Tensor:
        states: Tensor = self.cell(orders(z))[0]
        return states
