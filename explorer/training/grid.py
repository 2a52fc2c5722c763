"""``python -m explorer.training.grid dense variational --knob latent_dim=2,8,32 --knob beta=0.5,1,4 --folder FOLDER``.

Trains every combination of variants and values, as many at a time as there are workers: two processes of this machine,
or those of the Dask cluster that EXPLORER_SCHEDULER names. A knob of the training, such as ``epochs`` or ``seed``, is
given in the same way. A variant that lacks a knob is trained without it. Each model becomes a zip file that the page
opens under Take home, and a row of ``table.csv`` and ``table.json``. Begun again, it trains only what is missing.
"""

from __future__ import annotations

import argparse
import csv
import io
import itertools
import json
import logging
import math
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from explorer.models.checkpoint import Card, CheckpointError, write_atomically
from explorer.models.knobs import knobs
from explorer.models.parcel import unwrap, wrap
from explorer.models.recipe import TrainingConfig
from explorer.models.registry import named
from explorer.training.jobs import Jobs, JobView, Limits
from explorer.training.runs import Event, RunSpec, execute

LOOK = 0.2  # seconds between two looks at the runs
MOST = 1000  # runs of one grid

log = logging.getLogger("grid")
Grid = Mapping[str, Sequence[Any]]
Row = dict[str, Any]


def runs(variants: Sequence[str], grid: Grid, dataset: str = "mnist") -> dict[str, RunSpec]:
    """Every combination once, by name, in order. Raises ValueError for a wrong one before anything is trained."""
    recipe, made = knobs(TrainingConfig), dict[str, RunSpec]()
    everything = {name for variant in variants for name in (*knobs(named(variant).config), *recipe)}
    for name in grid:
        if name not in everything:
            raise ValueError(f"none of {', '.join(variants)} has a knob {name!r}; there are {', '.join(everything)}")
        require_one_meaning(name, variants)
    most = len(variants) * math.prod(map(len, grid.values()))
    if most > MOST:
        raise ValueError(f"these may be {most:,} runs, the limit is {MOST:,}")
    for variant in variants:
        own = knobs(named(variant).config)
        there = [name for name in grid if name in own or name in recipe]
        for values in itertools.product(*(grid[name] for name in there)):
            turned = dict(zip(there, values, strict=True))
            training = named(variant).training.as_dict() | {k: v for k, v in turned.items() if k not in own}
            spec = RunSpec(variant, {k: v for k, v in turned.items() if k in own}, training, dataset)
            made[f"{variant}-{spec.key[:10]}"] = spec
    return made


def require_one_meaning(name: str, variants: Sequence[str]) -> None:
    """Raises ValueError for a knob that is one variant's own, and to another one of the training's."""
    own = [variant for variant in variants if name in knobs(named(variant).config)]
    others = [variant for variant in variants if variant not in own]
    if own and others and name in knobs(TrainingConfig):
        raise ValueError(f"{name} is something else to {own[0]} than to {others[0]}: train them apart")


def carried_out(jobs: Jobs, specs: Mapping[str, RunSpec], folder: Path) -> Iterator[Row]:
    """Train what the folder does not hold, and yield a row for each run, those that are there first."""
    waiting: dict[str, str] = {}
    for name, spec in specs.items():
        file = folder / f"{name}.zip"
        if file.exists():
            try:
                yield row(name, spec, unwrap(file.read_bytes())[0], "done")
                continue
            except CheckpointError as error:
                log.warning("%s is trained again: %s", file.name, error)
        waiting[name] = jobs.submit(spec, owner=name)
    while waiting:
        for name, job in list(waiting.items()):
            seen = jobs.look(job)
            if seen.is_over:
                del waiting[name]
                yield settled(name, specs[name], seen, folder)
                jobs.forget(job)
        time.sleep(LOOK)


def settled(name: str, spec: RunSpec, seen: JobView, folder: Path) -> Row:
    """Write the model of a run that is over, if there is one."""
    last = seen.events[-1] if seen.events else {}
    if last.get("kind") != "finished":
        log.warning("%s: %s", name, seen.text)
        return row(name, spec, None, seen.state)
    card = replace(Card(**last["card"]), name=name)
    if seen.state == "done":  # another end may be better next time
        write_atomically(folder / f"{name}.zip", wrap(card, last["weights"]))
    return row(name, spec, card, seen.state)


def row(name: str, spec: RunSpec, card: Card | None, status: str) -> Row:
    """What the table tells of a run: its settings, how it ended, and its figures."""
    config, training = spec.checked()
    turned = {key: getattr(config, key) for key in spec.settings}
    turned |= {f"training {key}" if hasattr(config, key) else key: getattr(training, key) for key in spec.training}
    told = {"seconds": card.seconds, "device": card.device, **card.figures} if card is not None else {}
    return {"name": name, "variant": spec.variant, **turned, "status": status, **told}


def write_table(rows: Sequence[Row], folder: Path) -> None:
    """``table.csv`` and ``table.json``, with every column that a row has."""
    columns = list(dict.fromkeys(key for one in rows for key in one))
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    write_atomically(folder / "table.csv", text.getvalue().encode())
    write_atomically(folder / "table.json", (json.dumps([*rows], indent=1) + "\n").encode())


def parsed(knob: str) -> tuple[str, list[Any]]:
    """``beta=0.5,1`` as a name and its values: numbers, true, false, or words. Raises ValueError."""
    name, equals, values = knob.partition("=")
    if not (name and equals and values):
        raise ValueError(f"a knob is given as name=value,value, got {knob!r}")
    return name, [value_of(value.strip()) for value in values.split(",")]


def value_of(word: str) -> Any:
    """A number, true or false; anything else is the word itself."""
    try:
        return json.loads(word)
    except ValueError:
        return word


def trained(spec: RunSpec, **how: Any) -> Iterator[Event]:
    """``execute`` without the moments of a replay: they are large, every run's are kept, and nobody looks at them."""
    return (event for event in execute(spec, **how) if event["kind"] != "moment")


def main() -> None:
    """Train the grid that the command line describes; exit 1 if a run did not come to its end."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("variants", nargs="+", help="which variants")
    parser.add_argument("--knob", action="append", default=[], metavar="NAME=VALUES", help="values with commas between")
    parser.add_argument("--dataset", default="mnist", choices=("mnist", "digits"))
    parser.add_argument("--folder", type=Path, required=True, help="where the models and the table go")
    parser.add_argument("--workers", type=int, default=2, help="processes, where no EXPLORER_SCHEDULER is set")
    asked = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    try:
        given = [*map(parsed, asked.knob)]
        if len(dict(given)) < len(given):
            raise ValueError(f"each knob may be given once, got {', '.join(name for name, _ in given)}")
        specs = runs(asked.variants, dict(given), asked.dataset)
    except ValueError as error:
        parser.error(str(error))
    asked.folder.mkdir(parents=True, exist_ok=True)
    limits = Limits(waiting=MOST, results=MOST, unseen=None, running=math.inf, alone=math.inf)
    jobs, rows = Jobs(trained, workers=asked.workers, limits=limits), list[Row]()
    try:
        for one in carried_out(jobs, specs, asked.folder):
            rows.append(one)
            write_table(rows, asked.folder)
            log.info("%d of %d: %s %s, mse %s", len(rows), len(specs), one["name"], one["status"], one.get("mse"))
    finally:
        jobs.close()
    parser.exit(int(any(one["status"] != "done" for one in rows)))


if __name__ == "__main__":
    main()
