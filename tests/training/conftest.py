"""Workers for the tests of training, started once a file."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from explorer.training.jobs import Jobs
from tests.training import stand_ins


@pytest.fixture(scope="module")
def jobs() -> Iterator[Jobs]:
    """Two workers that start with the first job and serve all tests of this file."""
    made = Jobs(stand_ins.act, workers=2)
    yield made
    made.close()


@pytest.fixture
def owner(request: pytest.FixtureRequest) -> str:
    """Each test is a visitor."""
    return str(request.node.name)
