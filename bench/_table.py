"""The table `make bench` ends with: each figure beside what it must not pass. Nothing is asserted."""

ROWS: list[tuple[str, float, float | None, str]] = []


def note(name: str, value: float, limit: float | None = None, unit: str = "") -> None:
    """Print a figure now, and once more in the table at the end. `limit` is the most it may be."""
    ROWS.append((name, value, limit, unit))
    print(_line(*ROWS[-1]), flush=True)


def show() -> None:
    if ROWS:
        print("\n== the table", *(_line(*row) for row in ROWS), sep="\n")


def _line(name: str, value: float, limit: float | None, unit: str) -> str:
    beside = "" if limit is None else f"{limit:10.4g}  {'' if value <= limit else 'OVER'}"
    return f"{name:56}{value:10.4g} {unit:10}{beside}".rstrip()
