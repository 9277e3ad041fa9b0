"""Home, the service standard A to N, and the privacy notice; all from city.toml."""

from flask import Blueprint, render_template

from app.access import public

blueprint = Blueprint("information", __name__)


@blueprint.get("/")
@public
def home():
    return render_template("information/home.html")


@blueprint.get("/standar-pelayanan")
@public
def standard():
    return render_template("information/standard.html")


@blueprint.get("/privasi")
@public
def privacy():
    return render_template("information/privacy.html")
