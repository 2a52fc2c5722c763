"""The sequence autoencoder: what a row may depend on."""

from __future__ import annotations

import pytest
import torch

from explorer.models.variants.sequence import Sequence, SequenceConfig


def made(**settings: object) -> Sequence:
    model = Sequence(SequenceConfig.from_dict({"width": 16, "latent_dim": 4, **settings}))
    model.initialise(torch.full((1, 28, 28), 0.1), torch.Generator().manual_seed(0))
    return model


@pytest.mark.parametrize("cell", ["GRU", "LSTM"])
@pytest.mark.parametrize("forced", [True, False])
def test_an_image_is_written_from_the_code_alone(cell: str, forced: bool) -> None:
    model = made(cell=cell, teacher_forcing=forced).eval()
    x = torch.rand(3, 1, 28, 28)
    written = model(x, torch.Generator()).reconstruction
    torch.testing.assert_close(model.decode(model.encode(x)), written)


def test_a_teacher_shows_a_row_only_after_it_was_written() -> None:
    model = made(teacher_forcing=True).train()
    x = torch.rand(1, 1, 28, 28)
    z = model.encode(x).detach()
    model.encode = lambda _: z  # type: ignore[method-assign]  # the same code, whatever the image
    changed = x.clone()
    changed[..., 10, :] = 1 - changed[..., 10, :]
    rows, other = (model(image, torch.Generator()).reconstruction for image in (x, changed))
    assert torch.equal(rows[..., :11, :], other[..., :11, :])
    assert not torch.equal(rows[..., 11, :], other[..., 11, :])


def test_the_reader_sees_every_row() -> None:
    model, x = made(), torch.zeros(1, 1, 28, 28, requires_grad=True)
    model.encode(x).sum().backward()  # type: ignore[no-untyped-call]
    assert x.grad is not None
    assert bool((x.grad[0, 0].abs().sum(dim=1) > 0).all())
