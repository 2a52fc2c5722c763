"""Grids of runs: which runs they are, and what is written of them."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from explorer.models.parcel import unwrap
from explorer.models.registry import named
from explorer.training.grid import MOST, carried_out, parsed, runs, trained, write_table
from explorer.training.jobs import Jobs
from explorer.training.runs import RunSpec


def test_a_grid_is_every_combination_once() -> None:
    grid = dict(map(parsed, ["latent_dim=2,8", "beta=0.5,1,4", "epochs=3"]))
    made = list(runs(["dense", "variational"], grid).values())
    assert [(run.variant, *run.settings.values()) for run in made] == [
        *(("dense", size) for size in (2, 8)),  # it has no beta
        *(("variational", size, beta) for size in (2, 8) for beta in (0.5, 1, 4)),
    ]
    assert {run.training["epochs"] for run in made} == {3}
    assert {run.training["learning_rate"] for run in made if run.variant == "dense"} == {
        named("dense").training.learning_rate
    }


@pytest.mark.parametrize(
    ("variants", "grid", "words"),
    [
        (["dense"], {"colour": [1]}, "colour"),
        (["nonsense"], {}, "nonsense"),
        (["dense"], {"latent_dim": [10**9]}, "latent_dim"),
        (["dense"], {"seed": range(MOST + 1)}, "limit"),
        (["dense", "variational"], {"warmup": [0.1]}, "warmup is something else to variational than to dense"),
    ],
)
def test_a_grid_that_cannot_be_trained_is_refused_before_the_first_run(
    variants: list[str], grid: dict[str, list[int]], words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        runs(variants, grid)


def test_a_knob_on_the_command_line_is_a_name_and_values() -> None:
    assert parsed("code=linear,sigmoid") == ("code", ["linear", "sigmoid"])
    assert parsed("beta=1e-3, 2,true") == ("beta", [1e-3, 2, True])
    with pytest.raises(ValueError, match="name=value"):
        parsed("beta")


def test_a_grid_writes_models_and_a_table_and_trains_only_what_is_missing(tmp_path: Path) -> None:
    specs = runs(["linear"], {"latent_dim": [2, 16], "epochs": [1]}, "digits")
    jobs = Jobs(trained, workers=1)
    try:
        rows = list(carried_out(jobs, specs, tmp_path))
    finally:
        jobs.close()
    assert [row["status"] for row in rows] == ["done", "done"]
    write_table(rows, tmp_path)
    assert json.loads((tmp_path / "table.json").read_text()) == rows
    told = {row["name"]: row for row in csv.DictReader((tmp_path / "table.csv").read_text().splitlines())}
    for name, spec in specs.items():
        card, _ = unwrap((tmp_path / f"{name}.zip").read_bytes())
        assert (card.name, card.settings["latent_dim"]) == (name, spec.settings["latent_dim"])
        assert float(told[name]["mse"]) == card.figures["mse"]
    assert sorted(carried_out(jobs, specs, tmp_path), key=str) == sorted(rows, key=str)  # jobs is closed: none trains


def test_a_run_of_a_grid_tells_all_but_the_moments_of_a_replay() -> None:
    spec = RunSpec(
        "linear", {"latent_dim": 2}, named("linear").training.as_dict() | {"epochs": 1, "images": 100}, "digits"
    )
    assert {event["kind"] for event in trained(spec)} >= {"epoch", "progress", "finished"}
    assert "moment" not in {event["kind"] for event in trained(spec)}
