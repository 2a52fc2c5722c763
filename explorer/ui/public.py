"""The public interface: a few functions for other programs, through ``gradio_client`` or any HTTP client.

Pictures are lists of 784 whole numbers from 0, black, to 255, white, row by row. Everything is checked here, and what
is wrong comes back as one sentence. Nothing else of the page is promised to anybody.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import gradio as gr
import torch
from gradio.events import api
from torch import Tensor

from explorer.analysis.filling import fill as filled
from explorer.analysis.filling import paste, patches_in_a_row
from explorer.analysis.patterns import from_text
from explorer.analysis.quality import psnr
from explorer.data.corruption import Corruption
from explorer.models.base import PIXELS, SIDE, Autoencoder, Decoding
from explorer.models.checkpoint import Card, CheckpointError
from explorer.models.knobs import shown
from explorer.training.cost import require_affordable
from explorer.training.evaluate import reconstruct as rebuilt
from explorer.training.evaluate import squared_error
from explorer.training.runs import RunSpec
from explorer.ui.explorer import Explorer
from explorer.ui.failure import told
from explorer.ui.page import address, said
from explorer.ui.session import MASK_SEED

LOOK = 0.25  # seconds between two looks at a training
LARGEST = 1e6  # of a code's numbers


class Public:
    """The functions, each a method; the answers are JSON."""

    def __init__(self, explorer: Explorer) -> None:
        self.explorer = explorer

    def offer(self) -> None:
        """Make them endpoints of the page that is being built."""
        for work in (self.models, self.digit, self.reconstruct, self.encode, self.decode, self.fill, self.denoise):
            name = work.__name__
            api(said(work), api_name=name, api_description=work.__doc__, concurrency_limit=4, concurrency_id="api")
        api(self.train, api_name="train", api_description=self.train.__doc__, concurrency_limit=None)

    def models(self) -> list[dict[str, Any]]:
        """The shipped models: name, variant, title, and how many numbers a code has."""
        return [
            {"name": name, "variant": card.variant, "title": card.title, "latent_dim": card.settings["latent_dim"]}
            for name, card in self.explorer.gallery.shipped.items()
            if name not in self.explorer.gallery.broken
        ]

    def digit(self, index: int) -> dict[str, Any]:
        """A test digit by its number: its picture and its label."""
        dataset = self.explorer.library.dataset
        index = whole("the test digit", index, len(dataset.test_images) - 1)
        return {"picture": dataset.test_images[index].flatten().tolist(), "label": int(dataset.test_labels[index])}

    def reconstruct(self, model: str, picture: list[int]) -> dict[str, Any]:
        """The picture as the model rebuilds it, and its mean squared error per pixel, pixels from 0 to 1."""
        opened, x = self._opened(model), picture_from(picture)
        with torch.inference_mode():
            result = rebuilt(opened, x, torch.Generator().manual_seed(MASK_SEED)).clamp(0, 1)
        return {"picture": grey(result), "mse": float(squared_error(x, result))}

    def encode(self, model: str, picture: list[int]) -> list[float]:
        """The picture's code."""
        opened, x = self._opened(model), picture_from(picture)
        with torch.inference_mode():
            return [float(number) for number in opened.encode(x)[0]]

    def decode(self, model: str, code: list[float]) -> list[int]:
        """The picture that a code becomes; for models with a decoder of their own."""
        opened = self._opened(model)
        if not isinstance(opened, Decoding):
            raise ValueError(f"{model} cannot turn a code into a picture")
        z = code_from(code, int(opened.config.as_dict()["latent_dim"]))
        with torch.inference_mode():
            return grey(opened.decode(z))

    def fill(self, model: str, picture: list[int], mask: str) -> list[int]:
        """The picture with its hidden patches filled in. ``mask``: a 1 for each hidden patch and a 0 for each other.

        A masked model has 7 x 7 patches unless it says otherwise, any other model always.
        """
        opened, x = self._opened(model), picture_from(picture)
        patches = patches_in_a_row(opened) ** 2
        masks = from_text(mask, patches)[None]
        if bool(masks.all()):
            raise ValueError("at least one patch must be visible")
        with torch.inference_mode():
            return grey(paste(x, filled(opened, x, masks), masks))

    def denoise(self, model: str, picture: list[int], noise: float = 0.5, seed: int = 0) -> dict[str, Any]:
        """The picture under Gaussian noise, what the model makes of it, and the PSNR of both in dB."""
        opened, x = self._opened(model), picture_from(picture)
        if not is_number(noise, 1.0) or noise < 0:
            raise ValueError(f"noise must lie between 0 and 1, got {shown(noise)}")
        seed = whole("the seed", seed, 2**31 - 1)
        with torch.inference_mode():
            damaged = Corruption(noise=noise)(x, seed)
            result = rebuilt(opened, damaged, torch.Generator().manual_seed(MASK_SEED)).clamp(0, 1)
        before, after = (float(psnr(x, one)) for one in (damaged, result))
        return {"damaged": grey(damaged), "restored": grey(result), "psnr_before": before, "psnr_after": after}

    async def train(
        self, variant: str, settings: dict[str, Any], training: dict[str, Any], request: gr.Request
    ) -> AsyncIterator[dict[str, Any]]:
        """Train a model; what is left out of settings and training keeps its default.

        Each answer has a ``state`` and a ``text``; the last one the new ``model``'s name and its ``figures`` as well. A
        client that goes away stops its training.
        """
        jobs = self.explorer.jobs
        try:
            spec = RunSpec(variant, settings, training, self.explorer.library.dataset.name)
            require_affordable(spec, len(self.explorer.library.dataset.train_images))
            self.explorer.pace.admit(str(request.session_hash), address(request))
            job = jobs.submit(spec, owner=str(request.session_hash))
            seen = 0
            try:
                while not (view := jobs.look(job, seen)).is_over:
                    seen = view.seen
                    yield {"state": view.state, "text": view.text}
                    await asyncio.sleep(LOOK)
            finally:
                jobs.forget(job)
            finished = next((event for event in view.events if event["kind"] == "finished"), None)
            if finished is None:
                raise ValueError(view.text)
            card = Card(**finished["card"])
            model = await asyncio.to_thread(
                self.explorer.gallery.store.keep, finished["weights"], card, finished["maps"]
            )
            yield {"state": finished["status"], "text": finished["text"], "model": model, "figures": card.figures}
        except Exception as error:
            raise told(error) from error

    def _opened(self, model: object) -> Autoencoder:
        if not isinstance(model, str):
            raise ValueError(f"the model must be named by a text, got {shown(model)}")
        try:
            return self.explorer.gallery.open(model, self.explorer.library.dataset).model
        except CheckpointError as error:
            raise ValueError(str(error)) from error


def picture_from(pixels: object) -> Tensor:
    """784 grey values -> (1, 1, 28, 28) in [0, 1]. Raises ValueError."""
    if not isinstance(pixels, list) or len(pixels) != PIXELS:
        raise ValueError(f"a picture is a list of {PIXELS} grey values, got {shown(pixels)}")
    if not all(isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 255 for value in pixels):
        raise ValueError("a picture's grey values are whole numbers from 0 to 255")
    return torch.tensor(pixels, dtype=torch.float32).reshape(1, 1, SIDE, SIDE) / 255


def code_from(numbers: object, size: int) -> Tensor:
    """So many numbers -> (1, size). Raises ValueError."""
    if not isinstance(numbers, list) or len(numbers) != size or not all(is_number(z, LARGEST) for z in numbers):
        raise ValueError(f"a code of this model is {size} numbers of at most {LARGEST:g}, got {shown(numbers)}")
    return torch.tensor([numbers], dtype=torch.float32)


def whole(name: str, value: object, last: int) -> int:
    """A whole number from 0 to ``last``. Raises ValueError."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= last:
        raise ValueError(f"{name} must be a whole number from 0 to {last}, got {shown(value)}")
    return value


def grey(picture: Tensor) -> list[int]:
    """(1, 1, 28, 28) in [0, 1] -> 784 grey values."""
    values: list[int] = (picture.clamp(0, 1) * 255).round().int().flatten().tolist()
    return values


def is_number(value: object, limit: float) -> bool:
    """Whether it is a number, and no further from zero than the limit."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= limit
