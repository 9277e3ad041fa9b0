"""The WSGI application: `flask --app wsgi ...`, or `gunicorn wsgi:app` behind a proxy."""

import os

from app import create_app
from app.keys.proof import prove_at_start

app = create_app()
if os.environ.get("FLASK_RUN_FROM_CLI") != "true":  # a server of its own; our commands prove the keys themselves
    with app.app_context():
        prove_at_start()
