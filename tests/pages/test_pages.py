"""What the pages print is what their commands print."""

import pytest

from tests.pages.__main__ import taken
from tests.pages.blocks import Command, File, agrees, read
from tests.pages.play import DOCS, PLAYED, play


@pytest.mark.parametrize("page", PLAYED)
def test_a_page_prints_what_its_commands_print(page, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("COLUMNS", raising=False)
    commands = 0
    for command, actual in play((DOCS / page).read_text()):
        assert agrees(command.printed, actual), "\n".join([f"$ {command.line}", *actual])
        commands += 1
    assert commands


def test_a_page_is_read():
    page = """# Page

```{code-block} yaml
:caption: a.yaml

b: 1
```

```console
$ accelsim one  # a remark
first
...
$ accelsim two
```
"""
    file, one, two = read(page)
    assert file == File("a.yaml", "b: 1\n")
    assert isinstance(one, Command)
    assert (one.line, one.printed) == ("accelsim one", ("first", "..."))
    assert page[slice(*one.span)] == "first\n...\n"
    assert isinstance(two, Command)
    assert two.printed == ()


def test_lines_that_are_left_out():
    assert agrees(("a", "...", "c"), ["a", "b", "b", "c"])
    assert agrees(("a", "...", "c"), ["a", "c"])
    assert agrees((), [])
    assert not agrees(("a", "..."), ["b"])
    assert not agrees(("a",), ["a", "b"])
    assert taken(("a 1", "...", "c 1"), ["a 2", "b", "c 2", "d"]) == ["a 2", "...", "c 2"]
    assert taken(("a 1", "..."), ["a 2", "b"]) == ["a 2", "..."]
    assert taken(("a",), ["b", "c"]) == ["b", "c"]
