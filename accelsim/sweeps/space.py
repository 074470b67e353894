"""A space of points, loaded and checked."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from accelsim.config.machine import Override, load_machine
from accelsim.documents.document import Document, dotted, read_document
from accelsim.documents.validation import validate
from accelsim.errors import InputError, nearest
from accelsim.resources import find, find_beside, names
from accelsim.simulation.images import checked
from accelsim.sweeps.axes import Axis, check_value, read_axis
from accelsim.sweeps.constants import constants_in_si
from accelsim.sweeps.formulas import FUNCTIONS, Formula, read_formula
from accelsim.sweeps.keys import MACHINE, OF_RUN, RATE, WORKLOAD, is_machine_key, machine_keys
from accelsim.sweeps.schema import GRID, CellRuns, Sample, SpaceFile, Stream
from accelsim.units import UnitError, parse_rate, read_whole

FOLDER = "configs/spaces"
ACCURACY, DEVICE = "accuracy", "device"
_FOLDERS = {MACHINE: "configs", WORKLOAD: "workloads", DEVICE: "configs/devices"}


@dataclass(frozen=True)
class Space:
    """A space, checked. What it says of files is as commands take it: a name that ships or a path.

    name: of its file. axes: in order of the file. derived: name -> formula, in order.
    constraints: what holds of every point. images: numbers of images. changes: of every point.
    """

    name: str
    description: str
    machine: str
    workload: str
    dataset: str | None
    images: range
    seed: int
    arrivals: Stream | None
    changes: Mapping[str, Override]
    axes: tuple[Axis, ...]
    derived: Mapping[str, Formula] = field(repr=False)
    constraints: tuple[Formula, ...] = field(repr=False)
    sample: Sample = field(repr=False)
    objectives: Mapping[str, str] = field(repr=False)
    characterize: CellRuns = field(repr=False)
    values: bool = True
    chunk: int = 16
    block: int = 5000

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of axes, then of what is derived."""
        return (*(axis.name for axis in self.axes), *self.derived)

    @property
    def devices(self) -> tuple[str, ...]:
        """Device files that its points name, as commands take them."""
        named = self.changes.get(DEVICE)
        return (*((str(named),) if named is not None else ()), *self.values_of(DEVICE, ""))

    def values_of(self, name: str, otherwise: str) -> tuple[str, ...]:
        """Return the values of an axis in words, such as machines; or what all points have."""
        found = next((axis.values for axis in self.axes if axis.name == name), (otherwise,))
        return tuple(str(each) for each in found)


def load_space(space: str | Path) -> Space:
    """Load a space by the name of one that ships, or from a YAML file.

    Raises InputError for what cannot be: it says where, what came, and what was expected.
    """
    path = find(space, FOLDER, "space")
    document = read_document(path)
    file = validate(SpaceFile, document)
    loader = _Loader(document, file)
    return loader.space()


class _Loader:
    """Reads a space from its file, once the schema has nothing to say against it."""

    def __init__(self, document: Document, file: SpaceFile) -> None:
        self._document, self._file = document, file

    def space(self) -> Space:
        file, document = self._file, self._document
        if not file.axes:
            raise self._wrong("is empty; expected an axis such as arrays.lanes: [4, 8]", "axes")
        axes = tuple(read_axis(name, raw, document) for name, raw in file.axes.items())
        axes = tuple(self._placed(axis) for axis in axes)
        for key, value in file.set.items():
            self._check_change(key, value)
        space = Space(
            name=document.path.stem,
            description=file.description,
            machine=self._named("machine", file.machine),
            workload=self._named("workload", file.workload),
            dataset=None if file.dataset is None else self._dataset(file.dataset),
            images=self._images(),
            seed=file.seed,
            arrivals=file.arrivals,
            changes={
                key: self._named(DEVICE, str(value), "set", DEVICE) if key == DEVICE else value
                for key, value in file.set.items()
            },
            axes=axes,
            derived={
                name: read_formula(text, f"{document.where(('derived', name))}: derived.{name}")
                for name, text in file.derived.items()
            },
            constraints=tuple(
                read_formula(
                    text, f"{document.where(('constraints', number))}: constraints[{number}]"
                )
                for number, text in enumerate(file.constraints)
            ),
            sample=file.sample,
            objectives=file.objectives,
            characterize=file.characterize,
            values=file.values,
            chunk=file.chunk,
            block=file.block,
        )
        self._check_names(space)
        if not space.values and ACCURACY in space.objectives:
            raise self._wrong("is not known with 'values: false'", "objectives", ACCURACY)
        self._check_sample(space)
        self._check_stream(space)
        return space

    def _wrong(self, what: str, *at: str | int) -> InputError:
        return InputError(f"{self._document.where(at)}: {dotted(at)}: {what}")

    def _named(self, what: str, name: str, *at: str | int) -> str:
        """Return a machine, network or device file as commands take it: a name, or a path."""
        folder = _FOLDERS[what]
        location = at or (what,)
        try:
            path = find_beside(name, self._document.path.parent, folder, what)
        except InputError as error:
            raise InputError(f"{self._document.where(location)}: {what}: {error}") from None
        return name if name in names(folder) and path.stem == name else str(path)

    def _placed(self, axis: Axis) -> Axis:
        """Return an axis with machines, networks and device files as commands take them."""
        if axis.name not in _FOLDERS:
            return axis
        if not axis.values:
            raise self._wrong("expected a list of names", "axes", axis.name)
        found = tuple(
            self._named(axis.name, str(value), "axes", axis.name, number)
            for number, value in enumerate(axis.values)
        )
        return Axis(axis.name, axis.place, found)

    def _dataset(self, name: str) -> str:
        path = self._document.path.parent / name
        return str(path) if path.exists() else name

    def _check_change(self, key: str, value: object) -> None:
        place = f"{self._document.where(('set', key))}: set.{key}"
        if not is_machine_key(key):
            raise InputError(f"{place}: unknown key{nearest(key, machine_keys())}")
        if isinstance(value, bool) or not isinstance(value, int | float | str):
            raise InputError(f"{place}: got {value!r}; expected a number or text")
        check_value(key, value, place)

    def _images(self) -> range:
        raw = self._file.images
        try:
            if isinstance(raw, str):
                first, colon, last = raw.partition(":")
                return checked(range(read_whole(first), read_whole(last)) if colon else
                               range(read_whole(first)))  # fmt: skip
            return checked(range(raw))
        except ValueError:
            raise self._wrong(f"got {raw!r}; expected a number such as 100, or a range such as "
                              "'40:60'", "images") from None  # fmt: skip
        except InputError as error:
            raise InputError(f"{self._document.where(('images',))}: {error}") from None

    def _check_names(self, space: Space) -> None:
        """Refuse names that nothing has, and parameters that nothing uses."""
        constants = constants_in_si(load_machine(space.machine, space.changes))
        known = {*constants, *space.columns, *OF_RUN, *machine_keys()}
        formulas = (*space.derived.values(), *space.constraints)
        for formula in formulas:
            for name in formula.names:
                if name not in known:
                    hint = nearest(name, [*known, *FUNCTIONS])
                    raise InputError(f"{formula.place}: '{formula.text}': unknown name '{name}'"
                                     f"{hint}")  # fmt: skip
        used = {name for formula in formulas for name in formula.names}
        for name in space.columns:
            where = "derived" if name in space.derived else "axes"
            if name in space.changes:
                raise self._wrong(f"{where} has it, too; leave one out", "set", name)
            if name in space.derived and any(axis.name == name for axis in space.axes):
                raise self._wrong("axes has it, too; leave one out", "derived", name)
            if name in OF_RUN or is_machine_key(name) or (name in used and "." not in name):
                continue
            place = self._document.where((where, name))
            hint = nearest(name, [*machine_keys(), *OF_RUN])
            raise InputError(
                f"{place}: {where}.{name}: unknown key; expected a key of a machine file, "
                f"{', '.join(OF_RUN)}, or a name that a formula uses{hint}"
            )

    def _check_sample(self, space: Space) -> None:
        sample = space.sample
        if sample.method == GRID:
            if sample.points is not None:
                raise self._wrong("a grid has the points of its axes; leave it out, or choose "
                                  "another method", "sample", "points")  # fmt: skip
            for axis in space.axes:
                if not axis.has_grid:
                    raise InputError(f"{axis.place}: axes.{axis.name}: a range without points; "
                                     "a grid needs points, or step")  # fmt: skip
        elif sample.points is None:
            raise self._wrong(f"method {sample.method} needs points", "sample")

    def _check_stream(self, space: Space) -> None:
        rate = next((axis for axis in space.axes if axis.name == RATE), None)
        if space.arrivals is None:
            if rate is not None:
                raise InputError(f"{rate.place}: axes.{RATE}: expected a section 'arrivals', too, "
                                 "which says how images come")  # fmt: skip
            return
        if space.images.start:
            raise self._wrong("a stream has so many images; expected a number", "images")
        try:
            parse_rate(space.arrivals.rate)
        except UnitError as error:
            raise self._wrong(str(error), "arrivals", "rate") from None
