"""Recompute every figure that is claimed for the shipped models, from their files, on MNIST's test set.

``python benchmarks/quality.py [names] [--json FILE]``; needs MNIST (see README) and takes about three minutes.
The names are those of shipped models, and ``only`` and ``without`` for the twenty that know some digits alone.
The exit status is 1 when a floor is missed.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402
import torch  # noqa: E402

from benchmarks.table import parser, report  # noqa: E402
from explorer.analysis.anomaly import ERROR, PER_ROOT, auroc, scorer  # noqa: E402
from explorer.analysis.codes import codes  # noqa: E402
from explorer.analysis.denoise import denoising_psnr  # noqa: E402
from explorer.analysis.jacobian import mean_jacobian_norm  # noqa: E402
from explorer.analysis.likelihood import nll  # noqa: E402
from explorer.analysis.linear import image_moments, pca_reconstruction_error  # noqa: E402
from explorer.analysis.masked import hidden_patch_error  # noqa: E402
from explorer.analysis.probe import linear_classifier_error  # noqa: E402
from explorer.analysis.projection import Pca  # noqa: E402
from explorer.data.corruption import gaussian  # noqa: E402
from explorer.data.dataset import Dataset  # noqa: E402
from explorer.data.mnist import available  # noqa: E402
from explorer.models.base import Autoencoder, Generative, Masking  # noqa: E402
from explorer.models.checkpoint import load  # noqa: E402
from explorer.training.anomaly import FOLDER as KNOWING  # noqa: E402
from explorer.training.anomaly import KNOWERS, ONLY, WITHOUT  # noqa: E402
from explorer.training.evaluate import evaluate  # noqa: E402

PRETRAINED = ROOT / "pretrained"
SIGMAS = (0.05, 0.1, 0.15, 0.25, 0.5, 0.75, 1.0)


@dataclass(frozen=True)
class Claim:
    """A figure of a shipped model, the bound that it is held to, and where one would like it to be, if beyond that."""

    model: str
    figure: str
    bound: float
    measure: Callable[[Autoencoder, Dataset], float]
    aim: float | None = None
    at_most: bool = True  # or at least


def judged(value: float, floor: float, aim: float | None = None, *, at_most: bool = True) -> dict[str, str]:
    """The columns that say what was measured and how that is to be judged; without an aim the floor is one."""
    aim = floor if aim is None else aim
    sign, word = (1, "≤") if at_most else (-1, "≥")
    reached = "aim" if sign * value <= sign * aim else "floor" if sign * value <= sign * floor else "NO"
    return {"measured": f"{value:.4g}", "floor": f"{word} {floor:g}", "aim": f"{word} {aim:g}", "reached": reached}


def seeded() -> torch.Generator:
    return torch.Generator().manual_seed(0)


def mse(model: Autoencoder, dataset: Dataset) -> float:
    return evaluate(model, dataset.test_images)["mse"]


@cache
def principal(k: int, dataset: Dataset) -> float:
    """The error of PCA with k components, rebuilt pixels clipped like the linear variant's."""
    pca = Pca.of(*image_moments(dataset.train_images), k)
    return pca_reconstruction_error(pca, dataset.test_images, clip=True)


def over_pca(model: Autoencoder, dataset: Dataset) -> float:
    return mse(model, dataset) / principal(int(model.config.as_dict()["latent_dim"]), dataset)


def classifier_error(model: Autoencoder, dataset: Dataset, alpha: float | None = None) -> float:
    """Per cent of test digits that logistic regression on the codes labels wrongly."""
    if alpha is not None:
        model.config = replace(model.config, alpha=alpha)  # type: ignore[call-arg]
    train, test = (codes(model, images) for images in (dataset.train_images, dataset.test_images))
    labels = [torch.from_numpy(given.astype("int64")) for given in (dataset.train_labels, dataset.test_labels)]
    return 100 * linear_classifier_error(train, labels[0], test, labels[1], seed=0)


def probe_accuracy(model: Autoencoder, dataset: Dataset) -> float:
    return 100 - classifier_error(model, dataset)


def over_plain(figure: str, model: Autoencoder, dataset: Dataset) -> float:
    """The contractive model's figure over that of the same network trained without the price."""
    plain, _ = load(PRETRAINED, "contractive-free")
    if figure == "mse":
        return mse(model, dataset) / mse(plain, dataset)
    images = dataset.test_images[:1000]
    return mean_jacobian_norm(model, images) / mean_jacobian_norm(plain, images)


def psnr_at(sigma: float, model: Autoencoder, dataset: Dataset) -> float:
    return denoising_psnr(model, dataset.test_images, gaussian, sigma, seeded())[1]


def least_gain(model: Autoencoder, dataset: Dataset) -> float:
    """How many decibels a model adds to what it is given, at the strength of noise where it adds least."""
    pairs = [denoising_psnr(model, dataset.test_images, gaussian, sigma, seeded()) for sigma in SIGMAS]
    return min(after - before for before, after in pairs)


def hidden(model: Autoencoder, dataset: Dataset) -> float:
    assert isinstance(model, Masking)
    return hidden_patch_error(model, dataset.test_images, 0.75, seeded())


def negative_log_likelihood(images: int, samples: int, model: Autoencoder, dataset: Dataset) -> float:
    assert isinstance(model, Generative)
    return float(nll(model, dataset.test_images[:images], seeded(), samples=samples).mean())


def negative_elbo(model: Autoencoder, dataset: Dataset) -> float:
    figures = evaluate(model, dataset.test_images)
    return figures["reconstruction"] + figures["β × KL divergence"]


def whole(samples: int) -> Claim:
    """The likelihood on all test images, as papers measure it but for the number of samples."""
    what = f"NLL in nats, {samples:,} samples, 10,000 binarised images"
    return Claim("variational", what, 88.0, partial(negative_log_likelihood, 10_000, samples), 84.6)


CLAIMS = (
    Claim("linear", "test MSE over that of PCA", 1.003, over_pca, 1.0005),
    Claim("dense", "test MSE", 0.0036, mse, 0.0033),
    Claim("dense-deep", "test MSE", 0.0027, mse, 0.0023),
    Claim("dense-2d", "test MSE", 0.0380, mse),
    Claim("convolutional", "test MSE", 0.0044, mse, 0.0040),
    Claim("convolutional-64", "test MSE", 0.0033, mse, 0.0028),
    Claim("sequence", "test MSE, free-running", 0.005, mse, 0.004),
    Claim("sparse_l1", "test MSE", 0.0117, mse),
    Claim("sparse_kl", "test MSE", 0.0042, mse),
    Claim("k_sparse", "logistic regression error at α = 3, %", 1.9, partial(classifier_error, alpha=3.0), 1.35),
    Claim("contractive", "Jacobian norm over the plain one's", 0.6, partial(over_plain, "jacobian")),
    Claim("contractive", "test MSE over the plain one's", 1.25, partial(over_plain, "mse"), 1.1),
    Claim("denoising", "PSNR at σ = 0.5, dB", 19.3, partial(psnr_at, 0.5), 20.0, at_most=False),
    Claim("unet", "PSNR at σ = 0.5, dB", 18.5, partial(psnr_at, 0.5), at_most=False),
    Claim("unet", "least gain over its input, σ = 0.05 to 1, dB", 0.0, least_gain, at_most=False),
    Claim("masked", "test MSE on hidden patches, 75 % hidden", 0.033, hidden, 0.030),
    Claim("masked", "linear probe accuracy, %", 95.0, probe_accuracy, 97.0, at_most=False),
    Claim(
        "variational",
        "NLL in nats, 500 samples, 1,000 binarised images",
        88.0,
        partial(negative_log_likelihood, 1000, 500),
        84.6,
    ),
    Claim("variational-2d", "-ELBO in nats, grey pixels (no likelihood)", 141.0, negative_elbo),
)
FLOORS = {
    (ONLY, ERROR): ("trained on one digit alone", 0.96),
    (ONLY, PER_ROOT): ("trained on one digit alone", 0.975),
    (WITHOUT, ERROR): ("trained on all digits but one", 0.76),
}


def unseen_auroc(name: str, score: str, dataset: Dataset) -> float:
    """How well a score tells the test digits that a model never saw from those that it knows."""
    found = scorer(load(KNOWING, name)[0], score, dataset.train_images)(dataset.test_images)
    is_known = torch.from_numpy(np.isin(dataset.test_labels, KNOWERS[name].digits))
    return auroc(found[is_known], found[~is_known])


def anomalies(kind: str, score: str, dataset: Dataset) -> tuple[dict[str, Any], dict[str, str]]:
    """The row of the ten models of a kind with their mean AUROC by a score, and a row of what each reaches."""
    cards = [load(KNOWING, f"{kind}-{digit}")[1] for digit in range(10)]
    values = [unseen_auroc(card.name, score, dataset) for card in cards]
    mean, (words, floor) = sum(values) / len(values), FLOORS[kind, score]
    row = {
        "model": f"{kind}-0 to {kind}-9",
        "figure": f"mean AUROC of the {score}, {words}",
        **judged(mean, floor, at_most=False),
        "parameters": f"{sum(p.numel() for p in load(KNOWING, cards[0].name)[0].parameters()):,}",
        "epochs": cards[0].epochs,
        "training": f"{sum(card.seconds for card in cards):.0f} s on {cards[0].threads} {cards[0].device} thread",
    }
    digits = {str(digit): f"{value:.3f}" for digit, value in enumerate(values)}
    return row, {"model": kind, "score": score, **digits}


def main() -> int:
    """Measure, print, and say whether every bound holds."""
    arguments = parser(__doc__)
    arguments.add_argument("names", nargs="*")
    arguments.add_argument(
        "--whole",
        nargs="?",
        type=int,
        const=5000,
        metavar="SAMPLES",
        help="the likelihood on all images, 5,000 samples each as papers take: hours; 500: half an hour",
    )
    asked = arguments.parse_args()
    dataset = available()
    if dataset is None:
        sys.exit("These figures are of MNIST, which is not on this machine: name its folder in MNIST_DIR.")
    rows = []
    for claim in (*CLAIMS, whole(asked.whole)) if asked.whole else CLAIMS:
        if asked.names and claim.model not in asked.names:
            continue
        model, card = load(PRETRAINED, claim.model)
        rows.append(
            {
                "model": claim.model,
                "figure": claim.figure,
                **judged(claim.measure(model, dataset), claim.bound, claim.aim, at_most=claim.at_most),
                "parameters": f"{sum(p.numel() for p in model.parameters()):,}",
                "epochs": card.epochs,
                "training": f"{card.seconds:.0f} s on {card.threads} {card.device} thread",
            }
        )
    by_kind = [anomalies(*which, dataset) for which in FLOORS if not asked.names or which[0] in asked.names]
    rows += [row for row, _ in by_kind]
    report(rows, asked.json)
    if by_kind:
        print("\nAUROC by digit:")
        report([by_digit for _, by_digit in by_kind], None)
    return int(any(row["reached"] == "NO" for row in rows))


if __name__ == "__main__":
    sys.exit(main())
