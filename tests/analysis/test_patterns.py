"""Patterns of hidden patches: counted, and each with the shape that its name says."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Generator, Tensor

from explorer.analysis.patterns import BY_SHARE, PATTERNS, UNDRAWN, as_text, from_text, pattern, spread

SIDES = (2, 4, 7, 14)


def drawn(name: str, side: int = 7, share: float = 0.5, seed: int = 0) -> Tensor:
    return pattern(name, side, share, Generator().manual_seed(seed)).reshape(side, side)


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.75, 1.0])
@pytest.mark.parametrize("name", sorted(BY_SHARE))
def test_random_and_block_hide_the_share_that_is_asked_for(name: str, share: float, side: int) -> None:
    assert [int(drawn(name, side, share, seed).sum()) for seed in range(20)] == 20 * [round(share * side * side)]


@pytest.mark.parametrize("side", SIDES)
def test_the_other_patterns_hide_what_their_names_say(side: int) -> None:
    hidden = {name: int(drawn(name, side).sum()) for name in PATTERNS.keys() - BY_SHARE}
    assert hidden == {
        "half": side * (side // 2),
        "stripes": side * (side // 2),
        "checkerboard": side * side // 2,
        "all but one": side * side - 1,
        "only one": 1,
        "none": 0,
    }


@pytest.mark.parametrize("hidden", range(1, 50))
def test_a_block_is_one_piece_and_nearly_square(hidden: int) -> None:
    rows, columns = np.nonzero(drawn("block", 7, hidden / 49).numpy())
    height, width = np.ptp(rows) + 1, np.ptp(columns) + 1
    assert 0 <= width - height <= 1
    assert 0 <= width * height - hidden < width


def test_halves_lie_on_all_four_sides_and_stripes_in_both_directions() -> None:
    halves = {as_text(drawn("half", 4, seed=seed).flatten()) for seed in range(40)}
    assert halves == {"0000000011111111", "1111111100000000", "0011001100110011", "1100110011001100"}
    stripes = {as_text(drawn("stripes", 4, seed=seed).flatten()) for seed in range(40)}
    assert len(stripes) == 2
    assert "0000111100001111" in stripes


def test_neighbours_on_a_checkerboard_differ() -> None:
    board = drawn("checkerboard").numpy()
    assert (board[1:] != board[:-1]).all()
    assert (board[:, 1:] != board[:, :-1]).all()


def test_every_patch_is_equally_likely_to_be_hidden_at_random() -> None:
    share = torch.stack([drawn("random", share=0.4, seed=seed) for seed in range(2000)]).float().mean(dim=0)
    p = 20 / 49
    assert float((share - p).abs().max()) < 4 * (p * (1 - p) / 2000) ** 0.5


@pytest.mark.parametrize("name", sorted(PATTERNS))
def test_the_seed_decides_and_more_of_a_random_mask_contains_the_less(name: str) -> None:
    assert torch.equal(drawn(name, seed=3), drawn(name, seed=3))
    assert (len({as_text(drawn(name, seed=seed).flatten()) for seed in range(20)}) == 1) == (name in UNDRAWN)
    if name == "random":
        assert bool((drawn(name, share=0.3) <= drawn(name, share=0.6)).all())


@pytest.mark.parametrize("side", SIDES)
def test_a_mask_of_patches_covers_their_pixels(side: int) -> None:
    mask = drawn("random", side)
    expected = np.kron(mask.numpy(), np.ones((28 // side, 28 // side), bool))
    np.testing.assert_array_equal(spread(mask.flatten()[None])[0, 0].numpy(), expected)


def test_a_mask_survives_being_text() -> None:
    mask = drawn("random").flatten()
    assert torch.equal(from_text(as_text(mask), 49), mask)


@pytest.mark.parametrize("text", ["", "01", 49 * "2", 48 * "0" + "é", None, 49, ["1"] * 49])
def test_another_text_is_no_mask(text: object) -> None:
    with pytest.raises(ValueError, match="a mask must be 49 letters, 0 or 1"):
        from_text(text, 49)


@pytest.mark.parametrize(
    ("name", "share", "words"),
    [
        ("spiral", 0.5, "the pattern must be one of random, block"),
        (["random"], 0.5, "the pattern must be one of"),
        (None, 0.5, "got None"),
        ("random", float("nan"), "between 0 and 1, got nan"),
        ("random", 1.01, "between 0 and 1, got 1.01"),
        ("half", True, "got True"),
        ("random", "much", "got 'much'"),
    ],
)
def test_bad_patterns_and_shares_are_refused(name: object, share: object, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        pattern(name, 7, share, Generator())
