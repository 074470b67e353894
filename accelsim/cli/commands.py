"""The group of commands: what all of them have, --quiet and -h beside --help."""

from functools import cache
from typing import Annotated, Any, NoReturn

import typer
from typer.core import TyperGroup

HELP = {"help_option_names": ["-h", "--help"]}
"""Settings of the outermost group, which those inside take over."""
_QUIET = "quiet"
_NAME, _VARIABLE = "accelsim", "_ACCELSIM_COMPLETE"
_INSTALL = "--install-completion"
_COMPLETION = (_INSTALL, "--show-completion")


class Commands(TyperGroup):
    """A group whose commands have --quiet: they print nothing but errors."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the arguments; after an option of completion a shell may be named."""
        if len(args) == len(("option", "shell")) and args[0] in _COMPLETION:
            _complete(*args)
        return super().parse_args(ctx, args)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return a command by name, None if there is none."""
        command = super().get_command(ctx, cmd_name)
        if command is None or isinstance(command, TyperGroup):
            return command
        if all(each.name != _QUIET for each in command.params):
            command.params.append(_quiet())
        return command


def _complete(option: str, shell: str) -> NoReturn:
    """Install or print the completion of a shell; Typer's options take the one that runs."""
    # Typer has no public name for them.
    from typer._completion_shared import Shells, get_completion_script, install  # noqa: PLC0415

    from accelsim.errors import InputError, nearest  # noqa: PLC0415

    shells = [each.value for each in Shells]
    if shell not in shells:
        raise InputError(
            f"{option} {shell:.80}: expected one of {', '.join(shells)}{nearest(shell, shells)}"
        )
    if option == _INSTALL:
        _, path = install(shell=shell, prog_name=_NAME, complete_var=_VARIABLE)
        typer.echo(f"written: {path}")
    else:
        typer.echo(get_completion_script(prog_name=_NAME, complete_var=_VARIABLE, shell=shell))
    raise typer.Exit


@cache
def _quiet() -> Any:
    """Return the option as Typer makes it of a command that has it."""
    app = typer.Typer(add_completion=False)

    @app.command()
    def silent(
        quiet: Annotated[
            bool,
            typer.Option(
                "--quiet",
                "-q",
                callback=_silence,
                expose_value=False,
                help="Print nothing but errors; files and exit codes are the same.",
            ),
        ] = False,
    ) -> None:
        """Stand for any command."""

    (option,) = [each for each in typer.main.get_command(app).params if each.name == _QUIET]
    return option


def _silence(context: typer.Context, chosen: bool) -> None:
    """Take standard output and errors away for as long as the command runs.

    An error is printed after that.
    """
    if chosen:
        from accelsim.cli.consoles import muted  # noqa: PLC0415 - loads rich

        context.with_resource(muted(errors=True))
