"""Variants are found by themselves, in the picker's order, and asked for by name."""

from __future__ import annotations

import resource
from pathlib import Path
from typing import Any

import pytest
import torch

from explorer.models import variants as package
from explorer.models.registry import GROUPS, named, parameter_count, variant, variants
from explorer.models.variants.dense import DenseConfig


def test_every_file_is_a_variant_under_its_own_name() -> None:
    files = {file.stem for folder in package.__path__ for file in Path(folder).glob("*.py")} - {"__init__"}
    assert set(variants()) == files
    assert all(found.name == name for name, found in variants().items())


def test_they_come_group_by_group_and_no_two_share_a_place() -> None:
    places = [(GROUPS.index(found.group), found.order) for found in variants().values()]
    assert places == sorted(set(places))
    assert {found.group for found in variants().values()} == set(GROUPS)


def test_titles_and_summaries_are_told_apart() -> None:
    assert len({found.title for found in variants().values()}) == len(variants())
    assert len({found.summary for found in variants().values()}) == len(variants())


@pytest.mark.parametrize("name", ["", "Dense", "explorer.models.base", "../dense", None, 3, ["dense"], "x" * 10**6])
def test_an_unknown_name_is_refused_with_those_there_are(name: Any) -> None:
    with pytest.raises(ValueError, match="variant must be one of linear, dense") as refusal:
        named(name)
    assert len(str(refusal.value)) < 250


def test_the_list_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        variants()["mine"] = named("dense")  # type: ignore[index]


def test_an_unknown_group_is_refused() -> None:
    dense = named("dense")
    with pytest.raises(ValueError, match="group must be one of squeeze, constrain, damage"):
        variant("Mine", group="mine", order=0, summary="", config=dense.config, training=dense.training)


def test_counting_parameters_takes_no_memory_and_draws_nothing() -> None:
    before, state = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, torch.get_rng_state()
    assert parameter_count(named("dense"), DenseConfig(latent_dim=64)) == 101_200
    assert parameter_count(named("k_sparse"), named("k_sparse").config()) == 1000 * 784 + 784
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 2000  # kilobytes; the weights would be 3,500
    assert torch.equal(state, torch.get_rng_state())
