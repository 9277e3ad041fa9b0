"""`flask --app wsgi doctor`."""

import click

from app.doctor.finding import GOOD, LEVELS
from app.doctor.report import examine, troubles

WIDTH = max(map(len, LEVELS))


@click.command("doctor")
@click.option("--only-trouble", is_flag=True, help="Leave out what is well.")
def doctor_command(only_trouble: bool) -> None:
    """Say what is wrong or risky with this installation. Exit code 1 when something is."""
    lines = examine()
    for line in lines:
        if only_trouble and line.finding.level == GOOD:
            continue
        click.echo(f"[{line.finding.level.upper():^{WIDTH}}] {line.title}: {line.finding.sentence}")
        if line.finding.advice:
            click.echo(f"{'':{WIDTH + 3}}-> {line.finding.advice}")
    found = troubles(lines)
    click.echo(f"\n{found} hal perlu diperbaiki." if found else "\nTidak ada yang salah atau berisiko.")
    raise SystemExit(1 if found else 0)
