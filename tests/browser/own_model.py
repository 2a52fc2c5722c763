"""A visitor's own model without a training: put into the store of a running explorer, and remembered by a browser."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from explorer.models.checkpoint import pack
from explorer.models.registry import named
from explorer.training.store import RunStore
from tests.cases import Case, card_for

TOO_MUCH = {"cell": "LSTM"}  # which decoder.js does not know, so that a sequence model's decoder stays on the server


def kept(name: str, **settings: Any) -> str:
    """The id of a fresh model of the named variant, in the store of the explorer whose cache EXPLORER_CACHE names."""
    case = Case(named(name), named(name).config.from_dict(settings))
    weights = pack(case.model())
    return RunStore(Path(os.environ["EXPLORER_CACHE"]) / "runs").keep(weights, card_for(case, weights), b"")


def remember(page: Page, run: str) -> None:
    """Let the page's browser open this model when it comes back, and come back."""
    page.evaluate(
        "run => localStorage.setItem('explorer-visit', JSON.stringify({model: run, mine: [run], index: 3}))", run
    )
    page.reload()
