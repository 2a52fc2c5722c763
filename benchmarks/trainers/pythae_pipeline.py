"""Pythae's own VAE with its default networks in its TrainingPipeline, that is, its BaseTrainer."""

from __future__ import annotations

import tempfile
from typing import Any

import torch
from pythae.models import VAE, VAEConfig
from pythae.pipelines import TrainingPipeline
from pythae.trainers import BaseTrainerConfig
from pythae.trainers.training_callbacks import TrainingCallback
from turns import Turns  # this program's own folder is where Python looks first


class Turn(TrainingCallback):  # type: ignore[misc]
    """Waits before each epoch, and tells of it afterwards."""

    def __init__(self, turns: Any, model: Any) -> None:
        self.turns, self.model = turns, model
        self.test_images = torch.from_numpy(turns.floats(turns.test_images, 1, 28, 28))

    def on_epoch_begin(self, training_config: object, **others: object) -> None:
        """Pythae calls this before it does anything else."""
        self.turns.begin()

    def on_epoch_end(self, training_config: object, **others: object) -> None:
        """The reconstruction is that of the posterior's mean."""
        self.turns.end(self.reconstruct)

    def reconstruct(self) -> Any:
        """Not through ``model(x)``, which draws a code."""
        with torch.no_grad():
            return self.model.decoder(self.model.encoder(self.test_images).embedding).reconstruction


def main() -> None:
    """Train."""
    turns = Turns()
    settings = turns.settings
    torch.set_num_threads(settings["threads"])
    model = VAE(VAEConfig(input_dim=(1, 28, 28), latent_dim=20, reconstruction_loss="bce"))
    turns.ready(sum(parameter.numel() for parameter in model.parameters()))
    with tempfile.TemporaryDirectory() as folder:
        config = BaseTrainerConfig(
            output_dir=folder,
            num_epochs=settings["epochs"],
            learning_rate=1e-3,
            per_device_train_batch_size=settings["batch_size"],
        )
        pipeline = TrainingPipeline(model=model, training_config=config)
        pipeline(turns.floats(turns.train_images, 1, 28, 28), callbacks=[Turn(turns, model)])


if __name__ == "__main__":
    main()
