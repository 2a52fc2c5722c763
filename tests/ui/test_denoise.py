"""Denoise: who wins, said from the figures; the same noise for every model; and what its controls refuse."""

from __future__ import annotations

import base64
from typing import Any

import pytest
import torch

from explorer.data.corruption import Corruption
from explorer.data.digits import embedded
from explorer.training.jobs import Jobs
from explorer.training.store import RunStore
from explorer.ui.denoised import answers, crossing, curves, verdict
from explorer.ui.explorer import Explorer
from explorer.ui.gallery import Gallery
from explorer.ui.library import Library
from explorer.ui.session import Current, Session
from explorer.ui.stages import unticked
from explorer.ui.views.denoise import PICTURES, SLIDERS, at_once, damage_of, render, show

NOTHING = {**dict.fromkeys(SLIDERS, 0), "left": 3, "top": 4}


@pytest.fixture(scope="module")
def gallery(tmp_path_factory: pytest.TempPathFactory) -> Gallery:
    return Gallery(RunStore(tmp_path_factory.mktemp("runs")))


@pytest.fixture(scope="module")
def explorer(gallery: Gallery) -> Explorer:
    return Explorer(Library(), gallery, Jobs(no_work))


def no_work(*_: Any, **__: Any) -> Any:
    raise AssertionError("no view starts a training by being looked at")


def opened(gallery: Gallery, model: str) -> Current:
    return Current(gallery.open(model, embedded()), embedded(), 3, "", "label", gallery)


def test_a_ticked_model_that_has_gone_is_no_longer_ticked(gallery: Gallery) -> None:
    update = render(opened(gallery, "dense"))[1]
    assert unticked(update, ["unet", "gone", "denoising"]) == {**update, "value": ["unet", "denoising"]}
    assert unticked(update, ["unet", "denoising"]) is update  # the boxes are left alone
    with pytest.raises(ValueError, match="the choice must be a list of names, got 'unet'"):
        unticked(update, "unet")


def words(current: Current, damage: Corruption) -> str:
    clean = current.x
    with torch.inference_mode():
        given = answers(current.exhibit, current.dataset, clean, damage(clean, 0))
    return verdict(given, damage, current.exhibit.model)


def test_a_bottleneck_loses_to_doing_nothing_where_there_is_next_to_no_noise(gallery: Gallery) -> None:
    said = words(opened(gallery, "dense"), Corruption(noise=0.01))
    assert said.startswith("**Doing nothing beats the model**")
    assert "even of the clean picture the model keeps only" in said


def test_who_beats_only_the_model_has_not_won(gallery: Gallery) -> None:
    said = words(opened(gallery, "variational-2d"), Corruption(noise=0.4))
    assert said.startswith("**Doing nothing beats the model**: the damaged picture has")
    idle, filtered = (float(said.split(before)[1].split(" dB")[0]) for before in ("has ", "reaches "))
    assert filtered > idle + 1


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
    value = {**NOTHING, "noise": 0.4, "random": 0.1, "missing": 0.1, "seed": 5}
    desks, sheets = [], []
    for model in ("dense", "denoising"):
        sheet, _, desk, *_ = show(opened(gallery, model), PICTURES[1], value, [])
        desks.append(split(desk["desk"]["pictures"]))
        sheets.append(sheet["sheet"]["pictures"])
    (damaged, rebuilt), (same, other) = desks
    assert damaged == same
    assert rebuilt != other
    assert sheets[0] != sheets[1]
    again = show(opened(gallery, "dense"), PICTURES[1], {**value, "seed": 6}, [])[2]["desk"]["pictures"]
    assert split(again)[0] != damaged


def split(pictures: str) -> tuple[bytes, bytes]:
    pixels = base64.b64decode(pictures)
    return pixels[:784], pixels[784:]


def test_the_live_pictures_are_those_of_the_view(explorer: Explorer) -> None:
    current = explorer.current(Session(model="denoising", variant="denoising"))
    for value in ({**NOTHING, "noise": 0.3}, {**NOTHING, "turn": -35, "block": 6, "blur": 1.2}):
        desk = show(current, PICTURES[0], value, [])[2]["desk"]
        assert at_once(explorer, [desk["model"], desk["input"], value]) == desk["pictures"]


@pytest.mark.parametrize("picture", ["", "AAAA", "%%%", "A" * 2000])
def test_a_picture_of_another_size_is_refused(explorer: Explorer, picture: str) -> None:
    with pytest.raises(ValueError, match="a picture must be base64 of 784 grey values"):
        at_once(explorer, ["dense", picture, NOTHING])


@pytest.mark.parametrize("asked", [None, [], ["dense", "AA"], ["dense", 3, {}], {"model": "dense"}])
def test_a_question_of_another_form_is_refused(explorer: Explorer, asked: object) -> None:
    with pytest.raises(ValueError, match="damage needs a model, a picture and the sliders' numbers"):
        at_once(explorer, asked)


def test_ten_digits_have_a_row_for_each_answer_and_a_frame_each(gallery: Gallery) -> None:
    sheet = show(opened(gallery, "denoising"), PICTURES[1], {**NOTHING, "noise": 0.4}, [])[0]["sheet"]
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
    late = [41.0] * 7 + [9, 7]
    assert crossing(nothing, [late], 2.0, "px") == "At 1.6, 2 (px) doing nothing beats every model drawn here."
    both = crossing(nothing, [[30.0] * 7 + [9, 9]], 1.0, "σ")
    assert both.startswith("**Up to 0.05 (σ) doing nothing beats every model drawn here**")
    assert both.endswith("At 0.8 (σ) doing nothing beats every model drawn here, again.")


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("noise", 1.5, "gaussian noise must be a number from 0 to 1, got 1.5"),
        ("noise", float("nan"), "gaussian noise must be a number from 0 to 1, got nan"),
        ("random", True, "salt and pepper must be a number"),
        ("turn", None, "turn must be a number from -180 to 180, got None"),
        ("block", 2.5, "black block must be a whole number from 0 to 20, got 2.5"),
        ("down", "8", "shift down must be a whole number from -14 to 14"),
        ("seed", -1, "seed must be a whole number from 0 to 999, got -1"),
        ("left", 28, "left of the block must be a whole number from 0 to 27, got 28"),
        ("top", {}, "top of the block must be a whole number"),
    ],
)
def test_what_no_slider_sends_is_refused(name: str, value: object, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        damage_of({**NOTHING, name: value})
    with pytest.raises(ValueError, match="must be a"):
        damage_of({key: 0 for key in NOTHING if key != name})


def test_other_choices_than_those_on_offer_are_refused(gallery: Gallery) -> None:
    current = opened(gallery, "linear")
    with pytest.raises(ValueError, match="the pictures must be one of the input, ten test digits"):
        show(current, "all", NOTHING, [])
    with pytest.raises(ValueError, match="the damage must be names with their numbers, got 3"):
        show(current, PICTURES[0], 3, [])
    with pytest.raises(ValueError, match="the damage must be one of Gaussian noise"):
        curves(current, "rain", [], 0)
    with pytest.raises(ValueError, match="the models must be some of those on offer"):
        curves(current, "blur", ["../secret"], 0)
