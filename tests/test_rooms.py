"""The plan of the house (docs/architecture.md): who may import whom, and that nothing goes in a circle."""

import ast
import importlib
from collections.abc import Iterable, Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

APP = Path(__file__).resolve().parent.parent / "app"

PURE = {"base", "settings", "city", "identity"}
SHARED = PURE | {"web", "photos", "mailbox", "guessing", "messages", "casework"}
# room -> the rooms it may import; a feature may name single rooms of another feature
MAY_IMPORT: dict[str, set[str]] = {
    "base": set(),
    "settings": {"base"},
    "city": {"base", "settings"},
    "identity": {"base", "settings"},
    "photos": PURE,
    "mailbox": PURE,
    "web": PURE,
    "guessing": PURE | {"web"},
    "messages": PURE | {"web", "photos", "mailbox"},
    "casework": PURE | {"web", "messages"},
    "information": SHARED,
    "correspondence": SHARED | {"accounts"},
    "accounts": SHARED,
    "registration": SHARED | {"accounts"},
    "tracking": SHARED | {"registration"},
    "journal": SHARED | {"registration", "accounts", "complaints", "privacy", "correspondence"},
    "review": SHARED | {"registration", "accounts", "guarantee", "journal", "citizen_account.account"},
    "citizen_account": SHARED | {"registration", "accounts", "tracking.words"},
    "complaints": SHARED | {"registration", "accounts", "correspondence"},
    "guarantee": SHARED | {
        "registration", "accounts", "citizen_account.password_service", "complaints.ticket", "survey",
    },
    "survey": SHARED | {"registration", "accounts", "complaints"},
    "evaluation": SHARED | {"registration", "accounts", "complaints", "review", "survey", "guarantee"},
    "privacy": SHARED | {"registration", "accounts", "citizen_account", "tracking"},
    "retention": SHARED | {
        "registration", "accounts", "citizen_account", "tracking", "review", "complaints", "privacy",
        "guarantee", "correspondence",
    },
    "office": SHARED | {
        "guarantee", "registration", "accounts", "journal", "review", "complaints", "privacy", "survey", "evaluation",
    },
    "oversight": SHARED | {
        "registration", "accounts", "review", "guarantee", "complaints", "survey", "office", "evaluation",
    },
}
# these hold the others together and may import all; nobody imports them
OUTSIDE = {
    "process", "backup", "keys", "demo", "doctor", "setup", "rehearsal", "migrations", "routes", "wiring", "__init__",
}


def test_every_module_stands_in_a_room_of_the_plan():
    rooms = {room_of(module) for module in modules()}
    unknown = rooms - set(MAY_IMPORT) - OUTSIDE
    assert not unknown, f"{sorted(unknown)}: add the room to the plan, or put the module into one that is there"


def test_a_room_imports_only_what_the_plan_allows():
    wrong = [
        f"{module} imports {imported}: {room_of(module)} may import {sorted(MAY_IMPORT[room_of(module)])}"
        for module, imported in arrows() if not is_allowed(module, imported)
    ]
    assert not wrong, "\n" + "\n".join(wrong)


def test_nobody_imports_what_holds_the_house_together():
    wrong = [
        f"{module} imports {imported}: what both need belongs into a room below"
        for module, imported in arrows()
        if room_of(imported) in OUTSIDE and room_of(module) not in OUTSIDE
    ]
    assert not wrong, "\n" + "\n".join(wrong)


def test_no_file_leads_back_to_itself():
    """What another piece needs is handed in, or stands below both: an interface never chooses its implementation."""
    found = circle_in(arrows())
    assert not found, f"a circle of files: {' -> '.join(found)}"


def test_no_room_leads_back_to_itself():
    found = circle_in((room_of(one), room_of(other)) for one, other in arrows())
    assert not found, f"a circle of rooms: {' -> '.join(found)}; connect them in app/wiring.py"


def circle_in(pairs: Iterable[tuple[str, str]]) -> list[str]:
    """The names along one circle, or nothing."""
    graph: dict[str, set[str]] = {}
    for one, other in pairs:
        if one != other:
            graph.setdefault(one, set()).add(other)
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return error.args[1]
    return []


def test_within_a_feature_views_use_services_and_services_use_models_never_the_other_way():
    wrong = [
        f"{module} imports {imported}: {kind_of(imported)} stand above {kind_of(module)}"
        for module, imported in arrows()
        if kind_of(module) and kind_of(imported) and ORDER.index(kind_of(module)) < ORDER.index(kind_of(imported))
    ]
    assert not wrong, "\n" + "\n".join(wrong)


ORDER = ("models", "service", "forms", "views")  # from below


def kind_of(module: str) -> str:
    name = module.rpartition(".")[2]
    return next((kind for kind in ORDER if name == kind or name.endswith(f"_{kind}")), "")


def is_allowed(module: str, imported: str) -> bool:
    room = room_of(module)
    if room in OUTSIDE or room == room_of(imported):
        return True
    return any(imported == f"app.{name}" or imported.startswith(f"app.{name}.") for name in MAY_IMPORT[room])


def room_of(module: str) -> str:
    return module.split(".")[1] if "." in module else "__init__"


@cache
def modules() -> dict[str, Path]:
    found = {}
    for path in sorted(APP.rglob("*.py")):
        parts = ("app", *path.relative_to(APP).with_suffix("").parts)
        if "migrations" not in parts:
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


@cache
def arrows() -> tuple[tuple[str, str], ...]:
    """(importing module, imported module), without what only a type checker reads."""
    return tuple(_arrows(modules()))


def _arrows(known: dict[str, Path]) -> Iterator[tuple[str, str]]:
    for module, path in known.items():
        for node in statements(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "app":
                for alias in node.names:
                    full = f"{node.module}.{alias.name}"
                    yield module, full if full in known else node.module
            elif isinstance(node, ast.Import):
                yield from ((module, alias.name) for alias in node.names if alias.name.startswith("app."))


def statements(tree: ast.AST) -> Iterator[ast.AST]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            continue
        yield node
        yield from statements(node)


def test_every_name_asked_of_another_module_is_there():
    """A merge that renames in one place shows in a request only, otherwise, and then as an error 500."""
    beside = [path for folder in ("tests", "tools", "bench") for path in (APP.parent / folder).rglob("*.py")]
    missing = [
        f"{path.relative_to(APP.parent)}:{line}: {imported} has no {name}" for path in (*modules().values(), *beside)
        for line, imported, name in names_asked(ast.parse(path.read_text()))
        if not hasattr(importlib.import_module(imported), name)
    ]
    assert not missing, "\n" + "\n".join(missing)


def names_asked(tree: ast.AST) -> Iterator[tuple[int, str, str]]:
    """(line, module, name) for each `module.name` of an imported module of ours that nothing local hides."""
    known, nodes = modules(), list(ast.walk(tree))
    imported = {
        alias.asname or alias.name: f"{node.module}.{alias.name}"
        for node in nodes if isinstance(node, ast.ImportFrom) for alias in node.names
        if f"{node.module}.{alias.name}" in known
    }
    local = {node.arg for node in nodes if isinstance(node, ast.arg)}
    local |= {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    for node in nodes:
        asked = isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
        if asked and node.value.id in imported.keys() - local:
            yield node.lineno, imported[node.value.id], node.attr
