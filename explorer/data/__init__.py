"""Handwritten digits: MNIST when it is on this machine, scikit-learn's digits in the same format when it is not."""

from __future__ import annotations

from explorer.data import digits, mnist
from explorer.data.dataset import Dataset

__all__ = ["Dataset", "load"]


def load() -> Dataset:
    """MNIST if it is here, otherwise the embedded stand-in; the network is never asked."""
    return mnist.available() or digits.embedded()
