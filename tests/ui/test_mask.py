"""Mask and fill: what the server says of a mask, and what it refuses from a browser."""

from __future__ import annotations

import base64
import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from explorer.analysis.patterns import as_text
from explorer.data.digits import embedded
from explorer.models.registry import named, variants
from explorer.training.jobs import Jobs
from explorer.training.store import RunStore
from explorer.ui.explorer import Explorer
from explorer.ui.filled import chosen_mask, fill_asked
from explorer.ui.gallery import Gallery
from explorer.ui.images import base64_of
from explorer.ui.library import Library
from explorer.ui.session import Current, Session
from explorer.ui.views.mask import START, STEPS, again_and_again, by_variant, render, show, under_other_masks

NOTHING, EVERYTHING = 49 * "0", 49 * "1"


@pytest.fixture
def explorer(tmp_path: Path) -> Explorer:
    return Explorer(Library(), Gallery(RunStore(tmp_path)), Jobs(lambda *_: None))


def looking_at(explorer: Explorer, model: str) -> Current:
    variant = explorer.gallery.shipped[model].variant
    return dataclasses.replace(explorer.current(Session(model=model, variant=variant)), dataset=embedded(), index=3)


def pixels(text: str) -> Any:
    return np.frombuffer(base64.b64decode(text), dtype=np.uint8).reshape(-1, 784)


def painted(mask: str) -> dict[str, Any]:
    return {**START, "mask": mask}


def test_the_answer_pastes_into_what_is_visible_and_counts_tokens(explorer: Explorer) -> None:
    current = looking_at(explorer, "masked")
    answer = fill_asked(explorer, ["masked", START, base64_of(current.x)])
    hidden = np.kron(np.array([*answer["mask"]]).reshape(7, 7) == "1", np.ones((4, 4), bool)).flatten()
    assert answer["mask"].count("1") == round(0.75 * 49)
    assert answer["words"].startswith("12 of 49 tokens go through the encoder")
    raw, *pasted = pixels(answer["pictures"])
    original = pixels(base64_of(current.x))[0]
    for picture in pasted:
        np.testing.assert_array_equal(picture[~hidden], original[~hidden])
    np.testing.assert_array_equal(pasted[0][hidden], raw[hidden])
    error = np.frombuffer(base64.b64decode(answer["error"]), dtype=np.int8)
    assert not error[~hidden].any()
    mse = float(answer["captions"][1].split("error ")[1])
    assert mse == pytest.approx((((raw / 255.0) - original / 255) ** 2)[hidden].mean(), abs=3e-4)


def test_attention_of_the_shipped_model_sums_to_one(explorer: Explorer) -> None:
    current = looking_at(explorer, "masked")
    sent = fill_asked(explorer, ["masked", START, base64_of(current.x)])["attention"]
    rows = np.frombuffer(base64.b64decode(sent["rows"]), dtype=np.uint8).reshape(49, 49) / 255
    np.testing.assert_allclose(rows.sum(axis=1) * sent["peaks"], 1, atol=0.03)  # bytes are rounded


@pytest.mark.parametrize("model", ["masked", "variational", "denoising"])
@pytest.mark.parametrize("mask", [NOTHING, EVERYTHING])
def test_nothing_and_everything_hidden_are_said_in_words(explorer: Explorer, model: str, mask: str) -> None:
    current = looking_at(explorer, model)
    answer = fill_asked(explorer, [model, painted(mask), base64_of(current.x)])
    assert len(answer["captions"]) == 6
    assert answer["words"].endswith(".")
    sheets = show(current, painted(mask))
    assert (sheets[1]["sheet"], sheets[2]["sheet"]) == (None, None)
    assert (sheets[4]["sheet"] is None) == (mask == NOTHING)


@pytest.mark.parametrize(
    ("model", "words"), [("dense", "drawn from the code"), ("unet", "from more than the code"), ("masked", "poor on")]
)
def test_the_raw_output_says_what_it_is_drawn_from(explorer: Explorer, model: str, words: str) -> None:
    current = looking_at(explorer, model)
    assert words in fill_asked(explorer, [model, START, base64_of(current.x)])["captions"][0]


def test_a_mask_painted_on_another_grid_gives_way_to_the_pattern() -> None:
    assert as_text(chosen_mask(painted(EVERYTHING), 7)) == EVERYTHING
    assert torch.equal(chosen_mask(painted(EVERYTHING), 4), chosen_mask(START, 4))


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "a mask must have a pattern, a share and a seed, got None"),
        ({**START, "seed": 100}, "the seed must be a whole number from 0 to 99, got 100"),
        ({**START, "seed": True}, "got True"),
        ({**START, "seed": 1.5}, "got 1.5"),
        ({**START, "share": float("inf")}, "between 0 and 1, got inf"),
        ({**START, "pattern": "spiral"}, "the pattern must be one of"),
        (painted("01"), "a mask must be 49 letters"),
        ({**START, "mask": [1] * 49}, "a mask must be 49 letters"),
    ],
)
def test_bad_masks_are_refused(value: object, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        chosen_mask(value, 7)


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (None, "fill needs a model, a mask and a picture"),
        (["masked", START], "fill needs a model"),
        ([7, START, ""], "fill needs a model"),
        (["masked", START, "AAAA"], "a picture must be base64 of 784 grey values"),
        (["masked", START, "é"], "a picture must be base64"),
        (["masked", START, None], "got None"),
    ],
)
def test_bad_questions_are_refused(explorer: Explorer, asked: object, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        fill_asked(explorer, asked)


@pytest.mark.parametrize("patch", ["2", "14"])
def test_a_model_with_other_patches_has_its_own_grid(explorer: Explorer, patch: str) -> None:
    current = looking_at(explorer, "masked")
    model = named("masked").model(named("masked").config.from_dict({"patch": patch}))
    model.initialise(torch.full((1, 28, 28), 0.1), torch.Generator().manual_seed(0))
    card = dataclasses.replace(current.exhibit.card, weights_sha256=patch)
    own = dataclasses.replace(current, exhibit=dataclasses.replace(current.exhibit, model=model.eval(), card=card))
    side = 28 // int(patch)
    sheets = show(own, START)  # as the browser has it, whose grid still has 7 x 7 patches
    assert render(own)[1]["patches"]["side"] == side
    assert len(sheets[5]["sheet"]["captions"]) == len(variants())
    shares = sheets[6]["data"][0]["x"]
    assert shares == sorted(set(shares))
    assert 0 < shares[0] < shares[-1] < 1
    assert sheets[6]["layout"]["shapes"][0]["x0"] == round(0.75 * side**2) / side**2


def test_sixteen_other_masks_hide_equally_much(explorer: Explorer) -> None:
    words, sheet, deviation = under_other_masks(looking_at(explorer, "masked"), 7, 37)
    assert "37 of 49 patches hidden each" in words
    assert len(pixels(sheet["sheet"]["pictures"])) == 16
    assert len(set(sheet["sheet"]["captions"])) > 8
    assert len(pixels(deviation["sheet"]["pictures"])) == 1


def test_rounds_are_the_variational_models_where_a_model_has_no_decoder(explorer: Explorer) -> None:
    mask = chosen_mask(START, 7)[None]
    words, sheet = again_and_again(looking_at(explorer, "masked"), mask)
    assert "The variational one encodes" in words
    assert sheet["sheet"] == again_and_again(looking_at(explorer, "variational"), mask)[1]["sheet"]
    assert len(sheet["sheet"]["captions"]) == len(STEPS)


def test_the_variants_stand_in_the_order_of_their_errors(explorer: Explorer) -> None:
    sheet = by_variant(looking_at(explorer, "dense-2d"), chosen_mask(START, 7)[None])
    errors = [float(caption.split("· ")[1]) for caption in sheet["captions"]]
    assert errors == sorted(errors)
    assert len(errors) == len(variants())
    assert sheet["captions"][0].startswith("Masked")
