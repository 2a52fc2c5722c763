"""What a model and three guesses make of the current input's hidden patches, for the PatchGrid component."""

from __future__ import annotations

import base64
from typing import Any

import torch
from torch import Tensor

from explorer.analysis.filling import Attending, fill, guesses, hidden_error, paste, patches_in_a_row
from explorer.analysis.masked import Guess
from explorer.analysis.patterns import as_text, from_text, pattern, spread
from explorer.data.dataset import Dataset
from explorer.models.base import Decoding, Masking
from explorer.models.knobs import shown
from explorer.ui.explorer import Explorer
from explorer.ui.gallery import Exhibit
from explorer.ui.images import base64_of, base64_of_signed, picture_of
from explorer.ui.kept import Kept

FITTED_ON = 10_000  # training digits
SEEDS = 99
POOR = "raw output: poor on visible patches, because training never asks for them"
WHOLE = "raw output: the whole picture, drawn from the code"
BESIDES = "raw output: the whole picture, drawn from more than the code"
BLIND = "it gets black for the hidden patches, {hidden} of {patches}, and cannot tell a hole from paper without ink."
MENDING = "only to mend single pixels: " + BLIND


def chosen_mask(value: object, side: int) -> Tensor:
    """The mask (patches,) that a PatchGrid's value stands for; one that was painted on another grid gives way.

    Raises ValueError for what the component does not have.
    """
    if not isinstance(value, dict):
        raise ValueError(f"a mask must have a pattern, a share and a seed, got {shown(value)}")
    if value.get("mask") and value.get("side") == side:
        return from_text(value["mask"], side * side)
    seed = value.get("seed")
    if isinstance(seed, bool) or not isinstance(seed, int) or not 0 <= seed <= SEEDS:
        raise ValueError(f"the seed must be a whole number from 0 to {SEEDS}, got {shown(seed)}")
    return pattern(value.get("pattern"), side, value.get("share"), torch.Generator().manual_seed(seed))


def answer(exhibit: Exhibit, dataset: Dataset, x: Tensor, mask: Tensor) -> dict[str, Any]:
    """Pictures, captions, words and attention for one picture (1, 1, 28, 28) and a mask (patches,)."""
    model, masks = exhibit.model, mask[None]
    is_blank = isinstance(model, Masking) and bool(mask.all())
    raw = torch.zeros_like(x) if is_blank else fill(model, x, masks)
    guessed = {name: guess(x, spread(masks)) for name, guess in baselines(dataset).items()}
    pasted = [paste(x, picture, masks) for picture in (raw, *guessed.values())]
    if is_blank:
        captions = ["no output: there is nothing to read", "no output", "no error to measure"]
    else:
        said = f"pasted: visible patches copied · {error_words(x, raw, masks)}"
        signs = "error at hidden patches; red: too bright, blue: too dark"
        drawn = POOR if isinstance(model, Masking) else WHOLE if isinstance(model, Decoding) else BESIDES
        captions = [drawn, said, signs]
    captions += [f"{name} · {error_words(x, picture, masks)}" for name, picture in guessed.items()]
    return {
        "mask": as_text(mask),
        "pictures": base64_of(torch.cat((raw, *pasted))),
        "error": base64_of_signed(torch.zeros_like(x) if is_blank else pasted[0] - x),
        "captions": captions,
        "words": words(exhibit, mask),
        "attention": None if is_blank else attention(model, x, masks),
    }


def words(exhibit: Exhibit, mask: Tensor) -> str:
    """What happens to the patches, for a mask (patches,)."""
    patches, hidden = len(mask), int(mask.sum())
    if not isinstance(exhibit.model, Masking):
        never = "This model was never trained to fill holes"
        joint = f", {MENDING}" if exhibit.card.variant in ("denoising", "unet") else f": {BLIND}"
        return never + joint.format(hidden=hidden, patches=patches)
    if hidden == patches:
        return "Everything is hidden: the encoder has no token to read. Show at least one patch."
    if not hidden:
        return (
            f"All {patches} tokens go through the encoder. Nothing is hidden, so there is nothing to fill and no error "
            "to measure; the raw output shows what the decoder says where it was never asked."
        )
    trained = float(exhibit.card.settings["mask_ratio"])
    return (
        f"{patches - hidden} of {patches} tokens go through the encoder, in the order of their numbers. The decoder "
        f"gets a mask token for each of the other {hidden}. In training {trained:.0%} were hidden."
    )


def attention(model: object, x: Tensor, masks: Tensor) -> dict[str, Any] | None:
    """Where each patch looks, as bytes of its row's peak; None for a model that does not say."""
    if not isinstance(model, Attending):
        return None
    with torch.inference_mode():
        rows = model.attention(x, masks)[0]  # (patches, patches)
    peaks = rows.max(dim=1, keepdim=True).values
    content = (255 * rows / peaks).round().byte().numpy().tobytes()
    return {"rows": base64.b64encode(content).decode(), "peaks": [round(float(peak), 4) for peak in peaks]}


_baselines: Kept[dict[str, Guess]] = Kept(2)


def baselines(dataset: Dataset) -> dict[str, Guess]:
    """The guesses that need no network, learnt once for all visitors."""
    return _baselines.get(dataset.sha256, lambda: guesses(dataset.train_images[:FITTED_ON]))


def error_words(x: Tensor, picture: Tensor, masks: Tensor) -> str:
    """The mean squared error per hidden pixel of one picture (1, 1, 28, 28), in words."""
    return f"error {float(hidden_error(x, picture, masks)):.4f}" if bool(masks.any()) else "nothing hidden"


def fill_asked(explorer: Explorer, asked: object) -> dict[str, Any]:
    """The answer to [model, value, picture]. Raises ValueError or CheckpointError."""
    if not isinstance(asked, list) or len(asked) != 3 or not isinstance(asked[0], str):
        raise ValueError(f"fill needs a model, a mask and a picture, got {shown(asked)}")
    model, value, picture = asked
    dataset = explorer.library.dataset
    exhibit = explorer.gallery.open(model, dataset)
    return answer(exhibit, dataset, picture_of(picture), chosen_mask(value, patches_in_a_row(exhibit.model)))
