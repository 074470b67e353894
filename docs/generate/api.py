"""The page of the Python interface: what `accelsim` exports, from its docstrings."""

import inspect

import accelsim

_TITLE = """# Python

What `import accelsim` gives. Machines and networks are loaded by the name of one that ships, or
from a file; a run returns a frozen [`Result`](#accelsim.Result).

"""
_DIRECTIVE = """```{{eval-rst}}
.. {kind}:: accelsim.{name}
{options}
```
"""


def page() -> str:
    """Return the page in Markdown: functions, then classes, then errors, each in order of names."""
    return _TITLE + "\n".join(map(_entry, sorted(documented(), key=_order)))


def documented() -> list[str]:
    """Return the names that users call, without the version."""
    return [name for name in accelsim.__all__ if name != "__version__"]


def _kind(name: str) -> str:
    what = getattr(accelsim, name)
    if not inspect.isclass(what):
        return "autofunction"
    return "autoexception" if issubclass(what, Exception) else "autoclass"


def _order(name: str) -> tuple[int, str]:
    return ("autofunction", "autoclass", "autoexception").index(_kind(name)), name


def _entry(name: str) -> str:
    options = "   :members:\n" if _kind(name) == "autoclass" else ""
    return _DIRECTIVE.format(kind=_kind(name), name=name, options=options)
