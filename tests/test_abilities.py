"""What some autoencoders can do besides, held for each registered variant that promises it."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from explorer.models.base import Decoding, Generative, Masking
from explorer.models.layers import RowWriter
from tests.cases import CASES, DEFAULTS, Case, images, seeded, trained

BROWSER_LAYERS = (nn.Linear, nn.ReLU, nn.Tanh, nn.Sigmoid, nn.Hardtanh, nn.Unflatten, nn.ConvTranspose2d, RowWriter)


def that_are(cases: list[Case], kind: type) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("case", [case for case in cases if issubclass(case.variant.kind, kind)], ids=str)


@that_are(CASES, Decoding)
def test_a_pass_is_encoding_then_decoding(case: Case) -> None:
    model, x = case.model().eval(), images(8)
    assert isinstance(model, Decoding)
    with torch.no_grad():
        output = model(x, seeded(1))
        assert torch.equal(output.latent, model.encode(x))
        assert torch.equal(output.reconstruction, model.decode(model.encode(x)))


@that_are(CASES, Decoding)
def test_a_decoder_applied_layer_by_layer_is_the_decoder(case: Case) -> None:
    model = trained(case.model(), steps=1).eval()
    assert isinstance(model, Decoding)
    layers = model.chain()
    assert all(isinstance(layer, BROWSER_LAYERS) for layer in layers)
    if layers:
        z = model.encode(images(8))
        assert torch.allclose(nn.Sequential(*layers)(z).reshape(8, 1, 28, 28), model.decode(z), atol=1e-5)


@that_are(CASES, Generative)
def test_drawn_codes_become_images(case: Case) -> None:
    model, x = case.model().eval(), images(8)
    assert isinstance(model, Generative)
    z = model.sample_prior(5, seeded(3))
    assert torch.equal(z, model.sample_prior(5, seeded(3)))
    assert not torch.equal(z, model.sample_prior(5, seeded(4)))
    assert z.shape == (5, case.config.as_dict()["latent_dim"])
    assert model.decode(z).shape == (5, 1, 28, 28)
    mean, log_variance = model.posterior(x)
    assert torch.equal(mean, model.encode(x))
    assert log_variance.shape == mean.shape


@that_are(CASES, Masking)
@pytest.mark.parametrize("ratio", [0.1, 0.5, 0.9])
def test_a_mask_hides_as_much_of_every_image(case: Case, ratio: float) -> None:
    model = case.model()
    assert isinstance(model, Masking)
    mask = model.random_mask(20, ratio, seeded(3))
    assert mask.shape == (20, model.patches)
    assert mask.dtype == torch.bool
    assert len(set(mask.sum(dim=1).tolist())) == 1
    assert abs(int(mask[0].sum()) - ratio * model.patches) <= 1
    assert torch.equal(mask, model.random_mask(20, ratio, seeded(3)))
    assert not torch.equal(mask, model.random_mask(20, ratio, seeded(4)))


@that_are(DEFAULTS, Masking)
@pytest.mark.parametrize("ratio", [0.0, 0.05, 0.95, 1.0, -1.0, float("nan"), float("inf")])
def test_a_mask_hides_neither_nothing_nor_everything(case: Case, ratio: float) -> None:
    model = case.model()
    assert isinstance(model, Masking)
    with pytest.raises(ValueError, match="mask ratio must lie between"):
        model.random_mask(2, ratio, seeded(0))


@that_are(CASES, Masking)
def test_filling_answers_everywhere_and_pasting_only_where_hidden(case: Case) -> None:
    model, x = case.model().eval(), images(8)
    assert isinstance(model, Masking)
    mask = model.random_mask(8, 0.5, seeded(3))
    with torch.no_grad():
        filled = model.fill(x, mask)
    pasted, everywhere = model.paste(x, filled, mask), model.paste(x, filled, torch.ones_like(mask))
    share = (pasted == filled).float().flatten(1).mean(dim=1)
    assert torch.equal(everywhere, filled)
    assert bool(((pasted == x) | (pasted == filled)).all())
    assert torch.allclose(share, mask.float().mean(dim=1), atol=1e-6)
