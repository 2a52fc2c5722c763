"""One picture through many models: the figures are those of the definitions."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from explorer.analysis.comparison import compared, passed_on, seconds_an_image
from explorer.data.digits import embedded
from explorer.models.registry import variants
from tests.cases import model_of, seeded


def picture() -> torch.Tensor:
    return torch.from_numpy(embedded().test_images[:1].astype(np.float32) / 255)


@pytest.mark.parametrize("name", sorted(variants()))
def test_error_and_psnr_are_those_of_the_clean_picture(name: str) -> None:
    model, clean = model_of(name).eval(), picture()
    seen = (clean + 0.3 * torch.rand(clean.shape, generator=seeded(1))).clamp(0, 1)
    found = compared(model, clean, seen, seeded(0))
    error = float(np.square(found.reconstruction.numpy() - clean.numpy()).mean())
    assert found.mse == pytest.approx(error, rel=1e-5)
    assert found.psnr == pytest.approx(10 * math.log10(1 / error), abs=1e-3)
    torch.testing.assert_close(found.code, model.encode(seen)[0].detach())
    assert found.reconstruction.min() >= 0
    assert found.reconstruction.max() <= 1


def test_sizes_count_what_the_decoder_is_given() -> None:
    assert passed_on(model_of("dense", latent_dim=12), 12) == 12
    masked = model_of("masked", latent_dim=64, patch="4", mask_ratio=0.75)
    visible = 49 - round(0.75 * 49)
    assert passed_on(masked, 64) == visible * 64
    skips = 28 * 28 * 8 + 14 * 14 * 16 + 7 * 7 * 32
    assert passed_on(model_of("unet", latent_dim=32), 32) == 28 * 28 + skips
    found = compared(model_of("dense", latent_dim=12).eval(), picture(), picture(), seeded(0))
    assert (found.numbers, found.size) == (12, 48)


def test_awake_numbers_of_a_k_sparse_code_are_alpha_times_k() -> None:
    model = model_of("k_sparse").eval()
    found = compared(model, picture(), picture(), seeded(0))
    config = model.config
    assert found.awake == round(getattr(config, "alpha", 0) * getattr(config, "k", 0))


def test_a_picture_of_another_shape_is_refused() -> None:
    with pytest.raises(ValueError, match=r"both pictures must be \(1, 1, 28, 28\), got \(2, 1, 28, 28\)"):
        compared(model_of("dense").eval(), torch.zeros(2, 1, 28, 28), torch.zeros(2, 1, 28, 28), seeded(0))


def test_time_is_measured() -> None:
    assert 0 < seconds_an_image(model_of("dense").eval(), picture()) < 5
