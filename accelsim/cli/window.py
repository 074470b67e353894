"""Options that cut a window out of a trace.

def command(start: FromOption = None, end: ToOption = None,
            image: ImageOption = None, component: ComponentOption = None) -> None:
    window = parse_window(trace, start, end, image, component)
"""

from typing import Annotated

import typer

FromOption = Annotated[
    str | None,
    typer.Option("--from", metavar="TIME", help="Leave out what ends before, such as '42 ns'."),
]
ToOption = Annotated[
    str | None, typer.Option("--to", metavar="TIME", help="Leave out what begins at it or later.")
]
ImageOption = Annotated[
    str | None,
    typer.Option("--image", metavar="N|FIRST:LAST", help="One image, or a range: 40:60 is 40-59."),
]
ComponentOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar="PATH", help="Only this, and all below it: circuit_a.lane0.bank; repeatable."
    ),
]
