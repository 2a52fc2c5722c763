"""The explorer's own training, with the variant's own recipe."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

import torch
from torch import Tensor

from benchmarks.trainers.turns import Turns
from explorer.models.base import Autoencoder
from explorer.models.registry import named
from explorer.training.train import Training

NETWORKS = {  # variant and settings
    "dense": ("dense", {"latent_dim": 64, "depth": 0}),
    "variational": ("variational", {"latent_dim": 20, "depth": 1, "width": 512}),
}


def network(name: str) -> Autoencoder:
    """The network that all trainers of a table train."""
    variant, settings = NETWORKS[name]
    return named(variant).model(named(variant).config(**settings))


def main() -> None:
    """Train."""
    turns = Turns()
    torch.set_num_threads(turns.settings["threads"])
    recipe = named(NETWORKS[turns.settings["network"]][0]).training
    config = replace(recipe, epochs=turns.settings["epochs"], batch_size=turns.settings["batch_size"])
    model, test_images = network(turns.settings["network"]), torch.from_numpy(turns.test_images).float() / 255
    training = Training(model, turns.train_images, config)

    def reconstruct() -> Tensor:
        with torch.no_grad():
            answer: Tensor = model.eval()(test_images, torch.Generator()).reconstruction
        return answer

    turns.ready(sum(parameter.numel() for parameter in model.parameters()))
    while training.step < training.steps:
        turns.begin()
        for _ in training.run(until_epoch=training.epoch + 1):
            pass
        turns.end(reconstruct)


if __name__ == "__main__":
    main()
