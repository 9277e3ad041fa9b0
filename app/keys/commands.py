"""`flask --app wsgi keys ...`."""

import time

import click
from flask.cli import AppGroup
from sqlalchemy import select

from app.base.database import db, end_reading
from app.base.kept_keys import INDEX, SEALING, ReplacedObject, mark_of
from app.base.services import settings
from app.keys import index_rotation, proof, rotation

keys_cli = AppGroup("keys", help="Prove the keys, and replace them by newer ones.")


@keys_cli.command("check")
def check() -> None:
    """Prove each configured key, and say which are still needed. Exit code 1 when one is wrong or missing."""
    found = proof.findings()
    known = {canary.key_id: canary for canary in proof.canaries()[SEALING]}
    for position, (name, key) in enumerate(settings().sealing_keys):
        click.echo(f"SEALING_KEYS {name}: {_state(known.get(name), key, position)}")
    for name, canary in known.items():
        if name not in dict(settings().sealing_keys):
            click.echo(f"SEALING_KEYS {name}: not configured, {'unused' if canary.retired_at else 'STILL NEEDED'}")
    used = [canary.key_id for canary in proof.canaries()[INDEX]]
    end_reading()
    for key in settings().index_keys:
        click.echo(f"INDEX_KEY {mark_of(key)[:8]}: {_index_state(mark_of(key), used)}")
    for place, count in rotation.left_over().items():
        click.echo(f"  {count:8} of {place} lie under an older key")
    for finding in found:
        click.echo(finding)
    click.echo("all keys are proven" if not found else f"{len(found)} findings")
    raise SystemExit(1 if found else 0)


def _state(canary, key: bytes, position: int) -> str:
    if canary is None:
        return "new, noted at the next start"
    if not proof.opens(canary, key):
        return "WRONG: not the key that had this name"
    if position == 0:
        return "opens, writes"
    return "unused: it can go" if canary.retired_at else "opens"


def _index_state(mark: str, used: list[str]) -> str:
    if not used:
        return "new, noted at the next start"
    if mark == used[-1]:
        return "in use"
    return "replaced: it can go" if mark in used else "waits for `keys rotate`"


@keys_cli.command("rotate")
def rotate() -> None:
    """Seal everything anew under the newest key of SEALING_KEYS, and move to the newest INDEX_KEY.

    Runs beside the house and may be killed: the next run goes on. Ends by naming the keys that can go.
    """
    proof.prove_at_start()
    if index_rotation.is_wanted():
        try:
            count = index_rotation.rotate_index(click.echo)
        except index_rotation.NotReady as first:
            raise click.ClickException(str(first)) from None
        click.echo(f"INDEX_KEY: {count} indexes moved; the older key can go from the settings")
    done = rotation.rotate(click.echo)
    _wait_for_readers()
    click.echo(f"{done.rows} values and {done.objects} objects sealed anew")
    for failed in done.failed:
        click.echo(f"did not open: {failed}")
    for name in done.retired:
        click.echo(f"key {name} is unused: take it out of SEALING_KEYS, keep it apart as long as backups need it")
    raise SystemExit(1 if done.failed else 0)


def _wait_for_readers() -> None:
    while True:
        rotation.remove_replaced()
        left = db.session.scalar(select(ReplacedObject.storage_key).limit(1))
        end_reading()
        if left is None:
            return
        time.sleep(1)
