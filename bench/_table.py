"""The table `make bench` ends with: each figure beside what it must not pass. Nothing is asserted."""

import math

ROWS: list[tuple[str, float, float | None, str, bool]] = []


def note(name: str, value: float, limit: float | None = None, unit: str = "", *, at_least: bool = False) -> None:
    """Print a figure now, and once more in the table at the end. `limit` is the most it may be, or the least. NaN is
    what this machine cannot measure."""
    ROWS.append((name, value, limit, unit, at_least))
    print(_line(*ROWS[-1]), flush=True)


def show() -> None:
    if ROWS:
        print("\n== the table", *(_line(*row) for row in ROWS), sep="\n")


def _line(name: str, value: float, limit: float | None, unit: str, at_least: bool) -> str:
    if math.isnan(value):
        return f"{name:56}{'-':>10} {unit:10}{'' if limit is None else f'{limit:10.4g}':10}  not measured"
    beside = ""
    if limit is not None:
        missed = value < limit if at_least else value > limit
        beside = f"{limit:10.4g}  {'MISSED' if missed else ''}"
    return f"{name:56}{value:10.4g} {unit:10}{beside}".rstrip()
