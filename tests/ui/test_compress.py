"""Compress: the words follow the figures, the live answer is the view's, and what its controls refuse."""

from __future__ import annotations

import base64
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from explorer.analysis.rate import png_bytes
from explorer.data.dataset import Dataset
from explorer.data.digits import embedded
from explorer.training.jobs import Jobs
from explorer.training.store import RunStore
from explorer.ui import compressed
from explorer.ui.compressed import byte, coder, curve, rivals, squeezed
from explorer.ui.explorer import Explorer
from explorer.ui.gallery import Gallery
from explorer.ui.library import Library
from explorer.ui.rates import about, chart, chosen_rates, offered, one_of_each_variant, rate, verdict
from explorer.ui.session import Current, Session
from explorer.ui.views.compress import all_variants, at_once, bits_of, show

PNG, WHOLE, OWN, PCA, DCT = range(5)


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


def said(current: Current, bits: int) -> str:
    return verdict(rate(current.exhibit, current), bits, rivals(current.dataset))


def test_what_was_fitted_beforehand_is_not_fitted_again(gallery: Gallery, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compressed, "BREATH", 0.0)
    monkeypatch.setattr(gallery, "shipped", {name: gallery.shipped[name] for name in ("linear", "masked", "dense")})
    compressed.fit_all(gallery, embedded())
    monkeypatch.setattr(compressed, "ModelCoder", no_work)
    monkeypatch.setattr(compressed, "PcaCoder", no_work)
    for model in ("linear", "dense"):
        assert len(curve(gallery.open(model, embedded()), embedded())) == 17
    assert rivals(embedded()).png > 0


def test_all_is_fitted_again_once_mnist_has_come_and_a_failure_ends_nothing(
    explorer: Explorer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    first, then = embedded(), replace(embedded(), name="mnist", sha256="of MNIST")
    library, fitted = SimpleNamespace(dataset=first), list[Dataset]()

    def fit(_: Gallery, dataset: Dataset) -> None:
        fitted.append(dataset)
        raise RuntimeError("no room")

    monkeypatch.setattr(compressed, "fit_all", fit)
    monkeypatch.setattr("explorer.ui.compressed.os.setpriority", lambda *_: None)
    monkeypatch.setattr("explorer.ui.compressed.time.sleep", lambda _: setattr(library, "dataset", then))
    compressed.prepare(replace(explorer, library=library))  # type: ignore[arg-type]
    assert fitted == [first, then]
    assert caplog.text.count("could not be fitted beforehand") == 2


@pytest.mark.parametrize(("model", "numbers"), [("linear", 16), ("dense", 64)])
def test_rivals_never_get_more_bits_unless_they_say_so(gallery: Gallery, model: str, numbers: int) -> None:
    current = opened(gallery, model)
    x = current.batch([*range(6)])
    for bits in (1, 4, 16):
        found = squeezed(current.exhibit, current.dataset, x, bits)
        assert found[OWN].bits.tolist() == [numbers * bits] * 6
        assert bool((found[PCA].bits <= found[OWN].bits).all())
        for spent, note in zip(found[DCT].bits, found[DCT].notes, strict=True):
            assert (float(spent) > numbers * bits) == note.endswith("cannot be smaller")


def test_the_first_picture_is_exact_and_as_long_as_its_file(gallery: Gallery) -> None:
    current = opened(gallery, "linear")
    found = squeezed(current.exhibit, current.dataset, current.x, 4)[PNG]
    assert bool((found.images == current.x).all())
    assert found.figures == [f"{png_bytes(current.dataset.test_images[3:4])[0]} bytes, exact"]


def test_sixteen_bits_show_what_the_unrounded_code_shows(gallery: Gallery) -> None:
    for model in ("variational", "k_sparse"):
        current = opened(gallery, model)
        found = squeezed(current.exhibit, current.dataset, current.x, 16)
        known = coder(current.exhibit, current.dataset)
        z = known.model.encode(current.x)
        clipped = z.clamp(known.quantiser(16).low, known.quantiser(16).high)
        inside = torch.where(z == 0, z, clipped) if known.quantiser(16).is_sparse else clipped
        with torch.inference_mode():
            expected = known.model.decode(inside).clamp(0, 1)
        torch.testing.assert_close(found[OWN].images, expected, atol=2e-3, rtol=0)


def test_words_say_how_many_bits_are_enough(gallery: Gallery) -> None:
    current = opened(gallery, "dense")
    few, many = said(current, 1), said(current, 16)
    assert "dB; rounding takes" in few.replace("**", "")
    assert "bits a number on," in few
    assert "rounding takes next to nothing" in many
    assert "bits a number would do" in many
    assert "Not counted: the decoder's weights" in few
    assert "is told by" not in few
    assert "is told by a list of their places" in said(opened(gallery, "k_sparse"), 4)


def test_a_code_that_is_longer_than_the_png_is_called_so(gallery: Gallery) -> None:
    assert "this code is larger" in said(opened(gallery, "overcomplete"), 16)
    assert "this code is larger" not in said(opened(gallery, "linear"), 16)


def test_the_live_answer_is_the_one_of_the_view(explorer: Explorer) -> None:
    current = explorer.current(Session(model="convolutional", variant="convolutional"))
    for bits in (2, 9):
        panel, *_ = show(current, {"bits": bits}, [])
        desk = panel["desk"]
        assert at_once(explorer, [desk["model"], desk["input"], bits]) == desk["answer"]
        pixels = np.frombuffer(base64.b64decode(desk["answer"]["pictures"]), np.uint8)
        assert pixels.size == 5 * 784 == 784 * len(desk["answer"]["captions"])


def test_ten_digits_have_a_row_for_each_way(gallery: Gallery) -> None:
    sheet = show(opened(gallery, "linear"), {"bits": 3}, [])[3]["sheet"]
    assert (sheet["columns"], len(sheet["rows"]), len(sheet["captions"])) == (10, 5, 50)


def test_the_ring_is_on_the_first_curve_at_these_bits(gallery: Gallery) -> None:
    current = opened(gallery, "dense")
    figure = chart([rate(current.exhibit, current)], rivals(current.dataset), 5)
    own, ring = figure["data"][0], figure["data"][-1]
    assert own["customdata"] == list(range(1, 17))
    assert own["x"] == [8.0 * bits for bits in range(1, 17)]
    assert (ring["x"], ring["y"]) == ([own["x"][4]], [own["y"][4]])


def test_the_curve_is_of_the_chosen_models_and_the_current_one(gallery: Gallery) -> None:
    figure = show(opened(gallery, "linear"), {"bits": 3}, ["dense", "linear"])[2]["value"]
    names = [line["name"].split(",")[0] for line in figure["data"]]
    assert names == ["Linear", "Dense", "the first", "PCA", "DCT", "this setting"]


def test_all_variants_are_those_with_a_decoder(gallery: Gallery) -> None:
    current = opened(gallery, "linear")
    models = one_of_each_variant(current)
    assert len(models) == 10
    assert not any(model == "masked" for _, model in offered(gallery))
    chosen, figure, table = all_variants(current, {"bits": 4})
    assert chosen["value"] == models
    assert len(figure["value"]["data"]) == len(models) + 4
    rows = [line.split(" | ") for line in table.splitlines()[2:] if line.startswith("|")]
    assert len(rows) == len(models)
    sizes = [float(row[3]) for row in rows]
    assert sizes == sorted(sizes)


def test_bytes_are_said_with_fractions_only_where_they_count() -> None:
    assert [byte(one) for one in (0.25, 1, 1.75, 24, 266.96, 1250)] == [
        "0.25 bytes",
        "1 byte",
        "1.8 bytes",
        "24 bytes",
        "267 bytes",
        "1,250 bytes",
    ]
    assert about(360_284) == "360,000"


@pytest.mark.parametrize("value", [0, 17, 2.5, True, "4", None, float("nan")])
def test_bits_that_the_slider_does_not_have_are_refused(value: object) -> None:
    with pytest.raises(ValueError, match="the bits of a number must be a whole number from 1 to 16"):
        bits_of({"bits": value})
    with pytest.raises(ValueError, match="the bits of a number"):
        bits_of(value)


@pytest.mark.parametrize("asked", [None, [], ["dense", "AA"], [3, "AA", 4], {"model": "dense"}])
def test_a_question_of_another_form_is_refused(explorer: Explorer, asked: object) -> None:
    with pytest.raises(ValueError, match="squeeze needs a model, a picture and bits"):
        at_once(explorer, asked)


def test_what_is_not_on_offer_is_refused(gallery: Gallery, explorer: Explorer) -> None:
    current, picture = opened(gallery, "linear"), base64.b64encode(bytes(784)).decode()
    for models in (["../secret"], ["masked"], "dense", [3], None):
        with pytest.raises(ValueError, match="the models must be some of those on offer"):
            chosen_rates(current, models)
    for nonsense in ("dense", None, {"dense": 1}):
        with pytest.raises(ValueError, match="the choice must be a list of names"):
            show(current, {"bits": 4}, nonsense)
    with pytest.raises(ValueError, match="a picture must be base64 of 784 grey values"):
        at_once(explorer, ["dense", "AAAA", 4])
    with pytest.raises(ValueError, match="this model has no decoder"):
        at_once(explorer, ["masked", picture, 4])
    with pytest.raises(ValueError, match="the bits of a number"):
        at_once(explorer, ["dense", picture, 99])
