"""Colours of timelines: palettes that stay apart for colour-blind eyes, and text that is read.

Those of ops are in `accelsim.ops`. Images: after Okabe and Ito, "Color Universal Design" (2008),
as ops. Energy groups: two hues of two lightnesses, so that neither needs the other's colour.
"""

from accelsim.ops import STEP_OPS

_OTHER = "#D55E00"
_LIGHT = 0.45
# One after another of another lightness, too.
IMAGES = ("#0072B2", "#E69F00", "#009E73", "#56B4E9", "#D55E00", "#F0E442", "#CC79A7")
WAIT = "#555555"
OF_NO_IMAGE = {
    "refresh": "#8C564B",
    "enter": "#6A51A3",
    "sleep": "#CBC9E2",
    "exit": "#3F007D",
    "restore": "#9E9AC8",
    "fault": "#E31A1C",
}
"""By kind, of what banks, power control and faults do, whatever the image and the op."""
_ENERGY = {
    "A arrays": "#5E3C99",
    "B arrays": "#B2ABD2",
    "A banks": "#B35806",
    "B banks": "#FDB863",
    "sequencer": "#444444",
    "clock": "#999999",
    "host": "#CC79A7",
    "datapath": "#009E73",
    "power": "#9E9AC8",
    "classifier": "#D55E00",
}
_HATCHES = {"A arrays": "......", "A banks": "//////", "B banks": "\\\\\\\\\\\\", "host": "xxxxxx"}


_FAMILIES = {known.family: known.colour for known in STEP_OPS.values()}


def op_class(op: str) -> str:
    """Return the family of an op: diff_h and diff_v are diff."""
    known = STEP_OPS.get(op)
    return known.family if known else op


def op_colour(op: str) -> str:
    """Return the colour of an op, or of a family: one for all that this version does not know."""
    return _FAMILIES.get(op_class(op), _OTHER)


def image_colour(image: int) -> str:
    """Return the colour of an image; images that follow one another have others."""
    return IMAGES[image % len(IMAGES)]


def energy_colour(group: str) -> str:
    """Return the colour of an energy group."""
    return _ENERGY.get(group, _OTHER)


def energy_hatch(group: str) -> str:
    """Return the hatch of an energy group in print: neighbours differ without colour."""
    return _HATCHES.get(group, "")


def lighter(colour: str, share: float) -> str:
    """Return a colour with this share of it left, the rest white."""
    parts = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return "#" + "".join(f"{round(255 - share * (255 - part)):02x}" for part in parts)


def ink(colour: str) -> str:
    """Return black or white, whichever is read better on a colour."""
    red, green, blue = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    return "black" if 0.2126 * red + 0.7152 * green + 0.0722 * blue > _LIGHT else "white"
