"""What `accelsim compile` does."""

import json
from collections.abc import Mapping
from dataclasses import asdict

import typer

from accelsim.cli.consoles import plain_console
from accelsim.cli.header import print_changes
from accelsim.cli.program import program_tables
from accelsim.cli.program_report import fit_table, report_tables
from accelsim.cli.subject import Subject
from accelsim.cli.tiles_table import tiles_table
from accelsim.compiler import (
    Program,
    Tenancy,
    compile_network,
    compile_tenants,
    program_json,
    tiles_of,
)
from accelsim.compiler.report import ProgramReport, report_on
from accelsim.compiler.smallest import fits
from accelsim.config import Machine, load_machine
from accelsim.config.machine import Override
from accelsim.errors import InputError
from accelsim.network import Network


def print_program(
    subject: Subject, machine: Machine, *, report: bool, full: bool, as_json: bool
) -> None:
    """Print the program of a network, or those of tenants, or what is to be reported of it.

    full: every step of a long program, not lines of many.
    """
    program: Program | Tenancy
    if isinstance(subject, Network):
        program, networks = compile_network(subject, machine), [subject]
    else:
        program, networks = compile_tenants(subject, machine), [each.network for each in subject]
    if report:
        programs = Tenancy.of(program).programs
        found = [_report(*each, machine) for each in zip(networks, programs, strict=True)]
        _print_reports(found, machine, as_json=as_json)
    elif as_json:
        typer.echo(program_json(program))
    else:
        console = plain_console()
        print_changes(console, machine)
        for table in program_tables(Tenancy.of(program), machine, full=full):
            console.print(table)
        for network in networks:
            tiles = tiles_of(network, machine)
            if tiles:
                console.print(tiles_table(tiles, machine))


def print_fits(
    network: Network, config: str, changes: Mapping[str, Override], *, as_json: bool
) -> None:
    """Print the smallest machines, like one of a file with changes, that can hold a network."""
    machine = load_machine(config, dict(changes))
    found = fits(network, lambda more: load_machine(config, {**changes, **more}))
    if as_json:
        plain = [asdict(fit) for fit in found]
        typer.echo(json.dumps({"fits": not found[0].changes, "machines": plain}, indent=2))
    elif not found[0].changes:
        typer.echo(f"'{network.name}' fits the machine '{machine.name}': no key has to change")
    else:
        print_changes(plain_console(), machine)
        plain_console().print(fit_table(network.name, machine.name, found))


def _report(network: Network, program: Program, machine: Machine) -> ProgramReport:
    try:
        before = compile_network(network, machine, in_layer_order=True)
    except InputError:  # it takes more planes than there are
        before = None
    return report_on(program, network, machine, before)


def _print_reports(found: list[ProgramReport], machine: Machine, *, as_json: bool) -> None:
    if as_json:
        plain = [each.to_dict() for each in found]
        typer.echo(json.dumps(plain[0] if len(plain) == 1 else plain, indent=2))
        return
    console = plain_console()
    print_changes(console, machine)
    for each in found:
        for table in report_tables(each):
            console.print(table)
