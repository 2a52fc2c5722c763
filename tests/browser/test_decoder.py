"""Decoders in the browser give the pictures that PyTorch gives."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from playwright.sync_api import Browser, Page
from torch import Tensor, nn

from explorer.models.base import Decoding
from explorer.models.registry import variants
from explorer.ui.components.component import FOLDER
from explorer.ui.decoders import fits_browser, pack_decoder

CODES = 50
CHAINS = {
    "relu": (nn.Linear(2, 64), nn.ReLU(), nn.Linear(64, 784), nn.Sigmoid()),
    "tanh": (nn.Linear(64, 128), nn.Tanh(), nn.Linear(128, 784), nn.Sigmoid()),
    "gelu": (nn.Linear(8, 96), nn.GELU(), nn.Linear(96, 784), nn.Sigmoid()),
    "clamp": (nn.Linear(300, 784), nn.Hardtanh(0, 1)),
    "without bias": (nn.Linear(16, 784, bias=False), nn.Sigmoid()),
    "transposed convolutions": (
        nn.Linear(10, 24 * 49),
        nn.ReLU(),
        nn.Unflatten(1, (24, 7, 7)),
        nn.ConvTranspose2d(24, 12, 4, stride=2, padding=1),
        nn.ReLU(),
        nn.ConvTranspose2d(12, 1, 4, stride=2, padding=1),
        nn.Sigmoid(),
    ),
    "other sizes, several channels flattened, no bias": (
        nn.Linear(6, 8 * 9),
        nn.Unflatten(1, (8, 3, 3)),
        nn.ConvTranspose2d(8, 5, 3, stride=2),  # 7 x 7
        nn.Tanh(),
        nn.ConvTranspose2d(5, 4, 2, stride=2, bias=False),  # 14 x 14
        nn.Flatten(),
        nn.Sigmoid(),
    ),
}
DECODE = """async ([packed, codes]) => {
  const { load } = await import('./decoder.js');
  const { decode, lift } = load(Uint8Array.from(atob(packed), (letter) => letter.charCodeAt(0)).buffer);
  return codes.map((z) => [...decode(Float32Array.from(z.length === 2 ? lift(...z) : z))]);
}"""


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    """An empty page that can import decoder.js."""
    context = browser.new_context()
    page = context.new_page()
    page.route("http://decoder.test/**", lambda route: route.fulfill(body="", content_type="text/html"))
    page.route("**/decoder.js", lambda route: route.fulfill(path=FOLDER / "decoder.js"))
    page.goto("http://decoder.test/")
    yield page
    context.close()


def decoded(page: Page, packed: bytes, codes: Tensor) -> Tensor:
    """What decoder.js makes of codes (N, D): (N, pixels)."""
    pictures = page.evaluate(DECODE, [base64.b64encode(packed).decode(), codes.tolist()])
    return torch.tensor(pictures)


def reference(chain: Sequence[nn.Module], codes: Tensor) -> Tensor:
    """What PyTorch makes of them, with weights of half precision: (N, pixels)."""
    rounded = nn.Sequential(*chain).half().float()
    with torch.inference_mode():
        pictures: Tensor = rounded(codes).flatten(1)
    return pictures


@pytest.mark.parametrize("name", CHAINS)
def test_every_layer_computes_what_pytorch_computes(page: Page, name: str, generator: torch.Generator) -> None:
    chain = CHAINS[name]
    for parameter in nn.Sequential(*chain).parameters():
        nn.init.normal_(parameter, std=2 * max(parameter.shape[-1], 9) ** -0.5, generator=generator)
    assert isinstance(chain[0], nn.Linear)
    codes = torch.randn(CODES, chain[0].in_features, generator=generator)
    expected = reference(chain, codes)
    assert expected.std() > 0.1  # not the same grey everywhere
    assert (decoded(page, pack_decoder(chain), codes) - expected).abs().max() < 1e-5


@pytest.mark.parametrize("name", sorted(variants()))
def test_every_variant_that_fits_is_decoded_as_by_its_own_model(
    page: Page, name: str, generator: torch.Generator
) -> None:
    variant = variants()[name]
    torch.manual_seed(0)
    model = variant.model(variant.config())
    model.initialise(torch.full((1, 28, 28), 0.13), generator)
    if not isinstance(model, Decoding) or not fits_browser(model.chain()):
        assert name in {"masked", "unet"}
        return
    with torch.inference_mode():
        codes = model.eval().encode(torch.rand(CODES, 1, 28, 28, generator=generator))
        own = model.decode(codes).flatten(1)
    assert (decoded(page, pack_decoder(model.chain()), codes) - own).abs().max() < 2e-3


def test_a_lift_leads_from_the_plane_to_the_code(page: Page, generator: torch.Generator) -> None:
    chain = (nn.Linear(12, 784), nn.Sigmoid())
    lift: NDArray[np.float32] = torch.randn(12, 3, generator=generator).numpy()
    places = torch.randn(CODES, 2, generator=generator)
    codes = torch.cat((places, torch.ones(CODES, 1)), dim=1) @ torch.from_numpy(lift).T
    assert (decoded(page, pack_decoder(chain, lift), places) - reference(chain, codes)).abs().max() < 1e-5
