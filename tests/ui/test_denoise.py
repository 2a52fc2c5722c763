"""Denoise: who wins, said from the figures; the same noise for every model; and what its controls refuse."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from explorer.data.corruption import Corruption
from explorer.data.digits import embedded
from explorer.training.store import RunStore
from explorer.ui.denoised import answers, crossing, curves, verdict
from explorer.ui.gallery import Gallery
from explorer.ui.session import Current
from explorer.ui.views.denoise import PICTURES, SLIDERS, damage_of, show

CORNER = {"left": 3, "top": 4}
NOTHING = [0] * len(SLIDERS)


@pytest.fixture(scope="module")
def gallery(tmp_path_factory: pytest.TempPathFactory) -> Gallery:
    return Gallery(RunStore(tmp_path_factory.mktemp("runs")))


def opened(gallery: Gallery, model: str) -> Current:
    return Current(gallery.open(model, embedded()), embedded(), 3, "", "label", gallery)


def words(current: Current, damage: Corruption) -> str:
    clean = current.x
    with torch.inference_mode():
        given = answers(current.exhibit, current.dataset, clean, damage(clean, 0))
    return verdict(given, damage, current.exhibit.model)


def test_a_bottleneck_loses_to_doing_nothing_where_there_is_next_to_no_noise(gallery: Gallery) -> None:
    said = words(opened(gallery, "dense"), Corruption(noise=0.01))
    assert said.startswith("**Doing nothing wins**")
    assert "even of the clean picture the model keeps only" in said


def test_the_denoising_model_wins_where_there_is_much(gallery: Gallery) -> None:
    said = words(opened(gallery, "denoising"), Corruption(noise=0.5))
    assert said.startswith("**The model comes nearer**")
    model, best = (float(said.split(before)[1].split(" dB")[0]) for before in ("reconstruction ", "reaches "))
    assert model > best + 2


def test_words_fit_the_damage_and_the_model(gallery: Gallery) -> None:
    assert "Nothing is damaged" in words(opened(gallery, "dense"), Corruption())
    assert "nobody here moves back" in words(opened(gallery, "dense"), Corruption(right=3))
    assert "copies the patches that it sees" in words(opened(gallery, "masked"), Corruption(noise=0.3))


def test_every_model_gets_the_same_noise(gallery: Gallery) -> None:
    strengths = [0.4, 0.1, 0.1, *NOTHING[3:]]
    boards, sheets = [], []
    for model in ("dense", "denoising"):
        sheet, _, board, _ = show(opened(gallery, model), PICTURES[1], CORNER, 5, *strengths)
        boards.append(board["board"]["picture"])
        sheets.append(sheet["sheet"]["pictures"])
    assert boards[0] == boards[1]
    assert sheets[0] != sheets[1]
    again = show(opened(gallery, "dense"), PICTURES[1], CORNER, 6, *strengths)[2]["board"]["picture"]
    assert again != boards[0]


def test_ten_digits_have_a_row_for_each_answer_and_a_frame_each(gallery: Gallery) -> None:
    sheet = show(opened(gallery, "denoising"), PICTURES[1], CORNER, 0, 0.4, *NOTHING[1:])[0]["sheet"]
    assert (sheet["columns"], len(sheet["rows"]), len(sheet["captions"])) == (10, 7, 70)
    assert sorted(cell % 10 for cell in sheet["marked"]) == list(range(10))
    assert not any(20 <= cell < 30 for cell in sheet["marked"]), "the clean picture's reconstruction does not compete"


def test_the_curve_is_of_the_chosen_models_and_the_current_one(gallery: Gallery) -> None:
    figure, said = curves(opened(gallery, "linear"), "Gaussian noise", ["denoising"], 0)
    names = [line["name"] for line in figure["data"]]
    assert [name.split(",")[0] for name in names[:2]] == ["Linear", "Denoising"]
    assert names[-1] == "doing nothing"
    nothing = figure["data"][-1]["y"]
    assert nothing == sorted(nothing, reverse=True)
    assert said.startswith("**Up to 0.")


def test_the_crossing_is_the_last_strength_at_which_nothing_is_best() -> None:
    nothing = [40, 35, 30, 25, 20, 15, 12, 10, 8]
    assert "Up to 0.2 (σ)" in crossing(nothing, [[22] * 9, [5] * 9], 1.0, "σ")
    assert "some model beats" in crossing(nothing, [[41] * 9], 1.0, "σ")


@pytest.mark.parametrize(
    ("place", "value", "words"),
    [
        (0, 1.5, "gaussian noise must be a number from 0 to 1, got 1.5"),
        (0, float("nan"), "gaussian noise must be a number from 0 to 1, got nan"),
        (1, True, "salt and pepper must be a number"),
        (4, None, "turn must be a number from -180 to 180, got None"),
        (5, 2.5, "black block must be a whole number from 0 to 20, got 2.5"),
        (7, "8", "shift down must be a whole number from -14 to 14"),
    ],
)
def test_what_no_slider_sends_is_refused(place: int, value: object, words: str) -> None:
    strengths: list[Any] = [*NOTHING]
    strengths[place] = value
    with pytest.raises(ValueError, match=words):
        damage_of(CORNER, tuple(strengths))


@pytest.mark.parametrize(
    "corner", [None, {}, {"left": 28, "top": 0}, {"left": 1.0, "top": 0}, {"left": True, "top": 0}]
)
def test_a_corner_outside_the_picture_is_refused(corner: object) -> None:
    with pytest.raises(ValueError, match="corner must be left and top from 0 to 27"):
        damage_of(corner, tuple(NOTHING))


def test_other_choices_than_those_on_offer_are_refused(gallery: Gallery) -> None:
    current = opened(gallery, "linear")
    with pytest.raises(ValueError, match="the pictures must be one of the input, ten test digits"):
        show(current, "all", CORNER, 0, *NOTHING)
    with pytest.raises(ValueError, match="the seed must be a whole number from 0 to 999, got -1"):
        show(current, PICTURES[0], CORNER, -1, *NOTHING)
    with pytest.raises(ValueError, match="the damage must be one of Gaussian noise"):
        curves(current, "rain", [], 0)
    with pytest.raises(ValueError, match="the models must be some of those on offer"):
        curves(current, "blur", ["../secret"], 0)
