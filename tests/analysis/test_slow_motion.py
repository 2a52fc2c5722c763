"""Slow motion shows the model's own numbers, for every registered variant and each of its knobs."""

from __future__ import annotations

import math
import re

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from explorer.analysis.moments import PARTS, Moment, Picture, about, drawn, ink, same
from explorer.analysis.operations import transposed, watched
from explorer.analysis.slow_motion import slow_motion
from explorer.models.variants.masked import Masked
from explorer.models.variants.sequence import Sequence
from explorer.models.variants.variational import Variational
from explorer.training.evaluate import reconstruct
from tests.analysis.tiny import Copy, Quarters
from tests.cases import CASES, Case, images, model_of, seeded, trained


def moments_of(case: Case, seed: int = 0) -> list[Moment]:
    return slow_motion(case.model().eval(), images(1), seeded(seed))


def code_of(moments: list[Moment]) -> Tensor:
    return next(one for one in moments if one.part == "code").pictures[-1].values


def titled(moments: list[Moment], title: str) -> Moment:
    return next(one for one in moments if one.title == title)


def numbers(picture: Picture) -> Tensor:
    return picture.tiles[~picture.tiles.isnan()]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_way_ends_at_the_models_own_code_and_reconstruction(case: Case) -> None:
    model, x = case.model().eval(), images(1)
    moments = slow_motion(model, x, seeded(3))
    with torch.inference_mode():
        assert torch.equal(code_of(moments), model.encode(x)[0])
        assert torch.equal(moments[-1].pictures[-1].values, reconstruct(model, x, seeded(3))[0])
    assert torch.equal(moments[0].pictures[0].values, x[0])


@pytest.mark.parametrize("case", CASES, ids=str)
def test_every_moment_can_be_drawn_and_said(case: Case) -> None:
    moments = moments_of(case)
    order = [PARTS.index(one.part) for one in moments]
    assert order == sorted(order)
    assert len(moments) >= 5
    for moment in moments:
        assert moment.words.endswith(".")
        assert len(moment.signs) == len(moment.pictures) - 1
        for picture in moment.pictures:
            assert torch.equal(numbers(picture), picture.values.flatten())
            assert picture.across >= 1
            assert "overflowed" not in about(picture)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_each_moment_starts_where_an_earlier_one_ended(case: Case) -> None:
    moments = moments_of(case)
    known = [moments[0].pictures[0].values]
    for moment in moments[1:]:
        start = moment.pictures[0].values
        is_code_of_masked = moment.part == "code" and len(moment.pictures) == 1
        assert is_code_of_masked or any(torch.equal(start, one) for one in known), moment.title
        known += [picture.values for picture in moment.pictures]


HOOKED = (nn.Linear, nn.Conv2d, nn.ConvTranspose2d, nn.ReLU, nn.Sigmoid, nn.LayerNorm, nn.TransformerEncoderLayer)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_what_the_layers_put_out_is_what_is_shown(case: Case) -> None:
    model, x = case.model().eval(), images(1)
    outputs: dict[str, Tensor] = {}
    for name, module in model.named_modules():
        if isinstance(module, HOOKED) and not re.search(r"layers\.\d+\.", name):  # a block is shown as a whole
            module.register_forward_hook(lambda *call, name=name: outputs.update({name: call[2][0]}))
    with torch.inference_mode():
        reconstruct(model, x, seeded(4))
    put_out = dict(outputs)  # watching calls the hooks again
    shown = [picture.values for one in slow_motion(model, x, seeded(4)) for picture in one.pictures]
    inside = {"to_row"} if isinstance(model, Sequence) else set()  # shown after its sigmoid only
    missing = {name for name, one in put_out.items() if not any(same(one, values) for values in shown)}
    assert missing == inside & put_out.keys()


def test_watching_a_model_leaves_no_trace_in_it() -> None:
    model = model_of("dense", depth=2).eval()
    before = {name: one.clone() for name, one in model.state_dict().items()}
    slow_motion(model, images(1), seeded(0))
    assert all(torch.equal(one, before[name]) for name, one in model.state_dict().items())
    assert not any(module._forward_hooks for module in model.modules())


def test_the_layers_of_a_dense_network_are_shown_one_by_one() -> None:
    model, x = model_of("dense", depth=1, latent_dim=10).eval(), images(1)
    moments = slow_motion(model, x, seeded(0))
    assert [one.title for one in moments] == [
        "The input", "Linear layer", "ReLU", "Linear layer", "ReLU", "The code", "Linear layer", "ReLU", "Linear layer",
        "Sigmoid",
    ]  # fmt: skip
    weights = model.state_dict()
    hidden = x.flatten().double() @ weights["encoder.0.weight"].T.double() + weights["encoder.0.bias"].double()
    torch.testing.assert_close(moments[1].pictures[-1].values.double(), hidden, rtol=1e-4, atol=1e-5)
    assert torch.equal(moments[2].pictures[-1].values, moments[1].pictures[-1].values.clamp_min(0))
    assert "all 784 before, plus a learnt constant: 401,408 learnt weights" in moments[1].words


def test_a_transposed_convolution_tells_larger_maps_from_maps_of_the_same_size() -> None:
    x = torch.zeros(1, 16, 14, 14)
    same_size, larger = nn.ConvTranspose2d(16, 8, 3, padding=1), nn.ConvTranspose2d(16, 8, 4, stride=2, padding=1)
    said = [transposed(*watched(layer, x)[1][-1:]) for layer in (same_size, larger)]
    assert "3 × 3 into 8 maps of the same size, 1 pixel from its neighbour's" in said[0]
    assert "4 × 4 into 8 larger maps, 2 pixels from its neighbour's" in said[1]


def test_feature_maps_are_the_convolutions_by_hand() -> None:
    model, x = model_of("convolutional", channels=4).eval(), images(1)
    moments = slow_motion(model, x, seeded(0))
    maps = moments[1].pictures[-1]
    weights = model.state_dict()
    windows = F.unfold(x, 3, padding=1, stride=2)  # (1, 9, 196)
    expected = weights["encoder.0.weight"].reshape(4, 9) @ windows[0] + weights["encoder.0.bias"][:, None]
    torch.testing.assert_close(maps.values, expected.reshape(4, 14, 14))
    assert maps.tiles.shape == (4, 14, 14)
    assert maps.across == 2
    assert "4 small filters of 3 × 3" in moments[1].words
    assert "in steps of 2" in moments[1].words


def test_of_a_k_sparse_code_as_many_numbers_are_kept_as_it_says() -> None:
    moments = slow_motion(model_of("k_sparse").eval(), images(1), seeded(0))
    assert [one.title for one in moments][1:4] == ["Bias subtracted", "Linear layer", "Selection"]
    assert "all 784 before: 784,000 learnt weights" in titled(moments, "Linear layer").words  # it has no constants
    assert titled(moments, "Selection").words.startswith("25 of 1,000 numbers are kept")
    assert "Only 25 of them are not zero" in titled(moments, "The code").words


def test_a_sample_is_the_one_that_training_would_draw() -> None:
    model, x = trained(model_of("variational", latent_dim=6, width=32), steps=3), images(1)
    assert isinstance(model, Variational)
    moments = slow_motion(model.eval(), x, seeded(5), noise=1.0)
    mean, deviation, noise, z = (picture.values for picture in titled(moments, "A draw from the cloud").pictures)
    torch.testing.assert_close(z, mean + deviation * noise)
    with torch.inference_mode():
        model.train()
        output = model(x, seeded(5))
        model.eval()
        torch.testing.assert_close(code_of(moments), output.latent[0])
        torch.testing.assert_close(moments[-1].pictures[-1].values, output.reconstruction[0])
        torch.testing.assert_close(deviation.log() * 2, model.posterior(x)[1][0])
    assert not torch.equal(z, code_of(slow_motion(model, x, seeded(6), noise=1.0)))
    assert torch.equal(z, code_of(slow_motion(model, x, seeded(5), noise=1.0)))


def test_hidden_patches_change_no_picture_before_they_are_guessed() -> None:
    model, x = model_of("masked", patch="7", latent_dim=16).eval(), images(1)
    assert isinstance(model, Masked)
    moments = slow_motion(model, x, seeded(2))
    mask = model.random_mask(1, 0.75, seeded(2))
    inverted = model.paste(x, 1 - x, mask)  # where it is hidden
    changed = slow_motion(model, inverted, seeded(2))
    for one, other in zip(moments, changed, strict=True):
        if one.title not in ("The input", "Patches", "Hiding", "The code", "The reconstruction"):
            assert all(torch.equal(a.values, b.values) for a, b in zip(one.pictures, other.pictures, strict=True))
    visible = titled(moments, "Hiding").pictures[-1]
    assert torch.equal(visible.tiles.isnan()[:, 0, 0], mask[0])


def test_tokens_of_a_masked_model_are_those_of_its_encoder_and_answer() -> None:
    model, x = trained(model_of("masked", depth=2, decoder_depth=2), steps=2).eval(), images(1)
    assert isinstance(model, Masked)
    moments = slow_motion(model, x, seeded(1))
    with torch.inference_mode():
        mask = model.random_mask(1, 0.75, seeded(1))
        seen, answer = model.encode_visible(x, mask)[0], model.fill(x, mask)[0]
    torch.testing.assert_close(titled(moments, "Into the decoder").pictures[0].values, seen)
    tiles = titled(moments, "The answer").pictures[-1].tiles  # (49, 4, 4)
    put_together = tiles.reshape(7, 7, 4, 4).transpose(1, 2).reshape(1, 28, 28)
    torch.testing.assert_close(put_together, answer)
    mask_tokens = titled(moments, "Mask tokens").pictures[-1].values[mask[0]]
    assert torch.equal(mask_tokens, model.mask_token.detach().expand_as(mask_tokens))


@pytest.mark.parametrize("cell", ["GRU", "LSTM"])
@pytest.mark.parametrize("teacher_forcing", [False, True])
def test_what_is_remembered_of_a_row_knows_no_row_after_it(cell: str, teacher_forcing: bool) -> None:
    settings = {"latent_dim": 6, "width": 16, "cell": cell, "teacher_forcing": teacher_forcing}
    model, x = model_of("sequence", **settings).eval(), images(1)
    assert isinstance(model, Sequence)
    changed = x.clone()
    changed[:, :, 10] = 1 - x[:, :, 10]
    pictures, others = (titled(slow_motion(model, one, seeded(0)), "Reading").pictures for one in (x, changed))
    down, up = ((a.values - b.values).abs().amax(dim=1) > 0 for a, b in zip(pictures[1:], others[1:], strict=True))
    assert down.tolist() == [row >= 10 for row in range(28)]
    assert up.tolist() == [row <= 10 for row in range(28)]


def test_the_writers_memory_becomes_the_rows() -> None:
    model, x = trained(model_of("sequence", latent_dim=8, width=16), steps=2).eval(), images(1)
    assert isinstance(model, Sequence)
    _, memory, written = titled(slow_motion(model, x, seeded(0)), "Writing").pictures
    with torch.inference_mode():
        torch.testing.assert_close(torch.sigmoid(model.to_row(memory.values)), written.values[0])


def test_numbers_fill_a_square_and_few_stay_in_a_row() -> None:
    assert drawn("", torch.arange(5.0)).tiles.shape == (1, 1, 5)
    square = drawn("", torch.arange(10.0))
    assert square.tiles.shape == (1, 3, 4)
    assert int(square.tiles.isnan().sum()) == 2
    assert drawn("", torch.zeros(784)).tiles.shape == (1, 28, 28)


def test_a_pictures_size_and_range_are_said() -> None:
    assert about(drawn("", torch.tensor([-0.5, 1.25]))) == "2 numbers: −0.5, 1.25"
    assert about(drawn("", torch.arange(-3.0, 7.0))) == "10 numbers, from −3 to 6, 1 of them zero; drawn as 3 × 4"
    assert about(drawn("", torch.ones(3, 2, 2))) == "3 × 2 × 2 = 12 numbers, from 1 to 1"
    assert about(ink("", torch.zeros(1, 28, 28))) == "28 × 28 pixels"
    assert about(drawn("", torch.tensor([math.nan] * 5 + [1.0]))) == "6 numbers, 5 of them overflowed"


def test_what_cannot_be_shown_is_refused() -> None:
    with pytest.raises(ValueError, match=r"one image \(1, 1, 28, 28\), got \(2, 1, 28, 28\)"):
        slow_motion(model_of("linear").eval(), images(2), seeded(0))
    with pytest.raises(ValueError, match="needs a model that decodes or masks, got Copy"):
        slow_motion(Copy(), images(1), seeded(0))


def test_any_masking_model_has_a_beginning_and_an_end() -> None:
    moments = slow_motion(Quarters(), images(1), seeded(0))
    assert [one.title for one in moments] == ["The input", "The code", "The reconstruction"]
