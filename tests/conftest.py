"""What every test may ask for. Tests never use the network, this machine's own caches or a browser's analytics."""

from __future__ import annotations

import os
import tempfile
from typing import TYPE_CHECKING

import pytest

CACHE = tempfile.TemporaryDirectory(prefix="explorer-tests-", ignore_cleanup_errors=True)
os.environ.setdefault("OMP_NUM_THREADS", "1")  # models this small only wait for a second thread
os.environ |= {
    "EXPLORER_CACHE": CACHE.name,
    "GRADIO_ANALYTICS_ENABLED": "False",
    "HF_HUB_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
}

if TYPE_CHECKING:
    import torch

    from explorer.data.dataset import Dataset


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests come last: they are slow, and Playwright's event loop would stand in the way of other tests'."""
    items.sort(key=lambda item: "browser" in item.path.parent.parts)


@pytest.fixture(scope="session")
def digits() -> Dataset:
    """The embedded digits, which every machine has."""
    from explorer.data.digits import embedded

    return embedded()


@pytest.fixture(scope="session")
def mnist() -> Dataset:
    """MNIST, for a test that holds a figure of the real data to its bound."""
    from explorer.data.mnist import available

    found = available()
    if found is None:
        pytest.skip("MNIST is not on this machine: name the folder of its four files in MNIST_DIR")
    return found


@pytest.fixture(scope="session")
def dataset(request: pytest.FixtureRequest) -> Dataset:
    """MNIST where this machine has it, else the embedded digits."""
    from explorer.data.mnist import available

    found: Dataset = available() or request.getfixturevalue("digits")
    return found


@pytest.fixture
def generator() -> torch.Generator:
    """A fresh source of randomness, always the same."""
    import torch

    return torch.Generator().manual_seed(0)
