"""The study of dies whose cells differ in geometry and material, by the size of the differences."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from accelsim.config.machine import Override
from accelsim.device.variation import TILT, VARIED
from accelsim.errors import InputError
from accelsim.study.points import Study
from accelsim.study.values import parse_values
from accelsim.wording import given

if TYPE_CHECKING:
    from accelsim.study.catalog import Setting

ALL = "all"
_DEFAULT = "0,0.005,0.01,0.02,0.03,0.05"


def over_dies(setting: "Setting") -> Study:
    """Monte Carlo over dies: geometry and material of the cells, together and one by one."""
    machine = setting.load({})
    if machine.variation is None:
        raise InputError(
            f"study of dies: machine '{machine.name}' has no section 'variation'; "
            "configs/irmen.yaml has one"
        )
    for key in setting.changes:
        if key.startswith("variation."):
            raise InputError(f"{given('set', key)}: the study 'dies' sets this itself")
    deviations = parse_values(setting.values or _DEFAULT, "relative deviation", zero=True, most=0.3)
    on: dict[str, Override] = {"effects.active": setting.names("device_variation")}
    points = []
    for varied in (ALL, *VARIED):
        chosen = VARIED if varied == ALL else (varied,)
        for deviation in deviations:
            if deviation or varied == ALL:
                changes = {f"variation.{key}": _of(key, deviation, chosen) for key in VARIED}
                points.append(setting.point({**on, **changes}, varied=varied, deviation=deviation))
    return Study(
        name="dies",
        title="Accuracy against how cells of a die differ, over dies",
        columns=("varied", "deviation"),
        points=points,
        x="deviation",
        series="varied",
        note=(
            "Relative standard deviation of each constant of a cell, of the tilt in rad: all "
            "alike, or one alone. "
            "Each seed is a die of its own, with its own noise; what a die has in common is "
            "trimmed."
        ),
    )


def _of(key: str, deviation: float, chosen: Sequence[str]) -> Override:
    """Return what a key of `variation:` is set to, where some of them are chosen."""
    value = deviation * (key in chosen)
    return f"{value} rad" if key == TILT else value
