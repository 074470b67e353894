"""Shapes of feature maps, and how a window moves over them."""

from typing import NamedTuple

Pads = tuple[int, int, int, int]
"""Rows above, columns left, rows below, columns right of a map that read 0."""


class Shape(NamedTuple):
    """Feature maps: how many, and the rows and columns of each."""

    maps: int
    rows: int
    cols: int

    def __str__(self) -> str:
        return f"{self.maps} x {self.rows} x {self.cols}"


class Form(NamedTuple):
    """How a layer's window moves over its maps; 0, 1, valid for an op without a window.

    padding: 'same' (as many outputs as inputs over the stride; what is odd goes below and right),
    'valid' (none), or the rows and columns of each side.
    """

    kernel: int = 0
    stride: int = 1
    padding: str | Pads = "valid"

    def __str__(self) -> str:
        return f"kernel {self.kernel}, stride {self.stride}, {self.padding_text}"

    @property
    def padding_text(self) -> str:
        """The padding as a network file has it."""
        return self.padding if isinstance(self.padding, str) else str(list(self.padding))

    def pads(self, rows: int, cols: int) -> Pads:
        """Return what is added to maps of so many rows and columns."""
        if not isinstance(self.padding, str):
            return self.padding
        if self.padding == "valid":
            return 0, 0, 0, 0
        above, below = self._same(rows)
        left, right = self._same(cols)
        return above, left, below, right

    def moves(self, rows: int, cols: int) -> tuple[int, int]:
        """Return how many windows fit below and beside one another; 0 or less if none does."""
        above, left, below, right = self.pads(rows, cols)
        return (
            (rows + above + below - self.kernel) // self.stride + 1,
            (cols + left + right - self.kernel) // self.stride + 1,
        )

    def _same(self, size: int) -> tuple[int, int]:
        missing = max((-(-size // self.stride) - 1) * self.stride + self.kernel - size, 0)
        return missing // 2, missing - missing // 2
