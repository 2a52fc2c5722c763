"""Two maps: what the server makes of a browser's wishes, and what its words say."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from explorer.analysis.agreement import MOST
from explorer.data.digits import embedded
from explorer.models.checkpoint import CheckpointError
from explorer.training.jobs import Jobs
from explorer.training.store import RunStore
from explorer.ui.agreed import Faith, agreement, compared, flattened, shared_words, told
from explorer.ui.explorer import Explorer
from explorer.ui.gallery import Gallery
from explorer.ui.library import Library
from explorer.ui.session import Current
from explorer.ui.views.two_maps import chosen_other


@pytest.fixture
def explorer(tmp_path: Path) -> Explorer:
    library = Library()
    library.dataset = embedded()
    return Explorer(library, Gallery(RunStore(tmp_path)), Jobs(lambda *_: iter(())))


def faithful(codes: float = 0.9, to_pixels: float = 0.8, to_codes: float = 0.95, n: int = 100) -> Faith:
    near = torch.stack([torch.arange(i + 1, i + 1 + MOST) % n for i in range(n)])
    return Faith(near, near, codes, to_pixels, to_codes)


def test_a_model_agrees_with_itself_and_its_own_code_can_be_trusted(explorer: Explorer) -> None:
    found = agreement(explorer, ["dense-2d", "code", "dense-2d", "code"])
    assert set(found["curves"]["the codes"]) == {1.0}
    assert found["trust"][1][1:] == [1.0, 1.0]
    assert len(found["words"]) == len(found["curves"]["chance"])


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("dense", "two models and two projections"),
        (["dense", "pca", "dense"], "two models and two projections"),
        (["dense", "pca", "dense", 1], "two models and two projections"),
        (["dense", "pca", "dense", "tsne"], "the projection must be one of .*, got 'tsne'"),
    ],
)
def test_what_names_no_two_maps_is_refused(explorer: Explorer, asked: object, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        agreement(explorer, asked)


def test_a_model_that_is_not_there_is_refused(explorer: Explorer) -> None:
    with pytest.raises(CheckpointError):
        agreement(explorer, ["dense", "pca", "../dense", "pca"])


def test_a_second_model_that_is_not_on_offer_gives_way_to_another(explorer: Explorer) -> None:
    gallery = explorer.gallery
    for model, usual in (("variational-2d", "dense-2d"), ("dense-2d", "variational-2d")):
        current = Current(gallery.open(model, embedded()), embedded(), 3, "", "label", gallery)
        assert chosen_other(current, "linear") == "linear"
        for wish in (None, "", 7, ["linear"], "collapsed", "of another visitor"):
            assert chosen_other(current, wish) == usual


def test_words_count_what_is_shared_beside_chance() -> None:
    said = shared_words(10, 4.1, 2.0, 2000)
    assert "Of each digit's 10 nearest in one code, 4.1 are also among the 10 nearest in the other" in said
    assert said.endswith("2.0 on the other. By chance it would be 0.05.")
    assert "In both codes 5% of the digits have the same nearest digit, on both maps 2%" in shared_words(
        1, 0.05, 0.02, 2000
    )


def test_the_verdict_names_the_better_map_and_the_price_of_flatness() -> None:
    good, poor = faithful(), faithful(to_pixels=0.7)
    assert "the second keeps the pixels' neighbours better: 0.800 against 0.700" in compared(poor, good)
    assert compared(good, good).startswith("Both maps")
    assert flattened(good, faithful(to_codes=1)).startswith("Drawing the first code flat costs 0.100")
    assert flattened(good, faithful(to_codes=1)).endswith(
        "the second map is the code itself, nothing is lost in drawing it."
    )


def test_what_is_told_can_be_counted() -> None:
    found = told(faithful(), faithful())
    assert found["digits"] == 100
    assert found["curves"]["chance"][9] == pytest.approx(10 / 99, abs=1e-4)
