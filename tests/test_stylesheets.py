"""Our stylesheets read as people write them: a rule a line, and colours, lines and type only as tokens."""

import re
from pathlib import Path

import pytest

from app.web.assets import SHEETS, STATIC, USE

ROOT = Path(__file__).resolve().parent.parent
SOURCES = sorted((STATIC / "css").glob("*.css"))
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
TOKENS = re.compile(r":root \{.*?\n\}", re.DOTALL)
COLOUR = re.compile(
    r"#[0-9a-f]{3,8}\b|\b(?:rgb|hsl|hwb|lab|lch|oklab|oklch|color)a?\(|"
    r"\b(?:white|black|gr[ae]y|red|green|blue|yellow|orange|navy|silver|gold|teal|purple|pink|brown)\b", re.I
)
PIXELS = re.compile(r"\d(?:px|pt)\b")
TOKENS_ONLY = re.compile(r"(?:font-size|border-radius): (?!(?:var\(--[\w-]+\)|0|50%|inherit)( !important)?;)")
# what one line of a stylesheet may be
DECLARATION = re.compile(r"[\w-]+: [^;{}]+;")
SELECTOR = re.compile(r"[^;{}]+(?:,| \{)")
EMPTY_OR_END = re.compile(r"\}?")


def lines_of(text: str):
    """(line number, line) with comments taken out; lines keep their numbers."""
    bare = COMMENT.sub(lambda comment: "\n" * comment[0].count("\n"), text)
    return [(number, line.strip()) for number, line in enumerate(bare.split("\n"), 1)]


def outside_tokens(text: str) -> str:
    return TOKENS.sub(lambda block: "\n" * block[0].count("\n"), text)


def faults(text: str) -> list[str]:
    """One sentence per line that breaks the rules of the house."""
    found = [
        f"line {number}: one selector or one declaration a line: {line}" for number, line in lines_of(text)
        if not any(shape.fullmatch(line) for shape in (DECLARATION, SELECTOR, EMPTY_OR_END))
    ]
    for number, line in lines_of(outside_tokens(text)):
        _name, colon, value = line.partition(": ")
        if not colon or not line.endswith(";"):
            continue
        used = USE.sub("", value)
        if COLOUR.search(used):
            found.append(f"line {number}: a colour is a token of base.css: {line}")
        if PIXELS.search(used) or TOKENS_ONLY.match(line):
            found.append(f"line {number}: a line's width, a size of type or a corner is a token of base.css: {line}")
    return found


@pytest.mark.parametrize("line", [
    "p { color: var(--ink); }", "  color: red;", "  color: #fff;", "  background: rgba(0, 0, 0, 0.5);",
    "  border: 1px solid var(--ink);", "  font-size: 0.9rem;", "  border-radius: 1rem;",
    "  margin: 0; padding: 0;", "a{", "  border-color: White;", "  text-indent: -9pt;", "p{margin:0}",
])
def test_the_rules_notice(line):
    assert faults(line)


@pytest.mark.parametrize("line", [
    "  color: var(--red);", "p,", "a:hover {", "}", "", "  border: var(--hair) solid currentColor;",
    "  border-radius: 50%;",
    "  margin: calc(-1 * var(--hair)) auto 0;", "/* red: #fff, 1px */", "@media (min-width: 48em) {",
])
def test_the_rules_let_pass(line):
    assert faults(line) == []


def test_every_stylesheet_keeps_the_rules():
    wrong = [f"{path.name} {fault}" for path in SOURCES for fault in faults(path.read_text())]
    assert not wrong, "\n".join(wrong)


def test_every_brace_is_closed():
    """A merge may join two rules into one: all that follows would be lost without a word."""
    assert [path.name for path in SOURCES if path.read_text().count("{") != path.read_text().count("}")] == []


def test_there_is_one_file_a_surface_and_what_they_share():
    assert {f"css/{path.name}" for path in SOURCES} == {part for parts in SHEETS.values() for part in parts}


def test_every_token_is_used_and_named_in_base_css_alone():
    texts = {path.name: COMMENT.sub("", path.read_text()) for path in SOURCES}
    assert [name for name, text in texts.items() if ":root" in text] == ["base.css", "dark.css"]
    named = set(re.findall(r"(--[\w-]+):", texts["base.css"]))
    assert set(re.findall(r"(--[\w-]+):", texts["dark.css"])) <= named, "dark.css gives known tokens another value"
    assert named == {name for text in texts.values() for name in USE.findall(text)}


def test_no_rule_waits_for_a_class_that_no_page_has():
    pages = " ".join(
        path.read_text() for folder, kind in (("templates", "*.html"), ("static/js", "*.js"), ("app", "*.py"))
        for path in (ROOT / folder).rglob(kind)
    )
    written = set(re.findall(r"[\w-]+", pages))
    for path in SOURCES:
        selectors = [line for _, line in lines_of(path.read_text()) if line.endswith((",", "{"))]
        assert set(re.findall(r"\.([a-z][\w-]*)", " ".join(selectors))) <= written, path.name


PAGE_MARGIN = "@bottom-"  # the foot of a printed page stands inside @page


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_every_rule_that_opens_is_closed_before_the_next_one_begins(path):
    """A bracket lost while merging silences every rule below it, and nothing else says so."""
    depth = 0
    for number, line in lines_of(path.read_text()):
        depth += line.count("{") - line.count("}")
        nested = depth == 2 and line.endswith("{") and line.startswith("@")
        assert 0 <= depth <= 2 and (not nested or line.startswith(PAGE_MARGIN)), f"line {number}"
    assert depth == 0, "a rule is never closed"
