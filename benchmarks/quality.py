"""Recompute every figure that is claimed for the shipped models, from their files, on MNIST's test set.

``python benchmarks/quality.py [names] [--json FILE]``; needs MNIST (see README) and takes about three minutes.
The exit status is 1 when a floor is missed.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

import torch  # noqa: E402

from benchmarks.table import parser, report  # noqa: E402
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
from explorer.training.evaluate import evaluate  # noqa: E402

PRETRAINED = ROOT / "pretrained"


@dataclass(frozen=True)
class Claim:
    """A figure of a shipped model and the bound that it is held to; ``at_most`` False means at least."""

    model: str
    figure: str
    bound: float
    measure: Callable[[Autoencoder, Dataset], float]
    at_most: bool = True


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


def hidden(model: Autoencoder, dataset: Dataset) -> float:
    assert isinstance(model, Masking)
    return hidden_patch_error(model, dataset.test_images, 0.75, seeded())


def negative_log_likelihood(model: Autoencoder, dataset: Dataset) -> float:
    assert isinstance(model, Generative)
    return float(nll(model, dataset.test_images[:1000], seeded(), samples=500).mean())


def negative_elbo(model: Autoencoder, dataset: Dataset) -> float:
    figures = evaluate(model, dataset.test_images)
    return figures["reconstruction"] + figures["KL divergence"]


CLAIMS = (
    Claim("linear", "test MSE over that of PCA", 1.003, over_pca),
    Claim("dense", "test MSE", 0.0036, mse),
    Claim("dense-deep", "test MSE", 0.0027, mse),
    Claim("dense-2d", "test MSE", 0.0380, mse),
    Claim("convolutional", "test MSE", 0.0044, mse),
    Claim("convolutional-64", "test MSE", 0.0033, mse),
    Claim("sequence", "test MSE, free-running", 0.005, mse),
    Claim("sparse_l1", "test MSE", 0.0117, mse),
    Claim("sparse_kl", "test MSE", 0.0042, mse),
    Claim("k_sparse", "logistic regression error at α = 3, %", 1.9, partial(classifier_error, alpha=3.0)),
    Claim("contractive", "Jacobian norm over the plain one's", 0.6, partial(over_plain, "jacobian")),
    Claim("contractive", "test MSE over the plain one's", 1.25, partial(over_plain, "mse")),
    Claim("denoising", "PSNR at σ = 0.5, dB", 19.3, partial(psnr_at, 0.5), at_most=False),
    Claim("masked", "test MSE on hidden patches, 75 % hidden", 0.033, hidden),
    Claim("masked", "linear probe accuracy, %", 95.0, probe_accuracy, at_most=False),
    Claim("variational", "NLL in nats, 500 samples, 1,000 binarised images", 88.0, negative_log_likelihood),
    Claim("variational-2d", "-ELBO in nats, grey pixels (no likelihood)", 141.0, negative_elbo),
)


def main() -> int:
    """Measure, print, and say whether every bound holds."""
    arguments = parser(__doc__)
    arguments.add_argument("names", nargs="*")
    asked = arguments.parse_args()
    dataset = available()
    if dataset is None:
        sys.exit("These figures are of MNIST, which is not on this machine: name its folder in MNIST_DIR.")
    rows, holds = [], True
    for claim in CLAIMS:
        if asked.names and claim.model not in asked.names:
            continue
        model, card = load(PRETRAINED, claim.model)
        value = claim.measure(model, dataset)
        reached = value <= claim.bound if claim.at_most else value >= claim.bound
        holds &= reached
        sign = "≤" if claim.at_most else "≥"
        rows.append(
            {
                "model": claim.model,
                "figure": claim.figure,
                "measured": f"{value:.4g}",
                "floor": f"{sign} {claim.bound:g}",
                "reached": "yes" if reached else "NO",
                "parameters": f"{sum(p.numel() for p in model.parameters()):,}",
                "epochs": card.epochs,
                "training": f"{card.seconds:.0f} s on {card.threads} {card.device} thread",
            }
        )
    report(rows, asked.json)
    return 0 if holds else 1


if __name__ == "__main__":
    sys.exit(main())
