"""The WSGI application: `flask --app wsgi ...`, or `gunicorn wsgi:app` behind a proxy."""

from app import create_app

app = create_app()
