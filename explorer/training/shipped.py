"""The models that are shipped: one or two of each variant, and exhibits of how a training fails."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from explorer.models.registry import named
from explorer.training.runs import RunSpec


@dataclass(frozen=True)
class Shipped:
    """A model that is shipped: a variant, what differs from its defaults, and a title for the page.

    ``small``: its weights are kept in 8 bits each.
    """

    variant: str
    title: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    training: Mapping[str, Any] = field(default_factory=dict)
    small: bool = False

    def spec(self) -> RunSpec:
        """The run that makes it."""
        return self.spec_of(self.settings, self.training)

    def spec_of(self, settings: Mapping[str, Any], training: Mapping[str, Any]) -> RunSpec:
        """A run of its variant with what differs from the variant's defaults."""
        return RunSpec(self.variant, settings, named(self.variant).training.as_dict() | dict(training))


@dataclass(frozen=True)
class Failure(Shipped):
    """A model that is shipped because something went wrong in its training: why, and what helps.

    ``cured`` and ``cured_training`` are the settings of the same run without the mistake.
    """

    cause: str = ""
    cure: str = ""
    cured: Mapping[str, Any] = field(default_factory=dict)
    cured_training: Mapping[str, Any] = field(default_factory=dict)

    def cured_spec(self) -> RunSpec:
        """The run that shows that the cure helps."""
        return self.spec_of(self.cured, self.cured_training)


SHIPPED: Mapping[str, Shipped] = {
    "linear": Shipped("linear", "16 numbers", training={"epochs": 20}),
    "dense": Shipped("dense", "64 numbers, one layer", training={"epochs": 100, "batch_size": 64}),
    "dense-2d": Shipped(
        "dense",
        "2 numbers",
        {"latent_dim": 2, "depth": 3, "code": "linear"},
        {"epochs": 40, "learning_rate": 2e-3},
    ),
    "dense-deep": Shipped(
        "dense", "64 numbers, deep", {"depth": 2, "code": "linear"}, {"epochs": 50, "learning_rate": 2e-3}
    ),
    "convolutional": Shipped("convolutional", "32 numbers", training={"epochs": 40}),
    "convolutional-64": Shipped("convolutional", "64 numbers", {"latent_dim": 64}, {"epochs": 30}),
    "sequence": Shipped("sequence", "64 numbers", training={"epochs": 20}),
    "sparse_l1": Shipped("sparse_l1", "512 numbers, few awake", training={"epochs": 25}),
    "sparse_kl": Shipped("sparse_kl", "512 numbers that take turns", training={"epochs": 30}),
    "k_sparse": Shipped("k_sparse", "30 of 1,000 numbers", {"k": 30}, {"epochs": 20, "batch_size": 64}),
    "contractive": Shipped("contractive", "128 numbers, λ = 0.02", training={"epochs": 30}),
    "contractive-free": Shipped("contractive", "128 numbers, no price", {"weight": 0.0}, {"epochs": 30}),
    "denoising": Shipped("denoising", "128 numbers", training={"epochs": 40}),
    "unet": Shipped("unet", "32 maps in the deepest level", training={"epochs": 10}),
    "masked": Shipped(
        "masked", "75 % hidden", {"latent_dim": 128, "decoder_dim": 64, "decoder_depth": 2}, {"epochs": 20}
    ),
    "variational": Shipped(
        "variational",
        "32 numbers, black or white pixels",
        {"latent_dim": 32, "warmup": 0.15, "pixels": "binarised", "network": "convolutional"},
        {"epochs": 50, "learning_rate": 2e-3},
    ),
    "variational-2d": Shipped(
        "variational", "2 numbers", {"latent_dim": 2, "depth": 3, "width": 500}, {"epochs": 60, "learning_rate": 1.5e-3}
    ),
}

_SUDDEN = {"clip_norm": 1e9, "warmup": 0.0}

FAILURES: Mapping[str, Failure] = {
    "collapsed": Failure(
        "variational",
        "posterior collapse",
        {"latent_dim": 16, "width": 128, "beta": 30.0},
        {"epochs": 2},
        cause="β = 30 makes every nat that the code carries thirty times as dear as the error it saves. The cheapest "
        "code says nothing: each posterior becomes the prior, and the decoder answers with the mean image.",
        cure="β = 1, where the two terms are the evidence lower bound.",
        cured={"latent_dim": 16, "width": 128},
        cured_training={"epochs": 2},
    ),
    "pruned": Failure(
        "variational",
        "many numbers pruned",
        {"latent_dim": 32, "depth": 3, "width": 256, "pixels": "binarised"},
        {"epochs": 4, "learning_rate": 3e-3},
        cause="A deep decoder learns slowly, and until it can use a number, the KL term pulls that number's posterior "
        "onto the prior, the faster the longer the steps. Once there, it carries no gradient, and most never return.",
        cure="Shorter steps, the learning rate 0.0015, and a slow start of the KL term: for the first half of training "
        "its weight grows from 0 to 1.",
        cured={"latent_dim": 32, "depth": 3, "width": 256, "pixels": "binarised", "warmup": 0.5},
        cured_training={"epochs": 4, "learning_rate": 1.5e-3},
        small=True,
    ),
    "dead": Failure(
        "dense",
        "dead units",
        {},
        {"epochs": 2, "learning_rate": 0.3, **_SUDDEN},
        cause="The learning rate 0.3 is a hundred times too large. The first steps throw nearly all units of the code "
        "below zero for every digit; a ReLU lets no gradient back from there, so they stay silent for ever.",
        cure="The learning rate 0.003, reached by a short warm-up.",
        cured_training={"epochs": 2},
    ),
    "all-black": Failure(
        "convolutional",
        "every picture black",
        {"channels": 8},
        {"epochs": 1, "images": 6000, "learning_rate": 1.0, "clip_norm": 1e3, "seed": 3},
        cause="The learning rate 1 drives the last layer so far down that each pixel is exactly black. Most pixels of "
        "a digit are, so the error is not even large, and the flat end of the sigmoid passes no gradient back.",
        cure="The learning rate 0.002, gradients clipped at 1, and all digits, three times, instead of 6,000 once.",
        cured={"channels": 8},
        cured_training={"epochs": 3, "seed": 3},
    ),
    "diverged": Failure(
        "linear",
        "towards infinity",
        {},
        {"epochs": 1, "optimiser": "SGD with momentum", "learning_rate": 12.0, **_SUDDEN},
        cause="Gradient descent with a step that is too long for the steepest direction overshoots further each time. "
        "Nothing in a linear model holds it back: within 25 steps the gradient is no longer a number. What you see "
        "are its last finite weights.",
        cure="The learning rate 3, and gradients clipped at 1, so that no step is longer than 3.",
        cured_training={"epochs": 1, "optimiser": "SGD with momentum", "learning_rate": 3.0, "clip_norm": 1.0},
    ),
    "overfitted": Failure(
        "dense",
        "learnt by heart",
        {"depth": 1},
        {"epochs": 100, "images": 200, "batch_size": 16, "learning_rate": 2e-3},
        cause="870,000 weights and only 200 digits, each seen a hundred times: the model learns these digits instead "
        "of digits.",
        cure="More data: 20,000 digits, each seen once, are as much work.",
        cured={"depth": 1},
        cured_training={"epochs": 1, "images": 20_000, "batch_size": 16, "learning_rate": 2e-3},
        small=True,
    ),
    "overcomplete": Failure(
        "sparse_l1",
        "800 numbers for 784 pixels",
        {"latent_dim": 800, "weight": 1e-4},
        {"epochs": 2},
        cause="With more numbers than pixels, and a price for each that is next to nothing, the model may copy. Its "
        "error is among the smallest of all, and yet its code is worth no more than the picture.",
        cure="The price λ = 0.05: most of the numbers have to sleep, and each has to stand for a stroke.",
        cured={"latent_dim": 800},
        cured_training={"epochs": 4},
        small=True,
    ),
}
