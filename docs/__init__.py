"""The documentation, as Sphinx builds it; `generate` makes what follows from the code."""
