"""Slow motion of a model that hides patches: patches, tokens, positions, mask tokens, and the answer."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from explorer.analysis.moments import Moment, Picture, drawn, ink, squared, verdict
from explorer.models.base import Masking
from explorer.models.variants.masked import Masked, patchify, visible_places

START = "784 pixels, from black 0 to white 1. Most of them will be hidden, and have to be guessed from the others."
HIDE = (
    "{hidden} of {patches} patches are drawn at random and left out. They are not black: the encoder does not get them."
)
EMBED = "Each patch of {pixels} pixels becomes a token of {size} numbers, by one linear layer that all of them share."
PLACE = "Tokens stand in no order, so each is given its place: {size} learnt numbers for each place are added."
BLOCK = (
    "Attention: each token takes in a weighted mixture of all tokens, the more of each the better the two fit. Then a "
    "small network, the same for all, works on each token alone. Both results are added to what was there."
)
NORM = "Each token is shifted and scaled to mean 0 and deviation 1; then each number gets a learnt scale and offset."
CODE = (
    "No single code passes to the decoder: all tokens do. What other views call this model's code is the mean of the "
    "tokens with nothing hidden, {size} numbers; it is shown here once, and not used."
)
HAND_OVER = "A linear layer turns each token of {before} numbers into one of {size} for the lighter decoder."
MISSING = "Where a patch was hidden, one and the same learnt token is put: all it says is, something is missing here."
ANSWER = "One linear layer for all turns each token into {pixels} numbers, one for each pixel of its patch."
SIGMOID = "Squeezed in between 0 and 1, they are pixels: an answer for every patch, the visible ones too."
PASTE = "Only hidden patches were trained for, so only they are taken from the answer; the others come from the input."

HIDING = 2  # the moment whose last picture is the visible patches
Show = Callable[[str, Tensor], Picture]  # a name and tokens (n, D) -> their picture


@dataclass(frozen=True)
class Board:
    """Draws what belongs to patches at their places; where nothing belongs it stays empty."""

    patches: int

    def tokens(self, name: str, tokens: Tensor, places: Tensor | None = None) -> Picture:
        """Tokens (n, D) as squares at the places (n,); without places, one for each patch."""
        return self._laid(name, tokens, squared(tokens, few=1), places, is_ink=False)

    def pixels(self, name: str, patches: Tensor, places: Tensor | None = None) -> Picture:
        """Patches (n, pixels) with ink from 0 to 1."""
        return self._laid(name, patches, squared(patches, few=1), places, is_ink=True)

    def _laid(self, name: str, values: Tensor, tiles: Tensor, places: Tensor | None, *, is_ink: bool) -> Picture:
        laid = tiles.new_full((self.patches, *tiles.shape[1:]), math.nan)
        laid[slice(None) if places is None else places] = tiles
        return Picture(name, values, laid, math.isqrt(self.patches), is_ink=is_ink)


def patch_by_patch(model: Masking, x: Tensor, generator: torch.Generator) -> list[Moment]:
    """The moments of one image x (1, 1, 28, 28); the generator draws what is hidden, as in ``model(x, generator)``."""
    output = model(x, generator)
    result = model.paste(x, output.reconstruction, output.mask)
    size = output.latent.shape[1]
    code = Moment("code", "The code", CODE.format(size=size), (drawn("code z", model.encode(x)[0]),))
    if not isinstance(model, Masked):
        start, answer = (
            Moment("encoder", "The input", START, (ink("input", x[0]),)),
            ink("answer", output.reconstruction[0]),
        )
        return [start, code, pasted(x, result, (answer,))]
    board, places = Board(model.patches), visible_places(output.mask)
    coming, seen = encoded(model, x, places, board)
    going = filled(model, seen, places, board)
    answer, visible = going[-1].pictures[-1], coming[HIDING].pictures[-1]
    return [*coming, code, *going, pasted(x, result, (answer, visible))]


def pasted(x: Tensor, result: Tensor, sources: tuple[Picture, ...]) -> Moment:
    """The last moment: the answer at hidden places, the input elsewhere."""
    pictures = (*sources, ink("reconstruction", result[0]))
    return Moment("decoder", "The reconstruction", f"{PASTE} {verdict(x, result)}", pictures, "&→"[-len(sources) :])


def encoded(model: Masked, x: Tensor, places: Tensor, board: Board) -> tuple[list[Moment], Tensor]:
    """From the image to the encoded tokens (1, visible, D), and the moments on the way."""
    whole = patchify(x, model.config.side)
    patches = torch.take_along_dim(whole, places.unsqueeze(2), dim=1)
    tokens, position = model.embed(patches), model.position[places]
    placed = tokens + position
    at, size, pixels = places[0], tokens.shape[2], whole.shape[2]
    first, cut = ink("input", x[0]), board.pixels("patches", whole[0])
    visible, token = board.pixels("visible patches", patches[0], at), board.tokens("tokens", tokens[0], at)
    sum_of = (token, board.tokens("positions", position[0], at), board.tokens("placed tokens", placed[0], at))
    hide = HIDE.format(hidden=board.patches - len(at), patches=board.patches)
    steps = [
        Moment("encoder", "The input", START, (first,)),
        Moment("encoder", "Patches", f"The image is cut into {board.patches} patches.", (first, cut), "→"),
        Moment("encoder", "Hiding", hide, (cut, visible), "→"),
        Moment("encoder", "Tokens", EMBED.format(pixels=pixels, size=size), (visible, token), "→"),
        Moment("encoder", "Positions", PLACE.format(size=size), sum_of, "+="),
    ]
    blocks, seen = through(model.encoder, placed, "encoder", sum_of[-1], lambda name, z: board.tokens(name, z, at))
    return [*steps, *blocks], seen


def filled(model: Masked, seen: Tensor, places: Tensor, board: Board) -> list[Moment]:
    """From the encoded tokens (1, visible, D) to an answer for every patch."""
    at, narrow = places[0], model.to_decoder(seen)
    size = narrow.shape[2]
    tokens = model.mask_token.expand(1, board.patches, size).scatter(
        1, places.unsqueeze(2).expand(-1, -1, size), narrow
    )
    placed = tokens + model.decoder_position
    before, after = board.tokens("encoded tokens", seen[0], at), board.tokens("decoder tokens", narrow[0], at)
    every, position = (
        board.tokens("with mask tokens", tokens[0]),
        board.tokens("positions", model.decoder_position.detach()),
    )
    sum_of = (every, position, board.tokens("placed tokens", placed[0]))
    steps = [
        Moment("decoder", "Into the decoder", HAND_OVER.format(before=seen.shape[2], size=size), (before, after), "→"),
        Moment("decoder", "Mask tokens", MISSING, (after, every), "→"),
        Moment("decoder", "Positions", PLACE.format(size=size), sum_of, "+="),
    ]
    blocks, decoded = through(model.decoder, placed, "decoder", sum_of[-1], board.tokens)
    raw = model.to_pixels(decoded)
    last, plain = blocks[-1].pictures[-1], board.tokens("numbers", raw[0])
    answer = board.pixels("answer", torch.sigmoid(raw)[0])
    return [
        *steps,
        *blocks,
        Moment("decoder", "To pixels", ANSWER.format(pixels=raw.shape[2]), (last, plain), "→"),
        Moment("decoder", "The answer", SIGMOID, (plain, answer), "→"),
    ]


def through(
    transformer: nn.TransformerEncoder, tokens: Tensor, part: str, drawn_before: Picture, show: Show
) -> tuple[list[Moment], Tensor]:
    """A moment for each block and for the norm behind the last, and the tokens (1, n, D) that come out."""
    steps, before = list[Moment](), drawn_before
    for count, block in enumerate(transformer.layers, start=1):
        tokens = block(tokens)
        after = show(f"after block {count}", tokens[0])
        steps.append(Moment(part, f"Block {count} of {len(transformer.layers)}", BLOCK, (before, after), "→"))
        before = after
    if transformer.norm is not None:
        tokens = transformer.norm(tokens)
        steps.append(Moment(part, "Layer norm", NORM, (before, show("after the norm", tokens[0])), "→"))
    return steps, tokens
