"""The conventions of the house, as tests whose failures say what to write instead."""

import ast
import re
import sys
from collections import defaultdict
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from app.base.limits import LIMITS

ROOT = Path(__file__).resolve().parent.parent
APP = ROOT / "app"
MODULES = sorted(p for p in APP.rglob("*.py") if "migrations" not in p.parts)
TESTS = sorted((ROOT / "tests").rglob("*.py"))
MAX_MODULE, MAX_FUNCTION = 300, 50
KNOW_NO_REQUEST = {"request", "session", "flash", "url_for", "redirect", "render_template", "g"}
PURE_LAYERS = ("service", "status", "steps", "models", "outbox", "transitions", "personal", "reasons")
PURE_ROOMS = ("base", "city", "identity", "mailbox", "photos", "settings")


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def imports_of(path: Path) -> list[tuple[str, str]]:
    """(module, name) of every import of the file."""
    found = []
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.ImportFrom) and node.module:
            found += [(node.module, alias.name) for alias in node.names]
        elif isinstance(node, ast.Import):
            found += [(alias.name, "") for alias in node.names]
    return found


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def told(wrong: Iterable[str]) -> str:
    """Every finding on a line of its own: a sentence that begins with the file."""
    return "\n" + "\n".join(wrong)


def test_nothing_but_the_wiring_imports_views():
    wrong = [
        f"{relative(path)} imports {module}.{name}: move what it needs into a service"
        for path in MODULES if path.name != "routes.py" for module, name in imports_of(path)
        if module.startswith("app") and re.search(r"\.(\w+_)?views(\.|$)", f"{module}.{name}")
    ]
    assert not wrong, told(wrong)


def test_services_and_rules_know_no_request():
    wrong = [
        f"{relative(path)} imports flask.{name}: pass the value in from the view"
        for path in MODULES if is_pure(path) for module, name in imports_of(path)
        if module == "flask" and name in KNOW_NO_REQUEST
    ]
    assert not wrong, told(wrong)


def is_pure(path: Path) -> bool:
    return path.relative_to(APP).parts[0] in PURE_ROOMS or any(path.stem.endswith(layer) for layer in PURE_LAYERS)


def test_only_transaction_commits():
    committing = [relative(p) for p in MODULES if re.search(r"\.commit\(", p.read_text())]
    assert committing == ["app/base/database.py"]


def test_only_the_settings_read_the_environment():
    reading = [relative(p) for p in MODULES if re.search(r"os\.environ|getenv\(", p.read_text())]
    assert reading == ["app/settings/settings.py"]


def test_every_route_carries_exactly_one_access_marker(app):
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        assert hasattr(view, "access"), (
            f"{rule.rule} ({rule.endpoint}) carries no access marker: write @public, @draft_holder, "
            "@citizen, @webhook or @staff('permission') above the view"
        )


def test_every_limit_of_the_table_is_asked_somewhere():
    """By its name as a constant of some module outside limits.py; test_limits_asked.py sees each refuse over HTTP."""
    named = {
        node.value for path in MODULES if path.name != "limits.py" for node in ast.walk(parsed(path))
        if isinstance(node, ast.Constant) and node.value in LIMITS
    }
    # the demo has wider numbers of the same name
    asked_nowhere = sorted(LIMITS.keys() - named - {f"{name}-demo" for name in named})
    assert not asked_nowhere, f"no view asks the limits {asked_nowhere}: hit() them or take them out of the table"


def test_every_address_is_kebab_case(app):
    for rule in app.url_map.iter_rules():
        fixed = re.sub(r"<[^>]+>", "", rule.rule)
        assert re.fullmatch(r"[a-z0-9/.\-]*", fixed), f"{rule.rule}: use small letters and dashes"


def test_ids_in_addresses_are_never_werkzeug_ints(app):
    for rule in app.url_map.iter_rules():
        assert "<int:" not in rule.rule, f"{rule.rule}: int converters accept digits of other scripts"


def test_no_module_is_longer_than_a_reader_can_hold():
    # the table of who may enter has a line a route, and is looked up, not read
    read = [path for path in MODULES + TESTS if path.name != "access_table.py"]
    lengths = {path: len(path.read_text().splitlines()) for path in read}
    wrong = [f"{relative(path)} has {n} lines: split it by topic" for path, n in lengths.items() if n > MAX_MODULE]
    assert not wrong, told(wrong)


def test_no_function_is_longer_than_a_screen():
    wrong = [
        f"{relative(path)}:{node.lineno} {node.name} has {lines} lines: take a step out of it"
        for path in MODULES for node in ast.walk(parsed(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (lines := node.end_lineno - node.lineno + 1) > MAX_FUNCTION
    ]
    assert not wrong, told(wrong)


def test_the_factory_is_under_sixty_lines():
    tree = parsed(APP / "__init__.py")
    factory = next(n for n in tree.body if isinstance(n, ast.FunctionDef) and n.name == "create_app")
    assert factory.end_lineno - factory.lineno + 1 < 60


def test_there_is_no_bag_of_helpers():
    bags = [relative(p) for p in MODULES if p.stem in ("utils", "helpers", "common", "misc")]
    assert bags == []


def test_no_module_is_named_like_one_of_pythons():
    same = [relative(path) for path in MODULES if path.stem in sys.stdlib_module_names]
    assert same == []


def test_a_room_has_no_three_functions_of_one_name():
    places = defaultdict(list)
    for path in MODULES:
        for node in parsed(path).body:
            if isinstance(node, ast.FunctionDef):
                places[path.relative_to(APP).parts[0], node.name].append(f"{relative(path)}:{node.lineno}")
    wrong = [f"{', '.join(where)}: all called {name}" for (_, name), where in places.items() if len(where) > 2]
    assert not wrong, told(wrong)


def test_a_module_is_imported_under_a_name_that_says_what_it_is():
    wrong = [
        f"{relative(path)}:{node.lineno}: call {alias.name} by a whole word, not {alias.asname}"
        for path in MODULES for node in ast.walk(parsed(path)) if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names if alias.asname and len(alias.asname) < 4 and alias.asname != "sa"
    ]
    assert not wrong, told(wrong)


def test_templates_hold_no_inline_script_style_or_handler():
    for path in sorted((ROOT / "templates").rglob("*.html")):
        text = path.read_text()
        assert not re.search(r"\son[a-z]+=", text), f"{relative(path)}: an inline handler breaks the CSP"
        assert not re.search(r"\sstyle=", text), f"{relative(path)}: an inline style breaks the CSP"
        assert "|safe" not in text.replace(" ", ""), f"{relative(path)}: |safe defeats escaping"


def test_no_line_of_a_template_is_wider_than_a_screen():
    wide = [
        f"{path.relative_to(ROOT)}:{number}: {len(line)} characters"
        for path in sorted((ROOT / "templates").rglob("*.html"))
        for number, line in enumerate(path.read_text().splitlines(), 1) if len(line) > 150
    ]
    assert not wide, "take these lines apart, into attributes, parts or macros:\n" + "\n".join(wide)


def test_every_form_that_posts_has_an_action_so_that_it_works_without_scripts():
    for path in sorted((ROOT / "templates").rglob("*.html")):
        for form in re.findall(r"<form\b[^>]*>", path.read_text()):
            if "hx-post" in form or 'method="post"' in form.lower():
                assert "action=" in form, f"{relative(path)}: {form[:60]}"


# where an address stands as it is written, and why
LITERAL_ADDRESSES = {
    "app/accounts/addresses.py": "the one table of where signing in begins and leads; safe_next() compares with paths",
}


def test_pages_are_named_by_their_endpoint_and_not_by_their_address():
    """A page that moves moves in one place. Addresses in messages and on paper stand in services, as constants."""
    in_pages = re.compile(
        r"(?:href|action|src|hx-get|hx-post|formaction)=[\"']/|(?:frame|post_form|link_button)\([^)]*'/"
    )
    in_code = re.compile(r"(?:go_to|redirect|next_url|action|back|start|picture)(?:\(|=)f?[\"']/")
    wrong = [
        f"{relative(path)}:{number}: write url_for('endpoint') for {line.strip()[:60]}"
        for paths, literal in ((sorted((ROOT / "templates").rglob("*.html")), in_pages), (MODULES, in_code))
        for path in paths if relative(path) not in LITERAL_ADDRESSES
        for number, line in enumerate(path.read_text().splitlines(), 1) if literal.search(line)
    ]
    assert not wrong, told(wrong)


def test_nobody_asks_what_a_role_is_called():
    """Only web/access.py knows roles; others ask holds(person, 'permission') or Staff.who_may('permission')."""
    asks = re.compile(r"\brole (?:==|!=|in \(|not in \()|\.role(?: ==| !=| in \()")
    wrong = [
        f"{relative(path)}:{number}: ask holds(person, 'permission') instead of {line.strip()[:70]}"
        for path in [*MODULES, *sorted((ROOT / "templates").rglob("*.html"))] if relative(path) != "app/web/access.py"
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if asks.search(line) and not re.search(r"role == (?:role|person\.role)", line)
    ]
    assert not wrong, told(wrong)
