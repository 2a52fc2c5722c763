"""The settings of one training, and how each variant likes to be trained."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from explorer.models.knobs import Choice, Config, Slider

OPTIMISERS = ("Adam", "SGD with momentum")
MOMENTUM = 0.9


@dataclass(frozen=True)
class TrainingConfig(Config):
    """How to train: the optimiser with decoupled weight decay, a linear warm-up, then a cosine to one per cent."""

    epochs: Annotated[int, Slider(1, 100, "Epochs", step=1, info="How often every training image is seen.")] = 10
    batch_size: Annotated[int, Slider(16, 1024, "Images a step", step=16)] = 128
    learning_rate: Annotated[float, Slider(1e-5, 1000.0, "Learning rate", log=True, info="Largest step size.")] = 2e-3
    weight_decay: Annotated[float, Slider(0.0, 0.2, "Weight decay", step=0.01)] = 0.0
    clip_norm: Annotated[float, Slider(0.1, 1e9, "Gradient clip", log=True, info="Longest gradient let by.")] = 1.0
    warmup: Annotated[float, Slider(0.0, 0.5, "Warm-up", step=0.01, info="Share of training spent speeding up.")] = 0.1
    optimiser: Annotated[
        str, Choice(OPTIMISERS, "Optimiser", info="Adam gives each weight a step of its own size.")
    ] = "Adam"
    images: Annotated[
        int, Slider(100, 60_000, "Training images", step=100, info="At most; few are learnt by heart.")
    ] = 60_000
    seed: Annotated[int, Slider(0, 9999, "Seed", step=1, info="Same seed, same curve.")] = 0
