"""Slow motion of a model that hides patches: patches, tokens, positions, mask tokens, and the answer."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from explorer.analysis.moments import Moment, Picture, drawn, ink, squared, verdict
from explorer.models.base import Masking
from explorer.models.variants.masked import Masked, patchify, spread, take, unpatchify, visible_places

BLOCK = (
    "Attention: each token takes in a weighted mixture of all others, in two ways at once, weighted by how well they fit "
    "it. Then a small network of its own changes each token. Both are added to what was there."
)
NORM = "Each token is moved to mean 0 and deviation 1; then each of its numbers gets a learnt scale and offset."


@dataclass(frozen=True)
class Board:
    """Draws what belongs to patches at the patches' places; where there is nothing, it stays empty."""

    patches: int

    @property
    def across(self) -> int:
        """How many patches stand in a row."""
        return math.isqrt(self.patches)

    def drawn(self, name: str, tokens: Tensor, places: Tensor | None = None, *, is_ink: bool = False) -> Picture:
        """Tokens (n, D) at their places (n,), all patches if none are given."""
        tiles = squared(tokens)
        board = tiles.new_full((self.patches, *tiles.shape[1:]), math.nan)
        board[slice(None) if places is None else places] = tiles
        return Picture(name, tokens, board, self.across, is_ink=is_ink)
