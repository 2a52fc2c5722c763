"""The program that is shown prints the page's own figures, in a fresh process."""

from __future__ import annotations

import dataclasses
import os
import random
import re
import subprocess
import sys
from pathlib import Path

import pytest

from explorer.models.checkpoint import pack, save
from explorer.models.registry import named
from explorer.training.jobs import Jobs
from explorer.training.store import RunStore
from explorer.ui.explorer import Explorer
from explorer.ui.gallery import Gallery
from explorer.ui.library import Library
from explorer.ui.session import Current, Session
from explorer.ui.snippet import snippet
from explorer.ui.views.reconstruct import way_through
from tests.cases import Case, card_for
from tests.ui.test_views import no_work

ROOT = Path(__file__).parents[2]
OWN = bytes(300) + bytes(range(184)) + bytes(300)


@pytest.fixture(scope="module")
def explorer(tmp_path_factory: pytest.TempPathFactory) -> Explorer:
    return Explorer(Library(), Gallery(RunStore(tmp_path_factory.mktemp("runs"))), Jobs(no_work))


def printed(program: str, folder: Path) -> dict[str, str]:
    """What the program prints when it is run in a folder, by its first word."""
    assert len(program.splitlines()) <= 30
    (folder / "program.py").write_text(program, encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    ran = subprocess.run(
        [sys.executable, "program.py"], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    return dict(line.split(" ", 1) for line in ran.stdout.splitlines())


def check_figures(current: Current, folder: Path) -> None:
    """The program's code, MSE and PSNR are those of the view Reconstruct."""
    told, way = printed(snippet(current), folder), way_through(current)
    assert float(told["MSE"]) == pytest.approx(way["mse"], abs=1e-6)
    assert float(told["PSNR"].removesuffix(" dB")) == pytest.approx(way["psnr"], abs=0.01)
    numbers = [float(number) for number in re.findall(r"-?[\d.]+(?:e-?\d+)?", told["code"].partition("]")[0])]
    assert numbers == pytest.approx(way["code"][:8], abs=2e-4)


@pytest.mark.parametrize("model", ["linear", "sequence", "k_sparse", "masked", "unet", "denoising", "variational-2d"])
def test_the_program_prints_the_figures_of_the_page(model: str, explorer: Explorer, tmp_path: Path) -> None:
    check_figures(explorer.current(Session(model=model, index=18)), tmp_path)


@pytest.mark.parametrize("model", ["masked", "unet", "dense"])
def test_only_a_masked_model_is_said_to_hide_patches(model: str, explorer: Explorer) -> None:
    assert ("patches hidden by seed" in snippet(explorer.current(Session(model=model)))) == (model == "masked")


@pytest.mark.parametrize(("model", "words"), [("masked", "patches were hidden"), ("unet", "More than the code")])
def test_a_model_that_decodes_no_code_says_so(model: str, words: str, explorer: Explorer) -> None:
    assert words in way_through(explorer.current(Session(model=model)))["note"]


def test_the_program_holds_a_picture_of_ones_own(explorer: Explorer, tmp_path: Path) -> None:
    check_figures(explorer.current(Session(model="dense", own=OWN)), tmp_path)


def test_the_longest_picture_still_fits(explorer: Explorer) -> None:
    noise = random.Random(0).randbytes(784)  # nothing can be packed less
    for model in ("dense", "masked"):
        session = dataclasses.replace(Session(model=model), own=noise)
        assert len(snippet(explorer.current(session)).splitlines()) <= 30


def test_the_program_reads_a_model_of_ones_own_from_where_it_was_unpacked(explorer: Explorer, tmp_path: Path) -> None:
    case = Case(named("dense"), named("dense").config())
    weights = pack(case.model())
    run = explorer.gallery.store.keep(weights, card_for(case, weights), b"")
    save(tmp_path, *explorer.gallery.on_disk(run))
    check_figures(explorer.current(Session(model=run, index=3)), tmp_path)
