"""Names of a package that are loaded when they are first used, so that it is quick to import."""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import TypeAlias

Getter: TypeAlias = Callable[[str], object]
Lister: TypeAlias = Callable[[], list[str]]


def lazy_names(namespace: dict[str, object], modules: Mapping[str, str]) -> tuple[Getter, Lister]:
    """Return `__getattr__` and `__dir__` of a package.

    namespace: its `globals()`. modules: name -> the module below the package that has it.
    """
    package = str(namespace["__name__"])

    def get(name: str) -> object:
        if name not in modules:
            raise AttributeError(f"module '{package}' has no attribute '{name}'")
        value: object = getattr(import_module(f"{package}.{modules[name]}"), name)
        namespace[name] = value
        return value

    def names() -> list[str]:
        return sorted({*namespace, *modules})

    return get, names
