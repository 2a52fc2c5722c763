"""Autoencoder Explorer: see how autoencoders work, on handwritten digits."""

__version__ = "0.1.0"
