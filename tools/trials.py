"""A pytest plugin that tries mutants: it collects once, starts what a whole session shares, and each mutant is then
tried in a copy of this process in which the functions of its module carry the changed code.

So a mutant costs no more than the tests up to the first that fails. What a copy cannot see is left over (`late`): a
change outside functions, or of one that ran while the program was imported; tools/mutation.py begins anew for those.
"""

import ast
import builtins
import gc
import json
import os
import types
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from functools import partial
from importlib.machinery import SourceFileLoader
from pathlib import Path

import pytest

from tools.forked import SPOILT, run_all
from tools.mutants import Mutant, Place

ROOT = Path(__file__).resolve().parent.parent
MOST_SECONDS = 20  # of tests for one mutant, the likeliest and the quickest first
WATCHED_SECONDS = 1800
KILLED, SURVIVED, BROKEN, UNSEEN = "killed", "survived", "broken", "survived (no test comes here)"
UNCHANGED = -1
Lines = dict[str, set[int]]


@dataclass(frozen=True)
class Test:
    """`seconds` of processor time; `lines` are the first ones of the statements of each module that it runs."""

    name: str
    seconds: float
    lines: dict[str, list[int]]


@dataclass
class Found:
    """What the trials of one name of the table came to. `verdicts` by number of the mutant."""

    tests: list[Test] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    verdicts: dict[int, str] = field(default_factory=dict)
    late: list[int] = field(default_factory=list)
    kills: dict[str, int] = field(default_factory=dict)

    def write(self, into: Path) -> None:
        into.write_text(json.dumps(asdict(self)))

    @classmethod
    def read(cls, path: Path) -> "Found":
        kept = json.loads(path.read_text())
        verdicts = {int(number): verdict for number, verdict in kept["verdicts"].items()}
        return cls([Test(**test) for test in kept["tests"]], kept["failed"], verdicts, kept["late"], kept["kills"])

    def count_killer(self, into: Path) -> None:
        """The name of the test that failed stands there, if one did."""
        if into.exists():
            name = into.read_text()
            self.kills[name] = self.kills.get(name, 0) + 1


class Marked(ast.NodeTransformer):
    """The source of a module in which every statement of a function says beforehand that it is run. Only what is asked
    about becomes slower so; with sys.settrace every test takes twice as long."""

    def __init__(self, module: str):
        self.module = module

    def visit_FunctionDef(self, node):
        for inner in ast.walk(node):
            for name in ("body", "orelse", "finalbody"):
                if isinstance(statements := getattr(inner, name, None), list):
                    setattr(inner, name, [one for statement in statements for one in self._marked(statement)])
        return node

    def _marked(self, statement):
        call = ast.parse(f"__runs__({self.module!r}, {statement.lineno})").body[0]
        for part in ast.walk(call):
            ast.copy_location(part, statement)
        return call, statement


class Trials:
    """`sources` are the modules as they stand; `into` is where what was found is written. `failed` is
    why the test that ran last failed, or empty."""

    def __init__(self, sources: dict[str, str], mutants: list[Mutant], jobs: int, into: Path):
        self.sources, self.mutants, self.jobs, self.into = sources, mutants, jobs, into
        self.places = [Place.of(mutant, sources[mutant.path]) for mutant in mutants]
        self.lines: Lines = {}
        self.found, self.failed = Found(), ""
        builtins.__runs__ = lambda module, line: self.lines.setdefault(module, set()).add(line)
        for path, source in sources.items():
            read_instead(path, ast.fix_missing_locations(Marked(path).visit(ast.parse(source))))

    def pytest_runtest_logreport(self, report):
        if report.failed:
            self.failed = str(report.longrepr)[-1500:]

    def pytest_runtestloop(self, session):
        if session.testsfailed:
            self.found.failed = ["they cannot be collected"]
        else:
            self.items = {item.nodeid: item for item in session.items}
            self._share(session)
            early = self.lines
            self._watch_all(session.items)
        if not self.found.failed:
            run_all(self._jobs(early), self._note, self.jobs)
            run_all([(UNCHANGED, partial(self._try, UNCHANGED, self._one_of_each_file()), 600)], self._sound, 1)
        self.found.write(self.into)
        return True

    def _share(self, session) -> None:
        """What a session makes once is made here for all copies."""
        def share(migrated_sqlite):
            pass

        module = session.items[0].getparent(pytest.Module)
        self.folder = module.parent
        warm = pytest.Function.from_parent(module, name=share.__name__, callobj=share)
        warm.ihook.pytest_runtest_protocol(item=warm, nextitem=self.folder)
        if self.failed:
            self.found.failed = [f"the database cannot be made: {self.failed}"]

    def _in_turn(self, items) -> Iterator[tuple]:
        """Each with what follows, to which pytest clears up: after the last one not so far that the session ends."""
        return zip(items, [*items[1:], self.folder], strict=True)

    def _watch_all(self, items) -> None:
        """Every test once without any mutant."""
        parts = [items[number::self.jobs] for number in range(self.jobs)]
        files = [self.into.with_suffix(f".{number}") for number in range(self.jobs)]
        jobs = ((n, partial(self._watch, part, file), WATCHED_SECONDS)
                for n, (part, file) in enumerate(zip(parts, files, strict=True)))
        run_all(jobs, lambda number, status: None, self.jobs)
        for file in files:
            part = Found.read(file) if file.exists() else Found(failed=["a process died"])
            self.found.tests += part.tests
            self.found.failed += part.failed

    def _watch(self, items, into: Path) -> int:
        found = Found()
        for item, following in self._in_turn(items):
            self.failed, self.lines, begun = "", {}, _processor_seconds()
            item.ihook.pytest_runtest_protocol(item=item, nextitem=following)
            lines = {module: sorted(seen) for module, seen in self.lines.items()}
            found.tests.append(Test(item.nodeid, _processor_seconds() - begun, lines))
            if self.failed:
                found.failed.append(f"{item.nodeid}\n{self.failed}")
        found.write(into)
        return 0

    def _jobs(self, early: Lines) -> Iterator[tuple]:
        for number, (mutant, place) in enumerate(zip(self.mutants, self.places, strict=True)):
            if not place.in_function or place.line in early.get(mutant.path, ()):
                self.found.late.append(number)
                continue
            tests = tests_at(mutant, place, self.found)
            if tests:
                seconds = 5 + 3 * sum(test.seconds for test in tests)
                yield number, partial(self._try, number, [test.name for test in tests]), seconds
            else:
                self.found.verdicts[number] = UNSEEN

    def _one_of_each_file(self) -> list[str]:
        slowest_first = sorted(self.found.tests, key=lambda test: -test.seconds)
        return list({test.name.partition("::")[0]: test.name for test in slowest_first}.values())

    def _sound(self, number: int, status: int) -> None:
        """At the end a copy in which nothing is changed still has to be green; else mutants only seem to be noticed."""
        if status:
            self.found.failed.append("they fail in a copy of the process, where nothing is changed")

    def _try(self, number: int, names: list[str]) -> int:
        mutant = self.mutants[max(number, 0)]
        source = self.sources[mutant.path]
        change_code(str(ROOT / mutant.path), source, source if number == UNCHANGED else mutant.source)
        self.failed = ""
        for item, following in self._in_turn([self.items[name] for name in names]):
            item.ihook.pytest_runtest_protocol(item=item, nextitem=following)
            if self.failed:
                self._killer(number).write_text(item.nodeid)
                return 1
        return 0

    def _note(self, number: int, status: int) -> None:
        if status == SPOILT:
            self.found.late.append(number)
            return
        self.found.verdicts[number] = KILLED if status else SURVIVED
        self.found.count_killer(self._killer(number))

    def _killer(self, number: int) -> Path:
        return self.into.with_suffix(f".killer{number}")


def tests_at(mutant: Mutant, place: Place, found: Found) -> list[Test]:
    """Those that run through the changed statement; of a change outside functions all that run through the module, or
    through no rule at all, as who compares two tables does, then the others. Those that killed first, then the quickest
    of each file, the second of each and so on, until MOST_SECONDS are full: the file that is about the rule has its
    turn early."""
    come = [test for test in found.tests
            if not place.in_function or place.line in test.lines.get(mutant.path, ())]
    turn, of_file = {}, Counter()
    for test in sorted(come, key=lambda test: test.seconds):
        file = test.name.partition("::")[0]
        of_file[file] += 1
        turn[test.name] = of_file[file]
    chosen, seconds = [], 0.0
    for test in sorted(come, key=lambda test: (
        bool(test.lines) and mutant.path not in test.lines,
        -found.kills.get(test.name, 0), turn[test.name], test.seconds,
    )):
        if seconds < MOST_SECONDS:
            chosen.append(test)
            seconds += test.seconds
    return chosen


def read_instead(path: str, source: str | ast.Module) -> None:
    """From now on this process imports that in the place of the file."""
    file, plain = str(ROOT / path), SourceFileLoader.get_code

    def get_code(loader, fullname):
        return compile(source, file, "exec", dont_inherit=True) if loader.path == file else plain(loader, fullname)

    SourceFileLoader.get_code = get_code


def change_code(file: str, before: str, after: str) -> None:
    """Every function of the file that is there gets the code of the changed source. Raises ValueError when the change
    leaves other functions or other free variables."""
    old, new = (dict(_codes(compile(source, file, "exec", dont_inherit=True), Counter())) for source in (before, after))
    if old.keys() != new.keys():
        raise ValueError("other functions than before")
    changed = {(code.co_qualname, code.co_firstlineno): new[key] for key, code in old.items()}
    gc.unfreeze()  # tests/conftest.py hides what is there from it
    for one in gc.get_objects():
        if isinstance(one, types.FunctionType) and one.__code__.co_filename == file:
            one.__code__ = changed[one.__code__.co_qualname, one.__code__.co_firstlineno]
    gc.freeze()


def _codes(code: types.CodeType, seen: Counter[str]) -> Iterator[tuple[tuple[str, int], types.CodeType]]:
    """Each with its name and which of that name it is."""
    for inner in code.co_consts:
        if isinstance(inner, types.CodeType):
            seen[inner.co_qualname] += 1
            yield (inner.co_qualname, seen[inner.co_qualname]), inner
            yield from _codes(inner, seen)


def _processor_seconds() -> float:
    return sum(os.times()[:4])
