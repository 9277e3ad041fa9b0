"""The same registration as one day's work: Flask, Flask-WTF, SQLAlchemy, Pillow as in its tutorial, photos as files in
a folder. No sealing, no journal, no checks of doubles, no limits, no outbox: what Loket does besides is not free, and
this tells what it costs."""

import io
import secrets
from pathlib import Path

from flask import Flask, redirect, render_template_string, request, session
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import CSRFProtect, FlaskForm
from PIL import Image, ImageOps
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from werkzeug.security import generate_password_hash
from wtforms import BooleanField, PasswordField, StringField
from wtforms.validators import DataRequired, Length

FIELDS = ("nik", "full_name", "whatsapp_number", "kk_number", "address", "village")
PHOTOS = ("ktp", "tanda-tangan", "selfie")
LARGEST, SMALL, QUALITY = (2000, 2000), (320, 320), 85
PAGE = """<!doctype html><title>Registrasi</title><h1>{{ title }}</h1><form method=post enctype=multipart/form-data>
{{ form.csrf_token }}{% for field in form if field.id != 'csrf_token' %}<p>{{ field.label }} {{ field }}
{% for error in field.errors %}<b>{{ error }}</b>{% endfor %}</p>{% endfor %}{{ extra }}
<button>Lanjut</button></form>"""


class Base(DeclarativeBase):
    pass


db = SQLAlchemy(model_class=Base)


class Registration(Base):
    __tablename__ = "registration"

    id: Mapped[int] = mapped_column(primary_key=True)
    nik: Mapped[str] = mapped_column(default="", index=True)
    full_name: Mapped[str] = mapped_column(default="")
    whatsapp_number: Mapped[str] = mapped_column(default="")
    kk_number: Mapped[str] = mapped_column(default="")
    address: Mapped[str] = mapped_column(default="")
    village: Mapped[str] = mapped_column(default="")
    password_hash: Mapped[str] = mapped_column(default="")
    number: Mapped[str] = mapped_column(default="")


class NoticeForm(FlaskForm):
    notice = BooleanField("Setuju", validators=[DataRequired()])


class DataForm(FlaskForm):
    nik = StringField("NIK", validators=[Length(16, 16)])
    full_name = StringField("Nama", validators=[DataRequired()])
    whatsapp_number = StringField("WhatsApp", validators=[DataRequired()])
    kk_number = StringField("Nomor KK", validators=[Length(16, 16)])
    new_password = PasswordField("Kata sandi", validators=[Length(8, 100)])
    address = StringField("Alamat", validators=[DataRequired()])
    village = StringField("Kelurahan", validators=[DataRequired()])


def create_peer(folder: Path) -> Flask:
    app = Flask(__name__)
    app.config.update(SECRET_KEY=secrets.token_hex(), SQLALCHEMY_DATABASE_URI=f"sqlite:///{folder}/peer.sqlite3")
    db.init_app(app)
    CSRFProtect(app)
    with app.app_context():
        db.create_all()

    @app.route("/daftar", methods=("GET", "POST"))
    def start():
        form = NoticeForm()
        if not form.validate_on_submit():
            return _page("Mulai", form)
        row = Registration()
        db.session.add(row)
        db.session.commit()
        session["registration"] = row.id
        return redirect("/daftar/data", 303)

    @app.route("/daftar/data", methods=("GET", "POST"))
    def data():
        form = DataForm()
        if not form.validate_on_submit():
            return _page("Data diri", form)
        row = _own()
        for name in FIELDS:
            setattr(row, name, form[name].data)
        row.password_hash = generate_password_hash(form.new_password.data)
        db.session.commit()
        return redirect(f"/daftar/{PHOTOS[0]}", 303)

    @app.route("/daftar/<slug>", methods=("GET", "POST"))
    def photo(slug: str):
        if request.method == "GET":
            return _page(slug, FlaskForm(), "<input type=file name=photo>")
        _keep(folder / f"{_own().id}-{slug}", request.files["photo"].read())
        after = PHOTOS.index(slug) + 1
        return redirect(f"/daftar/{PHOTOS[after]}" if after < len(PHOTOS) else "/daftar/periksa", 303)

    @app.route("/daftar/periksa", methods=("GET", "POST"))
    def check():
        if request.method == "GET":
            return _page("Periksa", FlaskForm())
        row = _own()
        row.number = secrets.token_hex(4)
        db.session.commit()
        return redirect("/daftar/selesai", 303)

    @app.get("/daftar/selesai")
    def done():
        return f"<!doctype html><title>Selesai</title><h1>Nomor {_own().number}</h1>"

    return app


def _own() -> Registration:
    return db.session.get_one(Registration, session["registration"])


def _page(title: str, form: FlaskForm, extra: str = "") -> str:
    return render_template_string(PAGE, title=title, form=form, extra=extra)


def _keep(path: Path, data: bytes) -> None:
    picture = ImageOps.exif_transpose(Image.open(io.BytesIO(data))).convert("RGB")
    for name, size in (("jpg", LARGEST), ("small.jpg", SMALL)):
        picture.thumbnail(size)
        picture.save(path.with_suffix(f".{name}"), "JPEG", quality=QUALITY)
