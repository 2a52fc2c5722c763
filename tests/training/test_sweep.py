"""The sweep's checkpoints are what its table says, and no visitor meets them as models."""

from __future__ import annotations

from pathlib import Path

import pytest

from explorer.models.checkpoint import load
from explorer.training import pretrain
from explorer.training.store import RunStore
from explorer.training.sweep import CODE_SIZES, FAMILIES, SWEEP, name_of, recipe
from explorer.ui.gallery import Gallery

ALL = [(family, k) for family in FAMILIES for k in CODE_SIZES]


@pytest.mark.parametrize(("family", "k"), ALL)
def test_a_checkpoint_is_the_one_its_recipe_makes(family: str, k: int) -> None:
    model, card = load(SWEEP, name_of(family, k))
    config, training = recipe(family, k).spec().checked()
    assert (card.name, card.title, card.variant) == (f"{family}-{k}", recipe(family, k).title, family)
    assert (card.settings, card.training) == (config.as_dict(), training.as_dict())
    assert (card.dataset, card.epochs, card.tested) == ("mnist", training.epochs, 10_000)
    assert (model.config, config.as_dict()["latent_dim"]) == (config, k)


def test_only_the_size_of_the_code_differs_within_a_family() -> None:
    for family in FAMILIES:
        specs = [recipe(family, k).spec() for k in CODE_SIZES]
        assert all({**spec.settings, "latent_dim": 1} == specs[0].settings for spec in specs)
        assert all(spec.training == specs[0].training for spec in specs)


def test_a_larger_code_never_has_the_larger_error() -> None:
    for family in FAMILIES:
        errors = [load(SWEEP, name_of(family, k))[1].figures["mse"] for k in CODE_SIZES]
        assert errors == sorted(errors, reverse=True)


def test_nothing_else_lies_there_and_all_of_it_is_small() -> None:
    files = list(SWEEP.iterdir())
    names = {name_of(*one) for one in ALL}
    assert {file.name for file in files} == {f"{name}.{kind}" for name in names for kind in ("json", "safetensors")}
    assert sum(file.stat().st_size for file in files) <= 12 * 10**6


def test_no_visitor_meets_them_as_models(tmp_path: Path) -> None:
    gallery = Gallery(RunStore(tmp_path))
    assert gallery.shipped.keys() == pretrain.ALL.keys()
    assert not gallery.broken
