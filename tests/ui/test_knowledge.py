"""What the code knows: what the server refuses to read, what it answers, and the sentences that the figures make."""

from __future__ import annotations

import base64
import json
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from explorer.analysis.codes import codes
from explorer.analysis.knowledge import answers
from explorer.analysis.reports import PIXEL_SPACE, measured_model, measured_space, space_of
from explorer.data.digits import embedded
from explorer.models.checkpoint import CheckpointError
from explorer.training.jobs import Jobs, JobView
from explorer.training.store import RunStore
from explorer.ui import knowledge
from explorer.ui.explorer import Explorer
from explorer.ui.gallery import SHIPPED, Gallery
from explorer.ui.library import Library
from explorer.ui.session import Current
from explorer.ui.views.knowledge import everyone, follow, measure, read, render


@pytest.fixture(scope="module")
def explorer(tmp_path_factory: pytest.TempPathFactory) -> Explorer:
    library = Library()
    library.dataset = embedded()
    return Explorer(library, Gallery(RunStore(tmp_path_factory.mktemp("runs"))), Jobs())


def report(*right: int, size: int = 16, tested: int = 10_000) -> dict[str, Any]:
    return {"size": size, "tested": tested, "right": {"1000": {"linear": list(right)}}}


def test_a_reading_is_that_of_the_labelled_digits_codes(explorer: Explorer) -> None:
    given = read(explorer, ["linear", 100, 2, "neighbours"])
    assert set(given) == {"1", "3", "5", "10"}
    model, digits = explorer.gallery.open("linear", embedded()).model, embedded()
    ours = answers(space_of(partial(codes, model), digits, 100, 2), ["3"])["3"]
    assert np.frombuffer(base64.b64decode(given["3"]), np.uint8).tolist() == ours.tolist()
    assert float((ours == torch.from_numpy(digits.test_labels.astype("int64"))).float().mean()) > 0.5


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (None, "a reading needs a list of 4"),
        (["linear", 100, 0], "a reading needs a list of 4"),
        ([3, 100, 0, "linear"], "begins with a model"),
        (["linear", 50, 0, "linear"], "must be one of 10, 100, 1000, got 50"),
        (["linear", 10_000, 0, "linear"], "must be one of 10, 100, 1000, got 10000"),
        (["linear", True, 0, "linear"], "got True"),
        (["linear", [], 0, "linear"], "the number of labels"),
        (["linear", 100, 5, "linear"], "the draw must be a whole number from 0 to 4, got 5"),
        (["linear", 100, -1, "linear"], "got -1"),
        (["linear", 100, 1.0, "linear"], "got 1.0"),
        (["linear", 100, 0, "forest"], "the classifier must be one of linear, neighbours"),
        (["linear", 100, 0, {}], "the classifier must be"),
    ],
)
def test_a_reading_that_the_page_does_not_offer_is_refused(explorer: Explorer, asked: object, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        read(explorer, asked)


@pytest.mark.parametrize("work", [read, measure, follow, everyone])
def test_an_unknown_model_is_refused(explorer: Explorer, work: Any) -> None:
    lengths = {read: 4, measure: 1, follow: 2, everyone: 1}
    with pytest.raises(CheckpointError, match="no longer kept"):
        work(explorer, ["../secret", 100, 0, "linear"][: lengths[work]])


@pytest.mark.parametrize(("job", "words"), [(7, "the job must be named"), ("nothing", "no longer known")])
def test_a_job_that_does_not_exist_is_refused(explorer: Explorer, job: object, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        follow(explorer, ["linear", job])


def test_what_a_worker_measured_is_shown_to_everybody(tmp_path: Path) -> None:
    digits, gallery = embedded(), Gallery(RunStore(tmp_path))
    exhibit = gallery.open("dense-2d", digits)
    current = Current(exhibit, digits, 0, "", "label", gallery)
    (before,) = render(current)
    assert before["desk"]["told"] is None
    spaces = {
        exhibit.card.weights_sha256: measured_model(exhibit.model, digits),
        PIXEL_SPACE: measured_space(PIXEL_SPACE, digits),
        "pca-2": measured_space("pca-2", digits),
    }
    knowledge.add_reports(digits, spaces)
    (after,) = render(current)
    told = after["desk"]["told"]
    assert set(told["words"]) == {"10", "100", "1000"}
    assert told["heaps"]["pca"] == [spaces["pca-2"][name] for name in ("purity", "nmi", "ari")]
    assert "needs codes with a known distribution" in after["desk"]["lack"]
    rows = knowledge.everyone(gallery, digits, exhibit)["rows"]
    assert {(row["id"], row["title"]) for row in rows} >= {("dense-2d", "2 numbers"), ("", "2 components")}


def test_every_shipped_model_stands_in_the_table_with_its_figures(tmp_path: Path, mnist: Any) -> None:
    gallery = Gallery(RunStore(tmp_path))
    found = knowledge.everyone(gallery, mnist, gallery.open("linear", mnist))
    kept = json.loads((SHIPPED / "knowledge.reports").read_bytes())["reports"]
    rows = {row["id"]: row for row in found["rows"] if row["id"]}
    assert set(rows) == {name for name, card in gallery.shipped.items() if card.weights_sha256 in kept}
    right = kept[gallery.shipped["linear"].weights_sha256]["right"]["100"]["5"]
    assert rows["linear"]["shares"]["100"]["5"] == pytest.approx(sum(right) / 50_000)
    assert "contractive penalty" in found["words"]


@pytest.mark.parametrize(
    ("ours", "theirs", "words"),
    [
        ((9000, 9100), (8000, 8100), "gains 10.0 points, in 2 of 2 draws"),
        ((8400, 8450), (8500, 8310), "makes no difference that 10,000 test digits could show (+0.2 points)"),
        ((7000, 9000), (8500, 8300), "loses 4.0 points, in 1 of 2 draws"),
        ((5000,), (8000,), "loses 30.0 points"),
        ((8000,), (8050,), "makes no difference that 10,000 test digits could show (−0.5 points)"),
    ],
)
def test_a_difference_is_called_one_only_where_the_test_digits_can_show_it(
    ours: tuple[int, ...], theirs: tuple[int, ...], words: str
) -> None:
    assert knowledge.difference(ours, theirs, 10_000) == words


def test_the_sentence_says_who_reads_what(tmp_path: Path) -> None:
    reports = {"code": report(9000, 9200), "pca": report(9000, 9200), "pixels": report(8000, 8400, size=784)}
    words = knowledge.compared(reports, 1000, "linear")
    assert "a linear classifier reads **91.0\u00a0%** of the test digits from this model's 16 numbers" in words
    assert "Against raw pixels the code gains 9.0 points, in 2 of 2 draws." in words
    assert "Against 16 principal components the code makes no difference" in words
    wide = {**reports, "code": report(9000, 9200, size=1000)}
    assert "are the pixels, turned" in knowledge.compared(wide, 1000, "linear")
    assert knowledge.in_words("10", 10) == "the nearest labelled digit"
    assert knowledge.in_words("10", 100) == "a vote of the 10 nearest labelled digits"


@pytest.mark.parametrize(
    ("bell", "near", "words"),
    [
        ([60, 61], [80, 82], "one bell curve a digit harm, digits drawn near the code of one real digit each help."),
        ([60, 75], [69, 71], "a digit neither help nor harm reliably, digits drawn near the code of one"),
    ],
)
def test_lessons_help_only_if_they_help_in_every_draw(bell: list[int], near: list[int], words: str) -> None:
    lessons = {name: {"linear": right} for name, right in (("alone", [70, 70]), ("bell", bell), ("near", near))}
    code = {"tested": 100, "right": {"100": {"linear": [50, 52]}}, "lessons": lessons}
    found = knowledge.about_lessons({"code": code}, "linear")
    assert words in found["words"]
    assert found["rows"][0][1] == "70.0\u00a0%"
    assert found["rows"][-1][1] == "51.0\u00a0%"


def test_who_asks_while_a_model_is_measured_follows_the_same_measurement(
    explorer: Explorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = {"first": JobView("done", 0, (), 0, ""), "second": JobView("queued", 1, (), 0, "")}
    monkeypatch.setattr(explorer.jobs, "list", lambda owner: tuple(looks) if owner == "knowledge linear" else ())
    monkeypatch.setattr(explorer.jobs, "look", looks.__getitem__)
    monkeypatch.setattr(explorer.jobs, "submit_task", lambda *_, owner: f"new of {owner}")
    assert measure(explorer, ["linear"]) == {"job": "second"}
    assert measure(explorer, ["dense"]) == {"job": "new of knowledge dense"}
