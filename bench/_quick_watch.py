"""`python -m bench._quick_watch`: `flask serve` of a demo with the watchman of a production, whose clock runs ten times
as fast: he looks every six seconds, a worker is silent after thirty, a database away after twelve."""

from datetime import timedelta
from types import SimpleNamespace

from flask.cli import ScriptInfo

from app import create_app
from app.photos import pool
from app.process import alarms, commands, watchman

FASTER = 10


def main() -> None:
    watchman.LOOK_SECONDS /= FASTER
    watchman.AWAY_SECONDS /= FASTER
    alarms.SILENT_AFTER = timedelta(seconds=alarms.SILENT_AFTER.total_seconds() / FASTER)
    app = create_app()

    def start() -> None:
        pool.start()
        watchman.Watchman(app).start()

    commands.pool = SimpleNamespace(start=start)
    app.cli.main(args=["serve"], obj=ScriptInfo(create_app=lambda: app))


if __name__ == "__main__":
    main()
