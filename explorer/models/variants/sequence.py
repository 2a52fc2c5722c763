r"""# Sequence-to-sequence autoencoder

Read the image like a text: 28 rows, top to bottom, one step each. A recurrent network reads them in both directions
and its last states become the code $z$; a second one writes 28 rows from the code alone, being told at each step
which row it is: $h_t = \mathrm{GRU}(h_{t-1}, [z, e_t])$, $\hat x_t = \sigma(W h_t + b)$.

**Teacher forcing** also hands the decoder the true previous row while it trains. That looks wonderful in training and
fails when the network has to live on its own rows (*exposure bias*); try the switch. It minimises the mean squared
error per pixel, and every error shown outside training is free-running.

Srivastava, Mansimov and Salakhutdinov, *Unsupervised learning of video representations using LSTMs*, 2015.
"""

from __future__ import annotations

from collections.abc import Sequence as Chain
from dataclasses import dataclass
from typing import Annotated

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from explorer.models.base import SIDE, Decoding, Losses, Output
from explorer.models.knobs import Choice, Config, Slider, Switch
from explorer.models.layers import DARK, RowWriter, glorot, orders
from explorer.models.recipe import TrainingConfig
from explorer.models.registry import variant

CELLS = {"GRU": nn.GRU, "LSTM": nn.LSTM}


@dataclass(frozen=True)
class SequenceConfig(Config):
    """Size of the code and of the memory, the kind of cell, and whether a teacher helps in training."""

    latent_dim: Annotated[int, Slider(2, 128, "Numbers in the code z", step=1)] = 64
    width: Annotated[int, Slider(16, 256, "Memory", step=16, info="Numbers carried from row to row.")] = 128
    cell: Annotated[str, Choice(tuple(CELLS), "Cell")] = "GRU"
    teacher_forcing: Annotated[bool, Switch("Teacher forcing", info="Show the true previous row in training.")] = False


@variant(
    "Sequence-to-sequence",
    group="squeeze",
    order=3,
    summary="Reads the image row by row like a text, and writes it again from memory.",
    config=SequenceConfig,
    training=TrainingConfig(epochs=3, batch_size=64, learning_rate=3e-3),
    uses=28,
)
class Sequence(Decoding):
    """A bidirectional recurrent reader and a recurrent writer of 28 rows."""

    config: SequenceConfig

    def __init__(self, config: SequenceConfig) -> None:
        super().__init__()
        self.config = config
        cell = CELLS[config.cell]
        fed = config.latent_dim + SIDE + (SIDE if config.teacher_forcing else 0)
        self.reader = cell(SIDE, config.width, batch_first=True, bidirectional=True)
        self.to_code = nn.Linear(2 * config.width, config.latent_dim)
        self.writer = cell(fed, config.width, batch_first=True)
        self.to_row = nn.Linear(config.width, SIDE)

    def initialise(self, mean_image: Tensor, generator: torch.Generator) -> None:
        glorot(self, generator)
        for name, parameter in self.named_parameters():
            if "weight_hh" in name:  # one orthogonal square per gate keeps the memory's length
                for gate in parameter.data.chunk(len(parameter) // self.config.width):
                    nn.init.orthogonal_(gate, generator=generator)
        nn.init.constant_(self.to_row.bias, DARK)

    def encode(self, x: Tensor) -> Tensor:
        state = self.reader(x.reshape(len(x), SIDE, SIDE))[1]  # (N, row, column) in
        hidden = state[0] if isinstance(state, tuple) else state  # (2 directions, N, width)
        z: Tensor = self.to_code(torch.cat((hidden[0], hidden[1]), dim=1))
        return z

    def decode(self, z: Tensor) -> Tensor:
        return self._alone(z) if self.config.teacher_forcing else self._write(orders(z))

    def chain(self) -> Chain[nn.Module]:
        plain = self.config.cell == "GRU" and not self.config.teacher_forcing
        return (RowWriter(self.writer), self.to_row, nn.Sigmoid()) if plain else ()

    def forward(self, x: Tensor, generator: torch.Generator) -> Output:
        z = self.encode(x)
        if self.config.teacher_forcing and self.training:
            before = F.pad(x.reshape(len(x), SIDE, SIDE), (0, 0, 1, 0))[:, :-1]  # row t sees the true row t - 1
            return Output(self._write(torch.cat((orders(z), before), dim=2)), z)
        return Output(self.decode(z), z)

    def loss(self, x: Tensor, output: Output) -> Losses:
        return {"reconstruction": F.mse_loss(output.reconstruction, x)}

    def _write(self, orders: Tensor) -> Tensor:
        """All 28 rows at once: (N, 28, fed) -> (N, 1, 28, 28)."""
        hidden = self.writer(orders)[0]  # (N, 28, width)
        return torch.sigmoid(self.to_row(hidden)).unsqueeze(1)

    def _alone(self, z: Tensor) -> Tensor:
        """Row by row, each fed with the row that the network itself wrote before."""
        state, rows = None, [z.new_zeros(len(z), 1, SIDE)]
        for order in orders(z).chunk(SIDE, dim=1):  # (N, 1, latent_dim + 28)
            hidden, state = self.writer(torch.cat((order, rows[-1]), dim=2), state)
            rows.append(torch.sigmoid(self.to_row(hidden)))
        return torch.cat(rows[1:], dim=1).unsqueeze(1)
