"""Habits that ruff has no rule for. Each exception stands here with its reason, and goes when it is not used."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable

import pytest

from tests.architecture.source import REPOSITORY, Call, Module, modules, tracked_files

CLOCKS = frozenset(
    {
        "datetime.datetime.now",
        "datetime.datetime.utcnow",
        "datetime.datetime.today",
        "datetime.date.today",
        "time.time",
        "time.time_ns",
        "time.localtime",
        "time.gmtime",
    }
)
LOOSE_TASKS = re.compile(
    r"^asyncio\.(create_task|ensure_future)$|(^|\.)(loop|get_running_loop\(\)|get_event_loop\(\))\.create_task$"
)

CLOCK_READERS = {
    "core/clock.py": "the one place that reads a clock",
}
TASK_STARTERS = {
    "core/storage/postgres.py": "a started transaction ends by itself, whatever becomes of the caller",
    "core/providers/streams.py": "a request is on its way while its sender looks on; leaving the exchange ends it",
}
SLEEPERS: dict[str, str] = {}
DICE = {
    "core/sources/slots.py": "accounts are drawn by lot where the policy says so",
    "core/sandbox/": "faults are drawn from a seed",
    "core/sweeps/": "rounds start a little apart from each other",
    "core/sync/strangers_sweep.py": "rounds of removals start a little apart from each other",
    "core/providers/": "retries of many processes must not meet",
    "core/storage/database.py": "two transactions that collided must not collide again",
}

MOST_LINES = 400
LONG_FILES = {
    "core/storage/migrations/versions/v0001_first.py": "the same schema, frozen",
    "core/storage/migrations/versions/v0003_credit.py": "a whole wing of it, frozen",
    "core/storage/tables.py": "a schema is read as one piece, top to bottom",
}

MOST_ARGUMENTS = 7
ITS_ARGUMENTS_ARE_ITS_OPTIONS = ("bots/commands/", "admin_cli/commands/")
"""A public function here is a command: what it takes is what people write after its name, each with a help of its own."""
MANY_ARGUMENTS = {
    "core/audit.py": {"record"},  # said at two hundred places like a sentence: who did what to which row, and when
}


def _offenders(found: Iterable[tuple[Module, int]], allowed: dict[str, str]) -> list[str]:
    return [f"{module.path}:{line}" for module, line in found if not module.path.startswith(tuple(allowed))]


def _uses(wanted: frozenset[str]) -> list[tuple[Module, int]]:
    return [(module, use.line) for module in modules() for use in module.uses() if use.name in wanted]


def test_only_the_clock_reads_a_clock():
    assert not _offenders(_uses(CLOCKS), CLOCK_READERS)


def test_nobody_sleeps_on_a_thread_that_others_wait_for():
    assert not _offenders(_uses(frozenset({"time.sleep"})), SLEEPERS)


def test_tasks_are_started_in_groups():
    """A task that nobody holds is collected while it runs, and its failure is never told."""
    found = [(module, call.line) for module in modules() for call in module.calls() if LOOSE_TASKS.search(call.name)]
    assert not _offenders(found, TASK_STARTERS)


def test_dice_are_thrown_where_luck_is_wanted():
    """Codes, keys and tokens come from `secrets`."""
    found = [
        (module, node.lineno)
        for module in modules()
        for node in module.nodes
        if (isinstance(node, ast.Import) and any(alias.name == "random" for alias in node.names))
        or (isinstance(node, ast.ImportFrom) and node.module == "random")
    ]
    assert not _offenders(found, DICE)


def test_a_table_is_recognised_as_one():
    """`t.codes` is the table and `codes` whatever a function has read from it."""
    found = [
        (module, node.lineno)
        for module in modules()
        for node in module.nodes
        if isinstance(node, ast.ImportFrom) and node.module == "core.storage.tables"
    ]
    assert not _offenders(found, {})


def test_no_failure_is_swallowed():
    """`except Exception` without another word, or its twin `suppress(Exception)`."""
    wide = {"Exception", "BaseException"}
    found = []
    for module in modules():
        for node in module.nodes:
            if isinstance(node, ast.ExceptHandler):
                caught = {part.id for part in ast.walk(node.type) if isinstance(part, ast.Name)} if node.type else wide
                silent = all(isinstance(line, (ast.Pass, ast.Continue)) or _is_text(line) for line in node.body)
                if caught & wide and silent:
                    found.append((module, node.lineno))
            elif isinstance(node, ast.Call) and module._dotted(node.func) == "contextlib.suppress":
                found += [(module, node.lineno) for part in node.args if isinstance(part, ast.Name) and part.id in wide]
    assert not _offenders(found, {})


def test_files_stay_readable_in_one_sitting():
    python = [path for path in tracked_files() if path.suffix == ".py"]
    lengths = {path.as_posix(): len((REPOSITORY / path).read_text(encoding="utf-8").splitlines()) for path in python}
    too_long = {path: lines for path, lines in lengths.items() if lines > MOST_LINES and path not in LONG_FILES}
    assert not too_long
    assert not [path for path in LONG_FILES if lengths.get(path, 0) <= MOST_LINES], "no longer an exception"


def test_what_a_function_takes_fits_a_line_or_is_one_dataclass():
    """What `__init__` takes are the parts of the thing that is made, as the fields of a dataclass are."""
    many: dict[str, set[str]] = {}
    for module in modules():
        commands = module.path.startswith(ITS_ARGUMENTS_ARE_ITS_OPTIONS)
        for node in module.nodes:
            if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) or "/migrations/" in module.path:
                continue
            if node.name == "__init__":
                continue
            if commands and node in module.tree.body and not node.name.startswith("_"):
                continue
            if _arguments(node.args) > MOST_ARGUMENTS:
                many.setdefault(module.path, set()).add(node.name)
    assert many == MANY_ARGUMENTS


def _arguments(takes: ast.arguments) -> int:
    named = [one.arg for one in (*takes.posonlyargs, *takes.args, *takes.kwonlyargs)]
    return len([name for name in named if name not in {"self", "cls"}]) + bool(takes.vararg) + bool(takes.kwarg)


def test_no_moment_is_read_out_of_a_text_of_ours():
    """JSON keeps moments as what they are (`core.storage.column_types`): nobody has to tell them by their shape."""
    assert not [module.path for module in modules() if "migrations" not in module.path and "}T\\d" in module.text]


ROWS = {
    *("lease", "team", "code", "redemption", "job", "removal", "transfer", "seat"),
    *("source", "wallet", "turn", "talk"),
}


def test_a_row_that_is_handed_on_has_a_type():
    """A whole row of a table that is read often is one of `core.storage.rows` or `talk_rows`, so that its columns are checked."""
    found = []
    for module in modules():
        if "sandbox" not in module.path:
            for node in module.nodes:
                if isinstance(node, ast.arg) and node.arg in ROWS and isinstance(node.annotation, ast.Name):
                    found += [(module, node.lineno)] * (node.annotation.id == "Any")
    assert not _offenders(found, {})


def test_a_name_means_one_thing():
    """Who reads `Candidate` knows without looking whose it is: of classes, and of types that only have a name.

    What begins with `_` is known to its own file alone, and type variables mean nothing.
    """
    named: dict[str, list[str]] = {}
    for module in modules():
        if "/migrations/" in module.path:
            continue
        classes = [node for node in module.nodes if isinstance(node, ast.ClassDef)]
        for name, line in (*((one.name, one.lineno) for one in classes), *_aliases(module.tree)):
            if not name.startswith("_"):
                named.setdefault(name, []).append(f"{module.path}:{line}")
    assert not {name: places for name, places in named.items() if len(places) > 1}


def _aliases(tree: ast.Module) -> Iterable[tuple[str, int]]:
    """The types that a module gives a name: said to be one, or a subscript or union under a name of a type's shape."""
    for node in tree.body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            if ast.unparse(node.annotation).endswith("TypeAlias"):
                yield node.target.id, node.lineno
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            name = node.targets[0].id
            if isinstance(node.value, (ast.Subscript, ast.BinOp)) and re.match(r"[A-Z]\w*[a-z]", name):
                yield name, node.lineno


def test_a_named_type_is_recognised():
    source = "A: TypeAlias = int\nBee = Literal['x']\nCee = int | str\nT = TypeVar('T')\nMOST = 2 + 3\nd = e[0]"
    assert [name for name, _ in _aliases(ast.parse(source))] == ["A", "Bee", "Cee"]


def test_what_begins_with_an_underscore_stays_in_its_file():
    found = [
        (module, node.lineno)
        for module in modules()
        for node in module.nodes
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if alias.name.startswith("_") and not alias.name.startswith("__")
    ]
    assert not _offenders(found, {})


PREPARING = {
    *("core/attempts.py", "core/audit.py", "core/codes/uses.py", "core/codes/verification.py"),
    *(
        "core/leases/claims.py",
        "core/leases/invites.py",
        "core/leases/redemption_steps.py",
        "core/notices/deliveries.py",
    ),
    *("core/notices/inbox_rows.py", "core/people/buttons.py", "core/people/people.py", "core/redemptions/orders.py"),
    *("core/outbox.py", "core/storage/dialogues.py", "core/storage/postgres.py"),
    *("core/teams/health.py", "core/teams/seats.py"),
    *("core/calls/claims.py", "core/calls/line.py", "core/calls/sending.py", "core/calls/settling.py"),
    *("core/credit/ledger.py", "core/credit/plans.py", "core/credit/wallets.py", "core/sources/slots.py"),
}
"""What every redemption, every question and every message runs through."""


def test_only_the_hot_paths_go_around_the_usual_execution():
    """`core.storage.prepared` stands on private interfaces of SQLAlchemy; everybody else has time for the public ones."""
    found = {module.path for module in modules() if "core.storage.prepared.Prepared" in module.names.values()}
    assert found == PREPARING


def test_decisions_are_numbered_and_in_the_index():
    index = (REPOSITORY / "core/README.md").read_text(encoding="utf-8")
    pages = sorted(path.name for path in (REPOSITORY / "core/decisions").glob("0*.md"))
    assert [name[:4] for name in pages] == [f"{number:04}" for number in range(len(pages))]
    for number, name in list(enumerate(pages))[1:]:
        first = (REPOSITORY / "core/decisions" / name).read_text(encoding="utf-8").splitlines()[0]
        assert first.startswith(f"# {number}. "), name
        assert f"| [{number}](decisions/{name}) |" in index, name


def test_the_tree_names_nothing_outside_of_itself():
    """No path of the machine it was written on, and no document that a clone does not have."""
    homes = re.compile(r"(?<![\w.:/-])/(?:work|root|home/[a-z]+|Users/[a-z]+)/\w")
    documents = re.compile(r"\b([A-Z][A-Z_]{3,})(?:\.md\b| §)")
    present = {path.stem for path in tracked_files() if path.suffix == ".md"}
    found = []
    for path in tracked_files():
        try:
            text = (REPOSITORY / path).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # a font or a picture
        for number, line in enumerate(text.splitlines(), 1):
            strangers = [name for name in documents.findall(line) if name not in present]
            if strangers or homes.search(line):
                found.append(f"{path}:{number}: {line.strip()[:120]}")
    assert not found


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("from datetime import datetime as d\nd.now()", "datetime.datetime.now"),
        ("import datetime\nx = datetime.datetime.now", "datetime.datetime.now"),
        ("import time as t\nt.time()", "time.time"),
    ],
)
def test_a_clock_is_recognised_under_any_name(source: str, name: str):
    module = Module("written here")
    module.__dict__["text"] = source
    assert name in {use.name for use in module.uses()} & CLOCKS


@pytest.mark.parametrize(
    ("source", "loose"),
    [
        ("import asyncio\nasyncio.create_task(f())", True),
        ("from asyncio import create_task\ncreate_task(f())", True),
        ("import asyncio\nasyncio.get_running_loop().create_task(f())", True),
        ("import asyncio\nasync with asyncio.TaskGroup() as tasks:\n    tasks.create_task(f())", False),
    ],
)
def test_a_loose_task_is_told_from_one_in_a_group(source: str, loose: bool):
    module = Module("written here")
    module.__dict__["text"] = source
    calls: list[Call] = list(module.calls())
    assert any(LOOSE_TASKS.search(call.name) for call in calls) is loose


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
