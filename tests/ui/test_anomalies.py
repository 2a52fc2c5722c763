"""Anomalies: scores, groups and words fit each other, whoever judges; and what its controls refuse."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from explorer.analysis.anomaly import BOUND, DISTANCE, ERROR, PER_INK, PER_ROOT, SCORES
from explorer.data.digits import embedded
from explorer.data.mnist import available
from explorer.training.store import RunStore
from explorer.ui.anomalies import LETTERS, MODES, NOISE, SHOWN, SOURCES, TURNED, UNSEEN, bench, judge_for, lesson
from explorer.ui.gallery import Gallery
from explorer.ui.session import Current
from explorer.ui.views.anomalies import show

DIGIT, SOURCE, SCORE, THRESHOLD, WORDS, NORMAL, FOREIGN = range(7)


@pytest.fixture(scope="module")
def gallery(tmp_path_factory: pytest.TempPathFactory) -> Gallery:
    return Gallery(RunStore(tmp_path_factory.mktemp("runs")))


def opened(gallery: Gallery, model: str = "dense", own: bytes = b"") -> Current:
    return Current(gallery.open(model, embedded()), embedded(), 3, "", "label", gallery, own)


def floats(text: str) -> np.ndarray[Any, np.dtype[np.float32]]:
    return np.frombuffer(base64.b64decode(text), "<f4")


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("mode", MODES[:2])
def test_what_is_sent_is_in_order_and_has_the_area_that_is_said(gallery: Gallery, mode: str, source: str) -> None:
    sent = show(opened(gallery), mode, "4", source, ERROR)[THRESHOLD]["scores"]
    normal, foreign = floats(sent["normal"]), floats(sent["foreign"])
    assert len(normal) == (30 if mode == MODES[0] else 270)
    assert (np.diff(normal) >= 0).all()
    assert (np.diff(foreign) >= 0).all()
    truth = np.r_[np.zeros(len(normal)), np.ones(len(foreign))]
    assert sent["auc"] == pytest.approx(roc_auc_score(truth, np.r_[normal, foreign]), abs=1e-6)
    low, high = sent["shown"]
    assert low == pytest.approx(min(normal[0], foreign[0]))
    assert normal[0] < high


def test_the_sheets_show_both_ends_and_name_test_digits_where_they_are_some(gallery: Gallery) -> None:
    current = opened(gallery)
    answers = show(current, MODES[0], "4", UNSEEN, ERROR)
    labels = current.dataset.test_labels
    for side, is_four in ((NORMAL, True), (FOREIGN, False)):
        sheet = answers[side]["sheet"]
        assert answers[side].get("choosable", True)
        assert len(sheet["ids"]) == 2 * SHOWN
        assert {bool(labels[i] == 4) for i in sheet["ids"]} == {is_four}
        pictures = np.frombuffer(base64.b64decode(sheet["pictures"]), np.uint8).reshape(2 * SHOWN, 784)
        assert (pictures == current.dataset.test_images[sheet["ids"]].reshape(2 * SHOWN, 784)).all()
    for source in (TURNED, LETTERS, NOISE):
        answers = show(current, MODES[0], "4", source, ERROR)
        assert answers[FOREIGN]["choosable"] is False


def test_a_choice_that_the_judge_does_not_have_gives_way(gallery: Gallery) -> None:
    plain = show(opened(gallery), MODES[0], "4", UNSEEN, BOUND)
    assert plain[SCORE]["value"] == ERROR
    assert BOUND not in [choice[0] if isinstance(choice, tuple) else choice for choice in plain[SCORE]["choices"]]
    everything = show(opened(gallery, "variational"), MODES[2], "4", UNSEEN, BOUND)
    assert everything[SCORE]["value"] == BOUND
    assert everything[SOURCE]["value"] == TURNED, "no digit is foreign to a model that knows all"
    assert everything[DIGIT]["visible"] is False


@pytest.mark.parametrize("score", SCORES)
@pytest.mark.parametrize("model", ["variational", "masked", "diverged", "all-black"])
def test_the_open_model_judges_by_every_score_that_it_has(gallery: Gallery, model: str, score: str) -> None:
    sent = show(opened(gallery, model), MODES[2], "0", LETTERS, score)[THRESHOLD]["scores"]
    assert len(floats(sent["normal"])) == 300
    assert np.isfinite([*floats(sent["normal"]), *floats(sent["foreign"]), sent["own"], *sent["shown"]]).all()


def test_the_inputs_own_score_is_that_of_the_same_digit_in_its_group(gallery: Gallery) -> None:
    current = opened(gallery)
    label = current.label
    for score in (ERROR, PER_INK, PER_ROOT, DISTANCE):
        sent = show(current, MODES[0], str(label), UNSEEN, score)[THRESHOLD]["scores"]
        assert np.abs(floats(sent["normal"]) - sent["own"]).min() < 1e-4 * sent["own"]
        assert sent["is_foreign"] is False
    assert show(current, MODES[1], str(label), UNSEEN, ERROR)[THRESHOLD]["scores"]["is_foreign"] is True
    drawn = opened(gallery, own=bytes(392) + bytes([200]) * 392)
    assert show(drawn, MODES[1], "1", UNSEEN, ERROR)[THRESHOLD]["scores"]["is_foreign"] is None


def test_the_words_own_up_to_the_stand_in_digits(gallery: Gallery) -> None:
    assert "stand-in digits" in show(opened(gallery), MODES[1], "1", UNSEEN, ERROR)[WORDS]
    assert "stand-in digits" not in show(opened(gallery), MODES[2], "1", LETTERS, ERROR)[WORDS]


def test_a_left_out_one_is_rebuilt_too_well_and_the_ink_says_why(gallery: Gallery) -> None:
    mnist = available()
    if mnist is None:
        pytest.skip("the lesson is MNIST's, which is not on this machine")
    current = Current(gallery.open("dense", mnist), mnist, 3, "", "label", gallery)
    seen = bench(judge_for(current, MODES[1], 1), ERROR, UNSEEN, mnist)
    assert seen.auc < 0.5
    assert seen.auc_per_ink > seen.auc + 0.2
    ones = mnist.test_images[mnist.test_labels == 1]
    assert seen.foreign.ink == pytest.approx(ones.mean() / 255, rel=1e-4)
    said = lesson(seen, ERROR)
    assert "Worse than a coin, and here is why" in said
    assert f"{ones.mean() / 255:.1%} of the picture" in said
    zero = bench(judge_for(current, MODES[1], 0), ERROR, UNSEEN, mnist)
    assert "Worse" not in lesson(zero, ERROR)


def test_no_cause_is_invented_for_a_model_that_builds_nothing(gallery: Gallery) -> None:
    current = opened(gallery, "all-black")
    seen = bench(judge_for(current, MODES[2], 0), ERROR, NOISE, current.dataset)
    assert seen.auc == pytest.approx(0.5, abs=0.01)
    assert seen.unbuilt == pytest.approx(1, abs=0.05)
    said = lesson(seen, ERROR)
    assert "Worse than a coin" not in said
    assert said.endswith("This score hardly tells what the model never saw from what it knows.")
    for score in (PER_INK, PER_ROOT):
        again = bench(judge_for(current, MODES[2], 0), score, NOISE, current.dataset)
        assert again.unbuilt == pytest.approx(seen.unbuilt, rel=1e-4)


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        (("both", "3", UNSEEN, ERROR), "mode must be one of"),
        ((None, "3", UNSEEN, ERROR), "mode must be one of"),
        ((MODES[0], "10", UNSEEN, ERROR), "the digit must be one of 0 to 9"),
        ((MODES[0], 3, UNSEEN, ERROR), "the digit must be one of 0 to 9"),
        ((MODES[0], "../3", UNSEEN, ERROR), "the digit must be one of 0 to 9"),
        ((MODES[0], "3", "cats", ERROR), "foreign must be one of"),
        ((MODES[0], "3", ["letters"], ERROR), "foreign must be one of"),
        ((MODES[0], "3", UNSEEN, {"score": 1}), "score must be one of"),
        ((MODES[0], "3", UNSEEN, float("nan")), "score must be one of"),
    ],
)
def test_what_no_control_sends_is_refused(gallery: Gallery, asked: tuple[object, ...], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        show(opened(gallery), *asked)
