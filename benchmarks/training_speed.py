"""How fast the training loop is, against the loop of a first tutorial, and how long ``dense`` takes to be good.

``python benchmarks/training_speed.py [names] [--json FILE]``; about three minutes, with MNIST where it is at hand.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402
import torch  # noqa: E402
from PIL import Image  # noqa: E402
from torch import Tensor  # noqa: E402
from torch.utils.data import DataLoader, Dataset  # noqa: E402

from benchmarks.table import parser, report  # noqa: E402
from explorer.data import load as load_data  # noqa: E402
from explorer.data.dataset import Pixels  # noqa: E402
from explorer.models.base import Annealing, Autoencoder  # noqa: E402
from explorer.models.registry import Variant, named, variants  # noqa: E402
from explorer.training.evaluate import evaluate  # noqa: E402
from explorer.training.train import Progress, Training, mean_image  # noqa: E402

SECONDS = 2.0  # how long each loop is watched at a time
ROUNDS = 3  # in turn, so that other work on the machine slows both; medians are printed
GOOD = 0.0040  # the test error that a dense autoencoder of 64 units is known for after seven epochs


class Pictures(Dataset[Tensor]):
    """One picture at a time, from a PIL image to floats: what a DataLoader is usually given."""

    def __init__(self, images: Pixels) -> None:
        self.images = images

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: int) -> Tensor:
        picture = Image.fromarray(self.images[index, 0])
        return torch.from_numpy(np.array(picture)).unsqueeze(0).float().div(255)


def first_weights(variant: Variant, images: Pixels) -> Autoencoder:
    """The variant with its default settings, as training starts it."""
    model = variant.model(variant.config())
    model.initialise(mean_image(images), torch.Generator().manual_seed(0))
    return model.train()


def images_per_second(step: Callable[[], int]) -> float:
    """How many images a second a loop handles whose step returns how many it handled; the first steps warm up."""
    for _ in range(3):
        step()
    seen, start = 0, time.perf_counter()
    while time.perf_counter() - start < SECONDS:
        seen += step()
    return seen / (time.perf_counter() - start)


def our_loop(variant: Variant, images: Pixels) -> float:
    """Images per second of the explorer's own training."""

    def reports() -> Iterator[Progress]:
        while True:  # the fast ones are through before the time is up
            yield from Training(first_weights(variant, images), images, variant.training).run()

    going = reports()
    return images_per_second(lambda: next(going).images)


def plain_loop(variant: Variant, images: Pixels) -> float:
    """Images per second of the same network and batch size in a loop with a DataLoader and plain Adam."""
    model, generator = first_weights(variant, images), torch.Generator().manual_seed(0)
    optimiser = torch.optim.Adam(model.parameters(), variant.training.learning_rate)
    loader = DataLoader(Pictures(images), batch_size=variant.training.batch_size, shuffle=True)
    batches = iter(loader)

    def step() -> int:
        nonlocal batches
        x = next(batches, None)
        if x is None:
            batches = iter(loader)
            x = next(batches)
        if isinstance(model, Annealing):
            model.anneal(0.0)
        loss = torch.stack(list(model.loss(x, model(x, generator)).values())).sum()
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        return len(x)

    return images_per_second(step)


def until_good(images: Pixels, test_images: Pixels) -> str:
    """How long ``dense`` with its own recipe trains until it is good; measuring the test error is not counted."""
    variant = named("dense")
    training = Training(first_weights(variant, images), images, variant.training)
    seconds, error = 0.0, float("inf")
    while error > GOOD and training.step < training.steps:
        start = time.perf_counter()
        for _ in training.run(until_epoch=training.epoch + 1):
            pass
        seconds += time.perf_counter() - start
        error = evaluate(training.model, test_images)["mse"]
    return f"{error:.5f} after {seconds:.1f} s, {training.epoch} epochs"


def main() -> None:
    """Measure and print."""
    arguments = parser(__doc__)
    arguments.add_argument("names", nargs="*", help="variants; all without a name")
    arguments.add_argument("--threads", type=int, default=torch.get_num_threads())
    asked = arguments.parse_args()
    torch.set_num_threads(asked.threads)
    torch.set_flush_denormal(True)  # for both loops alike
    dataset = load_data()
    rows = []
    for name in asked.names or variants():
        variant = named(name)
        pairs = [[loop(variant, dataset.train_images) for loop in (our_loop, plain_loop)] for _ in range(ROUNDS)]
        ours, plain = (median(speeds) for speeds in zip(*pairs, strict=True))
        rows.append(
            {
                "variant": name,
                "images a step": variant.training.batch_size,
                "images a second": round(ours),
                "plain loop": round(plain),
                "ratio": round(median(one / other for one, other in pairs), 2),
                "seconds for 60,000": round(60_000 / ours, 1),
                f"until test MSE {GOOD:.4f}": until_good(dataset.train_images, dataset.test_images)
                if name == "dense"
                else "",
            }
        )
    report(rows, asked.json)
    print(f"\n{dataset.title}, threads: {asked.threads}, PyTorch {torch.__version__}.")


if __name__ == "__main__":
    main()
