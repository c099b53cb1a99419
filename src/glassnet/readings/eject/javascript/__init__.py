"""A network as a JavaScript module."""
