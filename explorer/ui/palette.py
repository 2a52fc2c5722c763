"""Ten colours for ten digits, the same everywhere: told apart with any kind of colour vision, on white and on black."""

from __future__ import annotations

DIGITS = (
    "#0072b2",
    "#e69f00",
    "#009e73",
    "#d55e00",
    "#cc79a7",
    "#56b4e9",
    "#b8a800",
    "#7a5195",
    "#8c6d46",
    "#5f6a6e",
)
