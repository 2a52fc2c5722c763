r"""# Masked autoencoder

Cut the image into patches, hide most of them, and let a transformer guess what was there. The **encoder** sees the
visible patches only, each as a token with its position added; the hidden ones are not blackened, they are *absent*.
The light **decoder** gets the encoded tokens, a learnt *mask token* at every hidden place, and the positions, and
answers pixels for every patch. The loss is the mean squared error on the **hidden** pixels alone,
$\tfrac{1}{|H|} \sum_{i \in H} (x_i - \hat x_i)^2$, so what it says at visible places is untrained.

There is no single code from which an image could be rebuilt: as its code we show the mean of the tokens with nothing
hidden, which is what a classifier would be given.

He et al., *Masked autoencoders are scalable vision learners*, CVPR 2022.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from explorer.models.base import SIDE, Losses, MaskedOutput, Masking
from explorer.models.knobs import Choice, Config, Slider
from explorer.models.layers import DARK, glorot
from explorer.models.recipe import TrainingConfig
from explorer.models.registry import variant


@dataclass(frozen=True)
class MaskedConfig(Config):
    """How the image is cut and hidden, and the size of the two transformers."""

    patch: Annotated[str, Choice(("2", "4", "7", "14"), "Side of a patch in pixels")] = "4"
    mask_ratio: Annotated[float, Slider(0.1, 0.9, "Share of patches hidden", step=0.05)] = 0.75
    latent_dim: Annotated[int, Slider(16, 128, "Numbers in a token", step=16)] = 64
    depth: Annotated[int, Slider(1, 6, "Encoder blocks", step=1)] = 3
    decoder_dim: Annotated[int, Slider(16, 128, "Numbers in a decoder token", step=16)] = 32
    decoder_depth: Annotated[int, Slider(1, 4, "Decoder blocks", step=1)] = 1

    @property
    def side(self) -> int:
        """Side of a patch in pixels."""
        return int(self.patch)

    @property
    def uses(self) -> int:
        """How often about a weight is used for one image: for each token."""
        return (SIDE // self.side) ** 2


@variant(
    "Masked",
    group="damage",
    order=1,
    summary="Sees a quarter of the patches and fills in the rest: a small vision transformer.",
    config=MaskedConfig,
    training=TrainingConfig(epochs=4, batch_size=64, learning_rate=2e-3, weight_decay=0.05, warmup=0.05),
)
class Masked(Masking):
    """A vision transformer on the visible patches and a light one that fills in the others."""

    config: MaskedConfig

    def __init__(self, config: MaskedConfig) -> None:
        super().__init__()
        self.config = config
        pixels = config.side**2
        self.embed = nn.Linear(pixels, config.latent_dim)
        self.position = nn.Parameter(torch.empty(self.patches, config.latent_dim))
        self.encoder = transformer(config.latent_dim, config.depth)
        self.to_decoder = nn.Linear(config.latent_dim, config.decoder_dim)
        self.mask_token = nn.Parameter(torch.empty(config.decoder_dim))
        self.decoder_position = nn.Parameter(torch.empty(self.patches, config.decoder_dim))
        self.decoder = transformer(config.decoder_dim, config.decoder_depth)
        self.to_pixels = nn.Linear(config.decoder_dim, pixels)

    @property
    def patches(self) -> int:
        return (SIDE // self.config.side) ** 2

    def initialise(self, mean_image: Tensor, generator: torch.Generator) -> None:
        glorot(self, generator)
        for position in (self.position, self.decoder_position):
            nn.init.normal_(position, std=0.5, generator=generator)  # far enough apart to tell places at once
        nn.init.normal_(self.mask_token, std=0.02, generator=generator)
        nn.init.constant_(self.to_pixels.bias, DARK)

    def random_mask(self, n: int, ratio: float, generator: torch.Generator) -> Tensor:
        if not 0.1 <= ratio <= 0.9:  # false for NaN as well
            raise ValueError(f"mask ratio must lie between 0.1 and 0.9, got {ratio!r}")
        hidden = min(max(round(ratio * self.patches), 1), self.patches - 1)
        order = torch.rand(n, self.patches, generator=generator).argsort(dim=1)
        return torch.zeros(n, self.patches, dtype=torch.bool).scatter(1, order[:, :hidden], True)

    def encode(self, x: Tensor) -> Tensor:
        tokens: Tensor = self.encoder(self.embed(patchify(x, self.config.side)) + self.position)
        return tokens.mean(dim=1)  # (N, patches, D) -> (N, D)

    def fill(self, x: Tensor, mask: Tensor) -> Tensor:
        return self._look_and_fill(x, mask)[1]

    def paste(self, x: Tensor, filled: Tensor, mask: Tensor) -> Tensor:
        return torch.where(spread(mask, self.config.side), filled, x)

    def forward(self, x: Tensor, generator: torch.Generator) -> MaskedOutput:
        mask = self.random_mask(len(x), self.config.mask_ratio, generator).to(x.device)
        seen, filled = self._look_and_fill(x, mask)
        return MaskedOutput(filled, seen.mean(dim=1), mask)

    def loss(self, x: Tensor, output: MaskedOutput) -> Losses:  # type: ignore[override]
        hidden = spread(output.mask, self.config.side)
        return {"hidden patches": F.mse_loss(output.reconstruction[hidden], x[hidden])}

    def encode_visible(self, x: Tensor, mask: Tensor) -> Tensor:
        """Tokens of the visible patches in reading order: (N, visible, latent_dim). Hidden pixels are never touched."""
        visible = visible_places(mask)  # (N, visible)
        patches = torch.take_along_dim(patchify(x, self.config.side), visible.unsqueeze(2), dim=1)
        tokens: Tensor = self.encoder(self.embed(patches) + self.position[visible])
        return tokens

    def attention(self, x: Tensor, mask: Tensor) -> Tensor:
        """Who looks at whom in the decoder's last block: (N, patches, patches), mean of its heads; rows sum to 1."""
        *early, last = self.decoder.layers
        tokens = last.norm1(nn.Sequential(*early)(self._with_mask_tokens(self.encode_visible(x, mask), mask)))
        weights: Tensor = last.self_attn(tokens, tokens, tokens)[1]
        return weights

    def _look_and_fill(self, x: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """The visible tokens (N, visible, latent_dim) and the answer for all patches (N, 1, 28, 28)."""
        seen = self.encode_visible(x, mask)
        pixels = torch.sigmoid(self.to_pixels(self.decoder(self._with_mask_tokens(seen, mask))))
        return seen, unpatchify(pixels, self.config.side)

    def _with_mask_tokens(self, seen: Tensor, mask: Tensor) -> Tensor:
        """What the decoder gets: a token for every patch, in reading order (N, patches, decoder_dim)."""
        width = self.config.decoder_dim
        places = visible_places(mask).unsqueeze(2).expand(-1, -1, width)
        tokens = self.mask_token.expand(len(seen), self.patches, width).scatter(1, places, self.to_decoder(seen))
        return tokens + self.decoder_position


def transformer(dim: int, depth: int) -> nn.TransformerEncoder:
    """Pre-norm blocks of two heads with a GELU layer twice as wide as the token, and a last norm."""
    block = nn.TransformerEncoderLayer(
        dim, 2, 2 * dim, dropout=0.0, activation="gelu", batch_first=True, norm_first=True
    )
    return nn.TransformerEncoder(block, depth, norm=nn.LayerNorm(dim), enable_nested_tensor=False)


def patchify(x: Tensor, side: int) -> Tensor:
    """(N, 1, 28, 28) -> (N, patches, side * side), patches row by row."""
    n = SIDE // side
    return x.reshape(len(x), n, side, n, side).transpose(2, 3).reshape(len(x), n * n, side * side)


def unpatchify(patches: Tensor, side: int) -> Tensor:
    """(N, patches, side * side) -> (N, 1, 28, 28): the inverse of ``patchify``."""
    n = SIDE // side
    return patches.reshape(len(patches), n, n, side, side).transpose(2, 3).reshape(len(patches), 1, SIDE, SIDE)


def spread(mask: Tensor, side: int) -> Tensor:
    """A patch mask (N, patches) as a pixel mask (N, 1, 28, 28)."""
    return unpatchify(mask.unsqueeze(2).expand(-1, -1, side * side), side)


def visible_places(mask: Tensor) -> Tensor:
    """The numbers of the visible patches, (N, visible), ascending. Raises ValueError unless rows hide equally many."""
    hidden = mask.sum(dim=1)
    fewest, most = int(hidden.min()), int(hidden.max())
    if fewest != most or most == mask.shape[1]:
        raise ValueError(f"a mask must hide equally many patches of every image, and not all, got {fewest} to {most}")
    return (~mask).nonzero()[:, 1].reshape(len(mask), -1)
