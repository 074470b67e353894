"""Mutates the package and looks whether a test notices; see `__main__`. Not run by pytest."""
