"""Masking: what is hidden stays hidden, what is visible stays out of the loss."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from explorer.models.base import MaskedOutput
from explorer.models.variants.masked import Masked, MaskedConfig, patchify, spread, unpatchify, visible_places
from tests.cases import images, model_of, seeded, trained

PATCHES = ("2", "4", "7", "14")


def masked(**settings: object) -> Masked:
    model = model_of("masked", **{"latent_dim": 16, "depth": 1, "decoder_dim": 16, **settings})
    assert isinstance(model, Masked)
    return model


def half_hidden(model: Masked, n: int, ratio: float = 0.75) -> tuple[Tensor, Tensor]:
    """A mask (n, patches), and its hidden pixels (n, 1, 28, 28)."""
    mask = model.random_mask(n, ratio, seeded(5))
    return mask, spread(mask, model.config.side)


@pytest.mark.parametrize("patch", PATCHES)
def test_hidden_pixels_never_reach_the_encoder(patch: str) -> None:
    model, x = masked(patch=patch), images(3)
    mask, hidden = half_hidden(model, 3)
    changed = torch.where(hidden, torch.rand(x.shape, generator=seeded(1)), x)
    assert torch.equal(model.encode_visible(x, mask), model.encode_visible(changed, mask))
    assert torch.equal(model.fill(x, mask), model.fill(changed, mask))
    seen = torch.where(hidden, x, 1 - x)
    assert not torch.equal(model.encode_visible(x, mask), model.encode_visible(seen, mask))


def test_hidden_pixels_may_even_be_missing() -> None:
    model, x = masked(), images(3)
    mask, hidden = half_hidden(model, 3)
    holes = x.masked_fill(hidden, float("nan"))
    assert torch.equal(model.fill(holes, mask), model.fill(x, mask))


@pytest.mark.parametrize("patch", PATCHES)
def test_visible_pixels_never_enter_the_loss(patch: str) -> None:
    model, x = masked(patch=patch), images(3).requires_grad_()
    mask, hidden = half_hidden(model, 3)
    answer = torch.rand(x.shape, generator=seeded(1)).requires_grad_()
    loss = model.loss(x, MaskedOutput(answer, torch.zeros(3, 16), mask))["hidden patches"]
    loss.backward()  # type: ignore[no-untyped-call]
    for gradient in (x.grad, answer.grad):
        assert gradient is not None
        assert not gradient[~hidden].any()
        assert gradient[hidden].any()
    by_hand = ((x - answer).detach().numpy()[hidden.numpy()] ** 2).mean()
    assert loss.item() == pytest.approx(by_hand, rel=1e-5)


@pytest.mark.parametrize(
    ("patch", "ratio", "visible"), [("4", 0.75, 12), ("4", 0.1, 44), ("7", 0.75, 4), ("2", 0.5, 98)]
)
def test_as_many_tokens_as_visible_patches_go_through_the_encoder(patch: str, ratio: float, visible: int) -> None:
    model = masked(patch=patch, mask_ratio=ratio)
    counted, answered = list[tuple[int, ...]](), list[tuple[int, ...]]()
    model.encoder.register_forward_pre_hook(lambda _, inputs: counted.append(tuple(inputs[0].shape)))
    model.decoder.register_forward_pre_hook(lambda _, inputs: answered.append(tuple(inputs[0].shape)))
    output = model.train()(images(2), seeded(0))
    assert counted == [(2, visible, 16)]
    assert answered == [(2, model.patches, 16)]
    assert (~output.mask).sum(dim=1).tolist() == [visible, visible]


@pytest.mark.parametrize(
    ("patch", "ratio", "hidden"), [("4", 0.75, 37), ("4", 0.9, 44), ("2", 0.75, 147), ("14", 0.1, 1), ("14", 0.9, 3)]
)
def test_every_image_hides_equally_many_patches_and_never_all(patch: str, ratio: float, hidden: int) -> None:
    mask = masked(patch=patch).random_mask(50, ratio, seeded(0))
    assert mask.sum(dim=1).tolist() == [hidden] * 50


def test_every_patch_is_hidden_equally_often() -> None:
    mask = masked().random_mask(4000, 0.75, seeded(0))
    often, expected = mask.float().mean(dim=0), 37 / 49
    error = (expected * (1 - expected) / 4000) ** 0.5
    assert bool(((often - expected).abs() < 4 * error).all())
    assert len({tuple(row) for row in mask[:100].tolist()}) == 100, "each image hides other places"


@pytest.mark.parametrize("patch", PATCHES)
def test_patches_count_row_by_row_and_go_back(patch: str) -> None:
    side, x = int(patch), images(2)
    patches = patchify(x, side)
    pixels = x.numpy()
    cut = [
        pixels[:, 0, top : top + side, left : left + side].reshape(2, -1)
        for top in range(0, 28, side)
        for left in range(0, 28, side)
    ]
    np.testing.assert_array_equal(patches.numpy(), np.stack(cut, axis=1))
    assert torch.equal(unpatchify(patches, side), x)


def test_a_mask_covers_the_pixels_of_its_patches() -> None:
    mask = torch.zeros(1, 49, dtype=torch.bool)
    mask[0, 8] = True  # second row, second column
    rows, columns = spread(mask, 4)[0, 0].nonzero().T
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (4, 7, 4, 7)
    assert len(rows) == 16


def test_positions_matter() -> None:
    model = masked().eval()
    x = torch.zeros(1, 1, 28, 28)
    x[..., 4:8, 4:8] = 1
    mask = torch.ones(1, 49, dtype=torch.bool)
    mask[0, 8] = mask[0, 9] = False
    elsewhere, moved = torch.ones(1, 49, dtype=torch.bool), x.roll(8, dims=3)
    elsewhere[0, 10] = elsewhere[0, 11] = False  # the same two patches, two places to the right
    assert not torch.allclose(model.encode_visible(x, mask), model.encode_visible(moved, elsewhere), atol=1e-3)


def test_the_code_is_the_mean_of_the_tokens_with_nothing_hidden() -> None:
    model, x = masked().eval(), images(3)
    nothing = torch.zeros(3, 49, dtype=torch.bool)
    torch.testing.assert_close(model.encode(x), model.encode_visible(x, nothing).mean(dim=1))


def test_attention_is_what_the_decoder_computes_by_hand() -> None:
    model, x = masked(decoder_depth=2).eval(), images(3)
    mask, hidden = half_hidden(model, 3)
    entering = list[Tensor]()
    first, last = model.decoder.layers
    first.register_forward_hook(lambda _, inputs, output: entering.append(output))
    with torch.no_grad():
        model.decoder(model._with_mask_tokens(model.encode_visible(x, mask), mask))
        rows = model.attention(x, mask)
        unseen = torch.where(hidden, torch.rand(x.shape, generator=seeded(1)), x)
        assert torch.equal(rows, model.attention(unseen, mask)), "hidden pixels are never looked at"
    tokens = last.norm1(entering[0])
    weight, bias = last.self_attn.in_proj_weight, last.self_attn.in_proj_bias
    query, key, _ = (tokens @ weight.T + bias).chunk(3, dim=2)
    heads = [
        (a @ b.transpose(1, 2) / 8**0.5).softmax(dim=2) for a, b in zip(query.split(8, 2), key.split(8, 2), strict=True)
    ]
    torch.testing.assert_close(rows, torch.stack(heads).mean(dim=0), atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(rows.sum(dim=2), torch.ones(3, 49))


@pytest.mark.parametrize("mask", [[[True, False], [True, True]], [[True, False], [False, False]], [[True, True]]])
def test_uneven_masks_are_refused(mask: list[list[bool]]) -> None:
    with pytest.raises(ValueError, match="must hide equally many patches of every image, and not all"):
        visible_places(torch.tensor(mask))


def test_tokens_are_shared_evenly_between_two_heads() -> None:
    with pytest.raises(ValueError, match="latent_dim must go from 16 in steps of 16, got 17"):
        MaskedConfig(latent_dim=17)


def test_training_beats_the_darkness_it_started_with() -> None:
    model = trained(masked(mask_ratio=0.5), steps=40, batch=32).eval()
    assert isinstance(model, Masked)
    x = images(100, start=1300)
    mask, hidden = half_hidden(model, 100, ratio=0.5)
    with torch.no_grad():
        error = (model.fill(x, mask) - x)[hidden].square().mean().item()
    constant = (x[hidden] - x.mean()).square().mean().item()
    assert error < constant
