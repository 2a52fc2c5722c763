"""How fast training is, against other trainers of the same network: Keras, Pythae's pipeline and a plain PyTorch loop.

``python benchmarks/peers.py [--folder DIR] [--threads N] [--epochs N] [--images N] [--json FILE]``; about ten minutes,
after the first run has made a virtual environment for each trainer (4 GB, in the user's cache if no folder is named).
The trainers take turns, an epoch each, so that other work on the machine slows all alike, and ratios are of processor
time, which leaves out the waiting for a processor, though not what neighbours cost in caches. Each trainer keeps its
own first weights and steps: the explorer its recipe, the others Adam at 0.001. The script ends with 1 if a goal is
missed.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import venv
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402
import torch  # noqa: E402
from torch.utils.flop_counter import FlopCounterMode  # noqa: E402

from benchmarks.table import parser, report  # noqa: E402
from benchmarks.trainers.ours import network  # noqa: E402
from explorer.data import load as load_data  # noqa: E402
from explorer.data.mnist import cache_folder  # noqa: E402
from explorer.models.base import Autoencoder  # noqa: E402

GOOD = 0.0040  # the test error that the dense network is known for after seven epochs
TORCH = (f"torch=={torch.__version__.partition('+')[0]}", f"numpy=={np.__version__}")
PACKAGES: dict[str, tuple[str, ...]] = {  # what pip is asked for, call by call
    "plain": (" ".join(TORCH),),
    "keras": ("tensorflow-cpu==2.21.0",),
    "pythae": (  # its own list asks for a backport of what Python has long had
        " ".join((*TORCH, "tqdm", "pydantic>=2", "imageio", "scipy", "scikit-learn", "cloudpickle")),
        "--no-deps pythae==0.1.2",
    ),
}


@dataclass(frozen=True)
class Trainer:
    """A row of the table: which program, in which environment, and with what settings."""

    title: str
    program: str
    environment: str  # "" is the explorer's own
    network: str
    batch_size: int = 128
    until_good: bool = False  # it may train on until it is as good as the explorer

    def python(self, folder: Path) -> str:
        """The interpreter that runs it."""
        return str(folder / self.environment / "bin" / "python") if self.environment else sys.executable


TABLES = (
    (
        Trainer("Autoencoder Explorer", "ours", "", "dense"),
        Trainer("plain PyTorch loop", "plain", "plain", "dense"),
        Trainer("Keras", "keras_fit", "keras", "dense", until_good=True),
        Trainer("Keras, batches of its default size", "keras_fit", "keras", "dense", 32, until_good=True),
    ),
    (
        Trainer("Autoencoder Explorer", "ours", "", "variational"),
        Trainer("Pythae's pipeline", "pythae_pipeline", "pythae", "variational"),
    ),
)


@dataclass
class Running:
    """A trainer at work, and what it has told so far, epoch by epoch."""

    trainer: Trainer
    process: subprocess.Popen[str]
    parameters: int = 0
    seconds: list[float] = field(default_factory=list)
    busy: list[float] = field(default_factory=list)  # seconds of processor time
    errors: list[float] = field(default_factory=list)
    shares: list[float] = field(default_factory=list)  # of the matmul peak measured beside each epoch

    def hear(self) -> dict[str, Any]:
        """Its next line. Raises RuntimeError when it has ended instead."""
        assert self.process.stdout
        if not (line := self.process.stdout.readline()):
            raise RuntimeError(f"{self.trainer.title} ended early with {self.process.wait()}; its log tells why")
        told: dict[str, Any] = json.loads(line)
        return told

    def turn(self) -> None:
        """One epoch."""
        assert self.process.stdin
        self.process.stdin.write("go on\n")
        self.process.stdin.flush()
        told = self.hear()
        self.seconds.append(told["seconds"])
        self.busy.append(told["busy"])
        self.errors.append(told["mse"])

    def until(self, good: float) -> float | None:
        """Processor seconds of training until the test error was as low as this."""
        epochs = next((epoch for epoch, error in enumerate(self.errors, start=1) if error <= good), None)
        return None if epochs is None else sum(self.busy[:epochs])


def environments(folder: Path) -> None:
    """Make those that are missing or hold something else."""
    for name, calls in PACKAGES.items():
        stamp, wanted = folder / name / "packages.txt", "\n".join(calls)
        if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
            continue
        print(f"making a virtual environment in {folder / name}", file=sys.stderr)
        venv.create(folder / name, clear=True, with_pip=True)
        for call in calls:
            subprocess.run([folder / name / "bin" / "python", "-m", "pip", "install", "-q", *call.split()], check=True)
        stamp.write_text(wanted, encoding="utf-8")


def step_flops(model: Autoencoder, batch_size: int) -> int:
    """Additions and multiplications of a step's matrix products and convolutions, forward and backward."""
    x, counter = torch.rand(batch_size, 1, 28, 28), FlopCounterMode(display=False)
    with counter:
        torch.stack(list(model.loss(x, model(x, torch.Generator())).values())).sum().backward()  # type: ignore[no-untyped-call]
    return int(counter.get_total_flops())


def matmul_peak() -> float:
    """Float32 operations a second in the best of many products of square matrices, with as many threads as are set."""
    best = 0.0
    for side in (256, 512, 1024):
        a, until = torch.rand(side, side), time.perf_counter() + 0.2
        while (start := time.perf_counter()) < until:
            a @ a
            best = max(best, 2 * side**3 / (time.perf_counter() - start))
    return best


def start(trainer: Trainer, folder: Path, data: Path, asked: argparse.Namespace) -> Running:
    """Its program, ready for the first turn."""
    settings = {"network": trainer.network, "batch_size": trainer.batch_size, "data": str(data)}
    settings |= {"threads": asked.threads, "epochs": asked.most if trainer.until_good else asked.epochs}
    threads = {name: str(asked.threads) for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS")}
    command = [trainer.python(folder), str(ROOT / f"benchmarks/trainers/{trainer.program}.py"), json.dumps(settings)]
    with (folder / f"{trainer.program}.log").open("w") as log:
        process = subprocess.Popen(
            command, env=os.environ | threads, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True
        )
    running = Running(trainer, process)
    running.parameters = running.hear()["parameters"]
    return running


def race(table: tuple[Trainer, ...], folder: Path, data: Path, asked: argparse.Namespace) -> list[Running]:
    """All of a table, an epoch each in turn; whoever may train until it is good goes on after the others."""
    runs: list[Running] = []
    try:
        for trainer in table:
            runs.append(start(trainer, folder, data, asked))  # noqa: PERF401  # those that run are ended if one fails
        if len(found := {run.parameters for run in runs}) > 1:
            raise RuntimeError(f"the trainers have different networks, of {sorted(found)} numbers")
        model = network(table[0].network)
        for epoch in range(asked.most):
            for run in runs:
                goes_on = run.trainer.until_good and run.until(GOOD) is None
                if epoch < asked.epochs or goes_on:
                    run.turn()
                    steps = -(-asked.images // run.trainer.batch_size)
                    flops = steps * step_flops(model, run.trainer.batch_size)
                    run.shares.append(flops / run.busy[-1] / matmul_peak())
    finally:
        for run in runs:
            run.process.kill()
            run.process.communicate()
    return runs


def times(seconds: list[float], our_seconds: list[float]) -> float:
    """How often our time goes into the other's, epoch by epoch; the median."""
    return round(median(one / other for one, other in zip(seconds, our_seconds, strict=False)), 2)


def row(run: Running, ours: Running, epochs: int) -> dict[str, Any]:
    """A trainer beside the explorer."""
    good, our_good = run.until(GOOD), ours.until(GOOD)
    dense = run.trainer.network == "dense"
    return {
        "network": run.trainer.network,
        "numbers": run.parameters,
        "trainer": run.trainer.title,
        "images a step": run.trainer.batch_size,
        f"seconds for {epochs} epochs": round(sum(run.seconds[:epochs]), 1),
        "processor seconds": round(sum(run.busy[:epochs]), 1),
        "times ours": times(run.busy, ours.busy),
        "test MSE then": round(run.errors[epochs - 1], 5),
        f"processor seconds to {GOOD:.4f}": round(good, 1) if good and dense else "",
        "times ours to it": round(good / our_good, 1) if good and our_good and dense else "",
        "share of matmul peak": f"{median(run.shares):.0%}",
    }


def missed(rows: list[dict[str, Any]]) -> list[str]:
    """The goals that were not reached, in words."""
    to_good = [line["times ours to it"] for line in rows if line["trainer"].startswith("Keras")]
    found = {
        f"6 times as fast as Keras to a test MSE of {GOOD:.4f}": (6, min((r for r in to_good if r), default=0.0)),
        "2 times as fast as the plain loop": (
            2,
            next(r["times ours"] for r in rows if r["trainer"].startswith("plain")),
        ),
        "3 times as fast as Pythae": (3, next(r["times ours"] for r in rows if r["trainer"].startswith("Pythae"))),
    }
    return [f"missed: {goal}, it was {ratio}" for goal, (least, ratio) in found.items() if ratio < least]


def arguments() -> argparse.Namespace:
    """What was asked for."""
    made = parser(__doc__)
    made.add_argument("--folder", type=Path, default=cache_folder() / "peers", help="where the environments are made")
    made.add_argument("--threads", type=int, default=1, help="of each trainer")
    made.add_argument("--epochs", type=int, default=7, help="that all train")
    made.add_argument("--most", type=int, default=25, help="epochs after which a trainer gives up to become good")
    made.add_argument("--images", type=int, default=60_000, help="of the training set")
    return made.parse_args()


def main() -> None:
    """Measure and print."""
    asked = arguments()
    torch.set_num_threads(asked.threads)
    asked.folder.mkdir(parents=True, exist_ok=True)
    environments(asked.folder)
    dataset = load_data()
    images = dataset.train_images[: asked.images]
    asked.images = len(images)
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        np.savez(data := Path(folder) / "images.npz", train=images, test=dataset.test_images)
        for table in TABLES:
            runs = race(table, asked.folder, data, asked)
            rows += [row(run, runs[0], asked.epochs) for run in runs]
    report(rows, asked.json)
    threads = f"{asked.threads} thread{'s' if asked.threads > 1 else ''} each"
    print(f"\n{dataset.title}, {len(images):,} images, {threads}, in turn epoch by epoch, PyTorch {torch.__version__}.")
    if words := missed(rows):
        sys.exit("\n".join(words))


if __name__ == "__main__":
    main()
