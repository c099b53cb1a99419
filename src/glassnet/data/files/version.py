"""Which glassnet this is: written into model files and ejected programs."""

__version__ = "0.1.0"
