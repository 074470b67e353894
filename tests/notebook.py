"""Runs a notebook cell by cell, without Jupyter.

`python -m tests.notebook FILE...` writes the texts that cells show into the notebooks. Pictures are
not kept: they are drawn when somebody runs the notebook.
"""

import ast
import contextlib
import io
import json
import sys
from pathlib import Path
from typing import Any


class _Printer:
    """What IPython gives to `_repr_pretty_`."""

    def __init__(self) -> None:
        self.said = ""

    def text(self, text: str) -> None:
        self.said += text


def shown_by(path: Path) -> list[str]:
    """Run the code cells of a notebook in order; return the text that each shows."""
    namespace: dict[str, Any] = {}
    return [_shown("".join(cell["source"]), namespace) for cell in code_cells(path)]


def kept_in(path: Path) -> list[str]:
    """Return the text that each code cell of a notebook has below it."""
    return ["".join("".join(part["text"]) for part in cell["outputs"]) for cell in code_cells(path)]


def code_cells(path: Path) -> list[dict[str, Any]]:
    """Return the code cells of a notebook."""
    return [cell for cell in json.loads(path.read_text())["cells"] if cell["cell_type"] == "code"]


def _shown(code: str, namespace: dict[str, Any]) -> str:
    """Run a cell; return what it prints, and its last value as a notebook shows it in text."""
    tree = ast.parse(code)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    with contextlib.redirect_stdout(io.StringIO()) as out:
        exec(compile(tree, "cell", "exec"), namespace)  # noqa: S102 - what a notebook is for
        if isinstance(last, ast.Expr):
            expression = compile(ast.Expression(last.value), "cell", "eval")
            _show(eval(expression, namespace))  # noqa: S307 - the same
    return out.getvalue()


def _show(value: object) -> None:
    if value is None or hasattr(value, "savefig"):
        return
    if hasattr(value, "_repr_pretty_"):
        printer = _Printer()
        value._repr_pretty_(printer, False)
        sys.stdout.write(f"{printer.said}\n")
    else:
        sys.stdout.write(f"{value!r}\n")


def write_outputs(path: Path) -> None:
    """Run a notebook, and put what its cells show below them."""
    notebook = json.loads(path.read_text())
    texts = iter(shown_by(path))
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            text = next(texts)
            lines = text.splitlines(keepends=True)
            output = {"name": "stdout", "output_type": "stream", "text": lines}
            cell |= {"execution_count": None, "outputs": [output] if text else []}
    path.write_text(json.dumps(notebook, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    for name in sys.argv[1:]:
        write_outputs(Path(name))
