"""How pixels of images become values of the input layer."""

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

HIGHEST = 255
Float = TypeVar("Float", bound=np.floating)


@dataclass(frozen=True, eq=False)
class Pixels:
    """Pixel p of map m of an image is p / 255 * scale[m] + shift[m]. Both: (maps,)."""

    scale: NDArray[np.float64]
    shift: NDArray[np.float64]

    @classmethod
    def plain(cls, maps: int) -> "Pixels":
        """Return what pixels are unless something says otherwise: p / 255."""
        return cls(np.ones(maps), np.zeros(maps))

    @property
    def is_plain(self) -> bool:
        """Tell whether nothing is scaled or shifted."""
        return bool((self.scale == 1).all() and not self.shift.any())

    @property
    def lowest(self) -> NDArray[np.float64]:
        """The lowest value of each map, (maps,), whatever the image."""
        return np.minimum(self.shift, self.shift + self.scale)

    @property
    def highest(self) -> NDArray[np.float64]:
        """The highest value of each map, (maps,), whatever the image."""
        return np.maximum(self.shift, self.shift + self.scale)

    def then(self, scale: NDArray[np.float64], shift: NDArray[np.float64]) -> "Pixels":
        """Return these, scaled and then shifted once more, (maps,) each."""
        return Pixels(self.scale * scale, self.shift * scale + shift)

    def of(
        self, images: NDArray[np.uint8], dtype: type[Float], maps: slice = slice(None)
    ) -> NDArray[Float]:
        """Return values of images, (images, maps, rows, cols); maps: which of all these are."""
        values: NDArray[Float] = images.astype(dtype) / dtype(HIGHEST)
        if self.is_plain:
            return values
        scale, shift = (each[maps].astype(dtype) for each in (self.scale, self.shift))
        scaled: NDArray[Float] = values * scale[:, None, None] + shift[:, None, None]
        return scaled
