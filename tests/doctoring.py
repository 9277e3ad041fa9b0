"""What the tests of the doctor share."""

from datetime import timedelta
from unittest.mock import patch

import pytest

from app import create_app
from app.base import clock
from app.base.database import db, transaction
from app.base.jobs import WorkerBeat
from app.doctor import report
from tests.builders import TEST_SETTINGS
from tests.test_house import GOOD as PRODUCTION


@pytest.fixture
def restarted(app, tmp_path):
    """restarted(**settings) -> the same data under an app with other settings."""
    made, url = [], app.config["SQLALCHEMY_DATABASE_URI"]
    where = {} if url.startswith("sqlite") else {"DATABASE_URL": url}

    def start(**changed: str):
        made.append(create_app({**TEST_SETTINGS, "LOKET_INSTANCE": str(tmp_path), **where, **changed}))
        return made[-1]

    yield start
    for one in made:
        with one.app_context():
            db.session.remove()
            db.engine.dispose()


def says(app, title: str) -> tuple[str, str]:
    """Level and sentence of one check, asked alone: to compare every table takes as long as a dozen pages."""
    alone = tuple(check for check in report.CHECKS if check.title == title)
    with app.app_context(), patch.object(report, "CHECKS", alone):
        [line] = report.examine()
        db.session.remove()
    return line.finding.level, line.finding.sentence


def production(restarted, **changed):
    return restarted(**{**PRODUCTION, **{k: TEST_SETTINGS[k] for k in ("SEALING_KEYS", "INDEX_KEY")}, **changed})


def beats(app, **ago) -> None:
    with app.app_context(), transaction() as session:
        session.merge(WorkerBeat(worker="uji:1", seen_at=clock.now() - timedelta(**ago)))
