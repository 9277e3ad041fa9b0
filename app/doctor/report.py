"""The table of checks, and all of them asked; the command and the administrator's page that say what came of it.
Each check is a small function that returns one Finding."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import click
import structlog
from flask import Blueprint
from flask.cli import with_appcontext

from app.base import clock
from app.base.database import db
from app.doctor import GOOD, LEVELS, TROUBLE, WRONG, Finding, machine, parts, service
from app.web.access import OFFICE, staff
from app.web.htmx import render

log = structlog.get_logger()


@dataclass(frozen=True)
class Check:
    """`needs_tables`: asks the database, so it must wait until the migrations have run."""

    title: str
    ask: Callable[[], Finding]
    needs_tables: bool = False


@dataclass(frozen=True)
class Line:
    title: str
    finding: Finding


TABLES = "Tabel database"
CHECKS: tuple[Check, ...] = (
    Check("Mode", machine.mode),
    Check("Alamat umum", machine.public_address),
    Check("Proxy", machine.proxies),
    Check("Kode kedua petugas", machine.second_factor),
    Check("Kunci tanda tangan", machine.signing_keys),
    Check("Asal e-mail", machine.sender_checks),
    Check("Pemeriksa virus", machine.scanner),
    Check(TABLES, service.migrations),
    Check("Kunci penyegel", service.sealing_keys, needs_tables=True),
    Check("Kunci indeks", service.index_key, needs_tables=True),
    Check("Kunci jurnal", service.journal_key, needs_tables=True),
    Check("Akhir jurnal", service.journal_end, needs_tables=True),
    Check("Bukti kunci", service.keys_proven, needs_tables=True),
    Check("Hak berkas", machine.file_modes),
    Check("Akun sistem", machine.system_account),
    Check("Ruang disk", machine.disk),
    Check("Jam", machine.clock_against_records, needs_tables=True),
    Check("Lompatan jam", machine.clock_certain, needs_tables=True),
    Check("Jam database", machine.clock_against_database),
    Check("Zona waktu", machine.time_zone),
    Check("Worker", service.worker, needs_tables=True),
    Check("Pekerjaan berkala", service.failing_jobs, needs_tables=True),
    Check("Saluran WhatsApp", service.channel_state, needs_tables=True),
    Check("Kuota WhatsApp", service.whatsapp_quota, needs_tables=True),
    Check("Cadangan", service.backup),
    Check("Python", parts.python),
    Check("Paket", parts.packages),
    Check("Pustaka C", parts.c_libraries),
    Check("Pembuka foto", parts.picture_sandbox),
)


def examine() -> list[Line]:
    """Ask every check, in order. One that fails itself is a finding, not an end."""
    lines, tables_stand = [], True
    for check in CHECKS:
        if check.needs_tables and not tables_stand:
            continue
        finding = _asked(check)
        if check.title == TABLES:
            tables_stand = finding.level != WRONG
        lines.append(Line(check.title, finding))
    return lines


def troubles(lines: list[Line]) -> int:
    return sum(line.finding.level in TROUBLE for line in lines)


def _asked(check: Check) -> Finding:
    try:
        return check.ask()
    except Exception as error:  # noqa: BLE001  whatever it met: the other checks are wanted all the more then
        db.session.rollback()
        log.warning("doctor_check_failed", check=check.title, kind=type(error).__name__)
        return Finding(
            WRONG, f"Pemeriksaan ini sendiri gagal ({type(error).__name__}).",
            "Baca log saat pemeriksaan ini dijalankan, lalu perbaiki penyebabnya.",
        )


# `flask --app wsgi doctor`.

WIDTH = max(map(len, LEVELS))


@click.command("doctor")
@click.option("--only-trouble", is_flag=True, help="Leave out what is well.")
@click.option("--wait", default=0, help="Look again for so many seconds, for what has only just been started.")
@with_appcontext
def doctor_command(only_trouble: bool, wait: int) -> None:
    """Say what is wrong or risky with this installation. Exit code 1 when something is."""
    end, lines = time.monotonic() + wait, examine()
    while troubles(lines) and time.monotonic() < end:
        db.session.rollback()
        time.sleep(1)
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


blueprint = Blueprint("doctor", __name__, url_prefix=OFFICE)


@blueprint.get("/pemeriksaan")
@staff("see_installation")
def installation():
    """Of the machine that answers this page."""
    lines = examine()
    return render("office/installation.html", lines=lines, found=troubles(lines), levels=LEVELS[::-1], now=clock.now())
