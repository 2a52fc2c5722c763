"""A small autoencoder that learns in the browser, on points of the plane."""

from __future__ import annotations

from explorer.ui.components.component import Component


class Toy(Component):
    """All of it is in the browser: points, network, training and drawing; it needs no value and sends nothing."""

    script = "toy"
