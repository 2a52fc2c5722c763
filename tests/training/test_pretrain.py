"""What is shipped is what the recipes say."""

from __future__ import annotations

from pathlib import Path

import pytest

from explorer.data.dataset import Dataset
from explorer.models.checkpoint import load
from explorer.models.registry import variants
from explorer.training import pretrain
from explorer.training.evaluate import evaluate
from explorer.training.pretrain import FOLDER, train
from explorer.training.runs import RunSpec
from explorer.training.shipped import FAILURES, SHIPPED, Shipped


@pytest.mark.parametrize("name", pretrain.ALL)
def test_a_shipped_model_is_the_one_its_recipe_makes(name: str) -> None:
    model, card = load(FOLDER, name)
    recipe = pretrain.ALL[name]
    config, training = recipe.spec().checked()
    assert (card.name, card.title, card.variant) == (name, recipe.title, recipe.variant)
    assert (card.settings, card.training) == (config.as_dict(), training.as_dict())
    assert (card.dataset, card.epochs) == ("mnist", 0 if name == "diverged" else training.epochs)
    assert model.config == config


def test_every_variant_is_shipped_and_nothing_else_lies_there() -> None:
    assert {shipped.variant for shipped in SHIPPED.values()} == set(variants())
    assert len({shipped.spec().key for shipped in SHIPPED.values()}) == len(SHIPPED)
    assert {file.stem for file in FOLDER.glob("*.safetensors")} == set(pretrain.ALL)
    sizes = {file: file.stat().st_size for file in FOLDER.iterdir()}
    models = {file: size for file, size in sizes.items() if file.stem in SHIPPED and file.suffix != ".replay"}
    assert sum(models.values()) <= 26 * 10**6
    assert sum(sizes.values()) <= 36 * 10**6
    assert sum(file.stat().st_size for file in FOLDER.rglob("*") if file.is_file()) < 40 * 2**20


def test_a_small_model_is_kept_in_8_bits_and_its_figures_are_those_of_what_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, digits: Dataset
) -> None:
    run = RunSpec("linear", {"latent_dim": 32}, {"epochs": 1, "batch_size": 512}, "digits")
    monkeypatch.setattr(Shipped, "spec", lambda _: run)
    usual, small = (
        train(name, Shipped("linear", "32", small=name == "small"), tmp_path) for name in ("usual", "small")
    )
    sizes = [(tmp_path / f"{card.name}.safetensors").stat().st_size for card in (usual, small)]
    assert sizes[1] < 0.65 * sizes[0]
    assert small.figures != usual.figures
    assert small.figures == evaluate(load(tmp_path, "small")[0], digits.test_images)


@pytest.mark.parametrize("name", FAILURES)
def test_an_exhibit_says_what_went_wrong_and_its_cure_differs(name: str) -> None:
    failure = FAILURES[name]
    assert len(failure.cause) > 80
    assert len(failure.cure) > 20
    assert failure.cured_spec().key != failure.spec().key
    failure.cured_spec().checked()


def test_a_model_is_trained_and_written_with_its_card(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small = RunSpec("linear", {"latent_dim": 2}, {"epochs": 1, "batch_size": 512}, "digits")
    monkeypatch.setattr(Shipped, "spec", lambda _: small)
    card = train("linear-2d", Shipped("linear", "2 numbers"), tmp_path)
    assert load(tmp_path, "linear-2d")[1] == card
    assert (card.name, card.title, card.variant, card.epochs) == ("linear-2d", "2 numbers", "linear", 1)
