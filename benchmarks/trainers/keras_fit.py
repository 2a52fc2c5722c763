"""Keras as its documentation has it: arrays in memory, ``compile`` with Adam and the squared error, one ``fit``."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf
from turns import Turns  # this program's own folder is where Python looks first


class Turn(keras.callbacks.Callback):  # type: ignore[misc]
    """Waits before each epoch, and tells of it afterwards."""

    def __init__(self, turns: Any, test_images: Any) -> None:
        super().__init__()
        self.turns, self.test_images = turns, test_images

    def on_epoch_begin(self, epoch: int, logs: object = None) -> None:
        """Keras makes its graph after this, in the first epoch."""
        self.turns.begin()

    def on_epoch_end(self, epoch: int, logs: object = None) -> None:
        """A single call of the model: Keras' own ``predict`` is for many batches."""
        self.turns.end(lambda: self.model(self.test_images, training=False))


def main() -> None:
    """Train."""
    turns = Turns()
    settings = turns.settings
    tf.config.threading.set_intra_op_parallelism_threads(settings["threads"])
    tf.config.threading.set_inter_op_parallelism_threads(settings["threads"])
    keras.utils.set_random_seed(0)
    layers = [keras.Input((784,)), keras.layers.Dense(64, "relu"), keras.layers.Dense(784, "sigmoid")]
    model = keras.Sequential(layers)
    model.compile(optimizer="adam", loss="mse")
    x, test_images = turns.floats(turns.train_images, 784), turns.floats(turns.test_images, 784)
    turns.ready(model.count_params())
    callbacks = [Turn(turns, test_images)]
    model.fit(x, x, batch_size=settings["batch_size"], epochs=settings["epochs"], verbose=0, callbacks=callbacks)


if __name__ == "__main__":
    main()
