"""How strongly a code answers to small changes of the pixels: the size of the encoder's Jacobian."""

from __future__ import annotations

import torch
from torch import Tensor

from explorer.data.dataset import Pixels
from explorer.models.base import Autoencoder
from explorer.training.evaluate import batches


def mean_jacobian_norm(model: Autoencoder, images: Pixels) -> float:
    """Mean over uint8 images (N, 1, 28, 28) of ||dz/dx||_F, exact, pixels in [0, 1]. Rifai et al. 2011."""
    return sum(float(jacobian_norms(model, x).sum()) for x in batches(images)) / len(images)


def jacobian_norms(model: Autoencoder, x: Tensor) -> Tensor:
    """Each image's ||dz/dx||_F: (N, 1, 28, 28) -> (N,). Needs an encoder that looks at every image by itself.

    One backward pass for each number of the code gives that row of all images' Jacobians, because image n's code
    depends on image n alone; no Jacobian is ever held as a whole.
    """
    with torch.inference_mode(False), torch.enable_grad():
        x = x.clone().requires_grad_()
        z = model.encode(x)
        squares = torch.zeros(len(x))
        for number in z.sum(dim=0):  # (D,) one for each number of the code
            (row,) = torch.autograd.grad(number, x, retain_graph=True)
            squares += row.square().flatten(1).sum(dim=1)
    return squares.sqrt()
