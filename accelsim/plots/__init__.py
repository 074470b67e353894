"""One look for all figures, as a journal prints them. No display is needed.

This module alone does without Matplotlib, so that commands can name the widths before it is loaded.
"""

WIDTHS = {"column": 3.5, "page": 7.16}
"""Widths of a figure, inches: of one column, and of both, of a journal page."""
COLUMN = WIDTHS["column"]
LEAST_LETTERS = 6.0
"""Least size of a text in a figure, points, at the width at which it is printed."""
