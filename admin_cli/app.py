"""`usher`: the operator's command line.

Every command is one function that returns a `CommandAnswer`. Modules are loaded when their command is called, and no
command that needs no bot imports one.
"""

from __future__ import annotations

import asyncio
import gc
import inspect
import os
import sys
from collections.abc import Callable
from contextvars import copy_context
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

from cyclopts import App, CycloptsError, Parameter

from admin_cli import output, words
from admin_cli.output import CommandAnswer, CommandRefused, Invocation

if TYPE_CHECKING:
    from cyclopts.help.protocols import HelpFormatter
    from rich.console import Console


def _version() -> str:
    from core.version import usher_version

    return usher_version()


def _usual(value: Any) -> str | None:
    """What an option is where nobody writes it, as one would write it; None where that is nothing."""
    if isinstance(value, tuple):
        return " ".join(value) or None
    return {None: None, "": '""'}.get(value, str(value))


app = App(
    name="usher",
    help="Usher hands out the seats of team workspaces to people who hold a code.\n\n"
    'Start with "usher demo", which needs nothing, or with "usher init --dir .".\n\n'
    "Exit codes: 0 done, 1 refused, 2 wrong usage, 3 unavailable.",
    help_format="plaintext",
    version=_version,
    version_flags=["--version"],
    default_parameter=Parameter(negative_iterable=(), show_default=_usual),
)

COMMANDS = {
    "init": ("admin_cli.commands.init:init", "Write a configuration with fresh secrets and create the database."),
    "demo": ("admin_cli.commands.demo:demo", "Try everything: a simulated upstream, two pools, codes and a chat."),
    "chat": ("admin_cli.commands.chat:chat", "Talk to Usher here as one does in Telegram or Discord."),
    "run": ("admin_cli.commands.run:run", "Serve the bots and the sweeps until stopped."),
    "status": ("admin_cli.commands.doctor:status", "Show what is configured, stored and waiting."),
    "doctor": ("admin_cli.commands.doctor:doctor", "Check every promise about the stored state."),
    "redeem": ("admin_cli.commands.redeem:redeem", "Redeem codes for an address."),
    "verify": ("admin_cli.commands.redeem:verify", "Say what a code is good for, without using it."),
    "stats": ("admin_cli.commands.reports:stats", "Show the figures."),
    "find": ("admin_cli.commands.reports:find", "Show everything about an address, a code or a chat identity."),
    "redemptions": ("admin_cli.commands.reports:redemptions", "Show redemptions and what became of them."),
    "removals": ("admin_cli.commands.reports:removals", "Show who was taken out of a team, and why."),
    "audit": ("admin_cli.commands.reports:audit", "Show who did what."),
    "pool": ("admin_cli.commands.pools:app", "Pools: list, add, set, empty, merge, delete."),
    "team": (
        "admin_cli.commands.teams:app",
        "Teams: add, import, list, show, enable, disable, set, sync, remove, cleanup.",
    ),
    "code": (
        "admin_cli.commands.codes:app",
        "Codes: generate, import, list, show, set, enable, disable, delete, export.",
    ),
    "lease": (
        "admin_cli.commands.leases:lease",
        "Leases: list, extend, end, address, invite, adopt, note, settle, resend.",
    ),
    "transfer": ("admin_cli.commands.leases:transfer", "Transfers: start, list, retry, cancel."),
    "alert": ("admin_cli.commands.alerts:app", "Alerts: list, resolve, mute, check, subscriptions."),
    "job": ("admin_cli.commands.jobs:app", "Jobs: start, list, show, cancel, retry."),
    "sweep": ("admin_cli.commands.sweeps:app", "Sweeps: list, run, pause, resume, confirm, dry-run, protect."),
    "request": ("admin_cli.commands.requests:app", "Requests: list, approve, decline."),
    "settings": ("admin_cli.commands.settings:settings_", "Show settings, set one over the file, or reset it."),
    "lock": ("admin_cli.commands.locks:app", "Locks: list, lift, ban, unban."),
    "staff": ("admin_cli.commands.staff:app", "Staff: list, grant, revoke, token."),
    "adopt": ("admin_cli.commands.adopt:adopt", "Move in: carry the database of an existing system over."),
    "db": (
        "admin_cli.commands.database:app",
        "The database: upgrade, check, backup, backups, restore, reconcile, copy.",
    ),
    "sandbox": ("admin_cli.commands.run:sandbox", "Serve a simulated upstream for trying and testing."),
    "service": ("admin_cli.commands.service:app", "What to run Usher with: systemd, alerts, dashboard."),
    "completion": ("admin_cli.commands.service:completion", "Print the completion for bash, zsh or fish."),
    "ask": ("admin_cli.commands.ask:ask", "Ask a model, and show its answer as it comes."),
    "model": ("admin_cli.commands.models:app", "Models: list, show, add, edit."),
    "source": (
        "admin_cli.commands.sources:app",
        "Sources: list, show, import, enable, disable, edit, lend, check, credential, remove.",
    ),
    "plan": ("admin_cli.commands.plans:app", "Plans: list, show, add, edit."),
    "wallet": ("admin_cli.commands.wallets:app", "Wallets: show, suspend, admit."),
    "grant": ("admin_cli.commands.wallets:grant", "Give somebody credit or a plan."),
    "money": ("admin_cli.commands.wallets:money", "Show what was granted, charged and lost."),
    "hook": ("admin_cli.commands.hooks:app", "Hooks to other systems: add, list, test, pause, resume, remove."),
    "key": ("admin_cli.commands.keys:app", "Keys of programs: new, list, edit, pause, resume, revoke."),
    "call": ("admin_cli.commands.calls:app", "Calls: list, show, stop."),
    "commands": ("admin_cli.commands.chat:commands", "List the commands that the chats offer."),
}
MOST = 2**53
"""The largest number that a chat takes as well; every database has room for it."""
STDIN = "\0-"
"""What `-` is while arguments are read: it names standard input, and is no option. Nobody can type it."""
WHILE_LOADING = 200_000
"""New objects until the first look for garbage among them; a command makes fewer before it begins its work."""

for _name, (_place, _help) in COMMANDS.items():
    app.command(_place, name=_name, help=_help)


@app.meta.default
def _global_options(
    *tokens: Annotated[str, Parameter(show=False, allow_leading_hyphen=True)],
    config: Annotated[
        Path | None, Parameter(help="The configuration file; else USHER_CONFIG, else ./config.toml.")
    ] = None,
    json: Annotated[bool, Parameter(help="Print one JSON document.", negative="")] = False,
    request_key: Annotated[
        str | None, Parameter(help="A second call with the same key does nothing: it tells what became of the first.")
    ] = None,
) -> None:
    """Describe the options that `main` takes out of the arguments before a command sees them."""


def main() -> NoReturn:
    """Run one command and leave with its exit code."""
    # What loading makes stays. Python would look through it for garbage two hundred times meanwhile, and once more when
    # leaving: a quarter of a short command's time. `session.loaded` ends the exception.
    gc.set_threshold(WHILE_LOADING)
    code = run_command(sys.argv[1:])
    gc.freeze()
    try:
        sys.stdout.flush()
    except BrokenPipeError:  # `usher code list | head`: whoever read has had enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(code)


def run_command(arguments: list[str]) -> int:
    """Run the command that `arguments` name and return its exit code; nothing is raised, and the next command of this
    process begins anew.
    """
    return copy_context().run(_run, arguments)


def _run(arguments: list[str]) -> int:
    words.look_again()
    try:
        rest = _take_global_options(arguments)
        _tell_all(rest)
        marked = [STDIN if one == "-" else one for one in rest]
        command, bound, _ = app.parse_args(marked, exit_on_error=False, print_error=False, help_on_error=False)
        for name, given in bound.arguments.items():
            bound.arguments[name] = _checked(name, given)
        result = _call(command, bound, rest)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        return output.DONE
    except CycloptsError as wrong:
        from admin_cli import misuse

        output.write_error("usage", misuse.sentence(wrong).replace(STDIN, "-"))
        return output.USAGE
    except SystemExit as leaving:
        if isinstance(leaving.__context__, BrokenPipeError):  # by whoever draws tables: see above
            return output.DONE
        return leaving.code if isinstance(leaving.code, int) else output.USAGE
    except BaseException as error:  # noqa: BLE001 - the last place: whatever it is becomes a sentence and a code
        return _explain(error)
    if isinstance(result, CommandAnswer):
        try:
            output.write(result, words.heading, words.value)
        except BrokenPipeError:
            return output.DONE
        except OSError as full:
            return output.say_unwritable(result, full, words.said)
        return result.code
    return output.DONE


def _checked(name: str, given: Any) -> Any:
    """An argument as the command gets it: numbers that are some and that a database can hold, words that are text.

    Raises: BadNumber, CommandRefused.
    """
    if isinstance(given, (tuple, list)):
        return type(given)(_checked(name, one) for one in given)
    if isinstance(given, (int, float)) and not 0 <= given <= MOST:
        from core.errors import BadNumber

        raise BadNumber(name=name, low=0, high=MOST)
    if isinstance(given, (str, Path)) and str(given) == STDIN:
        return type(given)("-")
    if isinstance(given, str) and not given.isascii():
        try:
            given.encode()
        except UnicodeEncodeError:
            shown = given.encode("utf-8", "replace").decode()
            raise CommandRefused(
                "usage", words.said("“{value}” is no text in UTF-8.", value=shown), output.USAGE
            ) from None
    return given


def _call(command: Callable[..., Any], bound: inspect.BoundArguments, arguments: list[str]) -> Any:
    """What the command returns. With a request key it is called once; some commands see to that themselves."""
    if getattr(command, "__func__", None) is App.help_print:
        app.help_formatter, app.console = _pages()
    key = output.invocation.get().request_key
    if key is not None and "request_key" in bound.signature.parameters:
        bound.arguments["request_key"] = key
    elif key is not None:
        from admin_cli import asked_before

        return asyncio.run(asked_before.once(key, arguments, lambda: command(*bound.args, **bound.kwargs)))
    result = command(*bound.args, **bound.kwargs)
    return asyncio.run(result) if inspect.iscoroutine(result) else result


def _pages() -> tuple[HelpFormatter, Console]:
    """How a page of help is laid out, and where it is printed: on a terminal as wide as it is now."""
    from rich.console import Console

    from admin_cli.help_pages import Pages

    return Pages(), Console()


def _tell_all(arguments: list[str]) -> None:
    """Help about one command is its whole docstring; in the list of all commands a line each must do.

    That line is given above, so that the list can be shown without loading a single command.
    """
    if arguments and arguments[0] in COMMANDS and {"--help", "-h"} & set(arguments):
        chosen = app[arguments[0]]
        if len(arguments) > 1 and not arguments[1].startswith("-") and arguments[1] in chosen:
            chosen = chosen[arguments[1]]
        if chosen.default_command is not None:
            chosen.help = inspect.getdoc(chosen.default_command) or ""


def _take_global_options(arguments: list[str]) -> list[str]:
    """The arguments without `--json`, `--config` and `--request-key`, which may stand anywhere before a `--`."""
    rest: list[str] = []
    json = False
    given: dict[str, str | None] = {"--config": None, "--request-key": None}
    waiting = iter(arguments)
    for argument in waiting:
        name, equals, value = argument.partition("=")
        if argument == "--":
            rest += ["--", *waiting]
        elif argument == "--json":
            json = True
        elif name in given:
            given[name] = value if equals else next(waiting, None)
            if given[name] is None:
                output.invocation.set(Invocation(json))
                raise CommandRefused("usage", words.said(_NEEDED[name]), output.USAGE)
        else:
            rest.append(argument)
    config = given["--config"]
    output.invocation.set(Invocation(json, Path(config) if config else None, given["--request-key"]))
    return rest


_NEEDED = {"--config": "--config needs a file.", "--request-key": "--request-key needs a key."}


def _explain(error: BaseException) -> int:
    if isinstance(error, BaseExceptionGroup) and len(error.exceptions) == 1:
        return _explain(error.exceptions[0])
    if isinstance(error, CommandRefused):
        step = words.next_step(error.key, error.facts)
        output.write_error(error.key, str(error), **error.facts, **({"next": step} if step else {}))
        return error.code
    from core.errors import Busy, Misconfigured, OutcomeUnknown, Refusal, UsherError

    if isinstance(error, UsherError):
        output.write_error(**words.refusal(error))
        if isinstance(error, Refusal):
            return output.REFUSED
        return output.UNAVAILABLE if isinstance(error, (Busy, Misconfigured, OutcomeUnknown)) else output.REFUSED
    reference = words.note_fault(error)
    message = words.said(
        "Something went wrong that should not have ({kind}). Reference {reference}.",
        kind=type(error).__name__,
        reference=reference,
    )
    output.write_error("internal", message, reference=reference)
    return output.UNAVAILABLE
