"""Masking: what is hidden stays hidden, what is visible stays out of the loss."""

from __future__ import annotations

import pytest
import torch

from explorer.models.base import MaskedOutput
from explorer.models.variants.masked import Masked, MaskedConfig, patchify, spread, unpatchify


def made(**settings: object) -> Masked:
    small = {"latent_dim": 16, "depth": 1, "decoder_dim": 16}
    model = Masked(MaskedConfig.from_dict({**small, **settings}))
    model.initialise(torch.full((1, 28, 28), 0.1), torch.Generator().manual_seed(0))
    return model


def test_hidden_pixels_never_reach_the_encoder() -> None:
    model, x = made(), torch.rand(3, 1, 28, 28)
    mask = model.random_mask(3, 0.75, torch.Generator().manual_seed(0))
    changed = torch.where(spread(mask, 4), 1 - x, x)
    assert not torch.equal(changed, x)
    assert torch.equal(model.encode_visible(x, mask), model.encode_visible(changed, mask))
    assert torch.equal(model.fill(x, mask), model.fill(changed, mask))


def test_visible_pixels_never_enter_the_loss() -> None:
    model, x = made(), torch.rand(3, 1, 28, 28)
    mask = model.random_mask(3, 0.75, torch.Generator().manual_seed(0))
    answer = torch.rand(3, 1, 28, 28)
    other = torch.where(spread(mask, 4), answer, 1 - answer)
    first, second = (model.loss(x, MaskedOutput(a, torch.zeros(3, 1), mask))["hidden patches"] for a in (answer, other))
    assert torch.equal(first, second)


@pytest.mark.parametrize(("patch", "ratio", "visible"), [("4", 0.75, 12), ("7", 0.75, 4), ("2", 0.5, 98)])
def test_as_many_tokens_as_visible_patches_go_through_the_encoder(patch: str, ratio: float, visible: int) -> None:
    model, counted = made(patch=patch), list[int]()
    model.encoder.register_forward_pre_hook(lambda _, inputs: counted.append(inputs[0].shape[1]))
    mask = model.random_mask(2, ratio, torch.Generator().manual_seed(0))
    model.fill(torch.rand(2, 1, 28, 28), mask)
    assert counted == [visible]


def test_every_image_hides_equally_many_patches_at_its_own_places() -> None:
    mask = made().random_mask(50, 0.75, torch.Generator().manual_seed(0))
    assert mask.sum(dim=1).tolist() == [37] * 50
    assert len({tuple(row) for row in mask.tolist()}) == 50


def test_patches_count_row_by_row_and_go_back() -> None:
    x = torch.arange(784.0).reshape(1, 1, 28, 28)
    patches = patchify(x, 7)
    assert patches[0, 1, 0] == 7  # the second patch starts seven pixels to the right
    assert patches[0, 4, 0] == 7 * 28  # the fifth starts seven rows down
    assert torch.equal(unpatchify(patches, 7), x)


@pytest.mark.parametrize("ratio", [0.0, 0.95, float("nan"), -1.0])
def test_impossible_ratios_are_refused(ratio: float) -> None:
    with pytest.raises(ValueError, match=r"between 0\.1 and 0\.9"):
        made().random_mask(1, ratio, torch.Generator())


def test_a_pasted_picture_keeps_its_visible_pixels() -> None:
    model, x = made(), torch.rand(1, 1, 28, 28)
    mask = model.random_mask(1, 0.5, torch.Generator().manual_seed(0))
    pasted = model.paste(x, torch.zeros_like(x), mask)
    hidden = spread(mask, 4)
    assert torch.equal(pasted[~hidden], x[~hidden])
    assert float(pasted[hidden].abs().max()) == 0
