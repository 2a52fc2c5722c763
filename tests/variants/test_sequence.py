"""The sequence autoencoder: what a row may depend on, and the recurrences written in numpy."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor

from explorer.models.variants.sequence import Sequence
from tests.cases import images, model_of, seeded

Array = NDArray[np.float64]
CELLS = pytest.mark.parametrize("cell", ["GRU", "LSTM"])


def sequence(**settings: object) -> Sequence:
    model = model_of("sequence", **{"width": 16, "latent_dim": 4, **settings})
    assert isinstance(model, Sequence)
    return model


def with_one_code(model: Sequence) -> Sequence:
    """The same model, whose code no longer depends on the image."""
    z = torch.randn(1, 4, generator=seeded(3))
    model.encode = lambda x: z.expand(len(x), -1)  # type: ignore[method-assign]
    return model


def rows(model: Sequence, x: Tensor) -> Tensor:
    """The rows that are written in a pass: (N, 28, 28)."""
    written: Tensor = model(x, seeded(0)).reconstruction.detach()[:, 0]
    return written


def sigmoid(x: Array) -> Array:
    return 1 / (1 + np.exp(-x))


def step(cell: str, fed: Array, h: Array, c: Array, weights: dict[str, Array]) -> tuple[Array, Array]:
    """One step of Cho's GRU or of Hochreiter's LSTM, gates in PyTorch's order."""
    a = weights["weight_ih_l0"] @ fed + weights["bias_ih_l0"]
    b = weights["weight_hh_l0"] @ h + weights["bias_hh_l0"]
    if cell == "GRU":
        (ra, ua, na), (rb, ub, nb) = np.split(a, 3), np.split(b, 3)
        update, new = sigmoid(ua + ub), np.tanh(na + sigmoid(ra + rb) * nb)
        return (1 - update) * new + update * h, c
    i, f, g, o = np.split(a + b, 4)
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(c), c


@CELLS
@pytest.mark.parametrize("forced", [False, True])
def test_rows_are_written_as_the_recurrence_says(cell: str, forced: bool) -> None:
    model = sequence(cell=cell, teacher_forcing=forced).eval()
    weights = {name: tensor.double().numpy() for name, tensor in model.writer.state_dict().items()}
    to_row = {name: tensor.double().numpy() for name, tensor in model.to_row.state_dict().items()}
    z = torch.randn(1, 4, generator=seeded(1))
    h, c, row = np.zeros(16), np.zeros(16), np.zeros(28)
    for number, written in enumerate(model.decode(z)[0, 0].detach().numpy()):
        told = [z[0].double().numpy(), np.eye(28)[number], *([row] if forced else [])]
        h, c = step(cell, np.concatenate(told), h, c, weights)
        row = sigmoid(to_row["weight"] @ h + to_row["bias"])
        np.testing.assert_allclose(written, row, atol=1e-5)


@CELLS
@pytest.mark.parametrize(("forced", "training"), [(False, True), (False, False), (True, False)])
def test_an_image_is_written_from_the_code_alone(cell: str, forced: bool, training: bool) -> None:
    model = with_one_code(sequence(cell=cell, teacher_forcing=forced)).train(training)
    one, other = rows(model, images(2)), rows(model, 1 - images(2))
    assert torch.equal(one, other)
    torch.testing.assert_close(one, model.decode(model.encode(images(2)))[:, 0].detach())


@CELLS
@pytest.mark.parametrize("t", [0, 10, 27])
def test_a_teacher_shows_a_row_only_after_it_was_written(cell: str, t: int) -> None:
    model, x = with_one_code(sequence(cell=cell, teacher_forcing=True)).train(), images(2)
    changed = x.clone()
    changed[..., t:, :] = 1 - changed[..., t:, :]
    one, other = rows(model, x), rows(model, changed)
    assert torch.equal(one[:, : t + 1], other[:, : t + 1])
    if t < 27:
        assert not torch.equal(one[:, t + 1], other[:, t + 1])


@CELLS
def test_living_on_its_own_rows_is_being_taught_by_itself(cell: str) -> None:
    model = with_one_code(sequence(cell=cell, teacher_forcing=True))
    alone = rows(model.eval(), images(1))
    torch.testing.assert_close(rows(model.train(), alone[:, None]), alone, rtol=1e-5, atol=1e-6)


@CELLS
def test_the_code_depends_on_every_row(cell: str) -> None:
    model, x = sequence(cell=cell), images(2).requires_grad_()
    model.encode(x).sum().backward()  # type: ignore[no-untyped-call]
    assert x.grad is not None
    assert bool(x.grad.abs().sum(dim=(1, 3)).gt(0).all())


@CELLS
def test_the_memory_starts_orthogonal_in_every_gate(cell: str) -> None:
    model = sequence(cell=cell)
    memories = [p for name, p in model.named_parameters() if "weight_hh" in name]
    gates = [gate for memory in memories for gate in memory.detach().reshape(-1, 16, 16)]
    assert len(gates) == 3 * {"GRU": 3, "LSTM": 4}[cell]  # two readers and a writer
    assert all(torch.allclose(gate @ gate.T, torch.eye(16), atol=1e-5) for gate in gates)


def test_a_teacher_adds_one_row_to_what_the_writer_is_fed() -> None:
    free, forced = (sequence(teacher_forcing=forced).writer.input_size for forced in (False, True))
    assert (free, forced) == (4 + 28, 4 + 28 + 28)
