"""A new kind of case: lost cards that somebody handed in at the counter, with list, claim, clock, history and page."""

MOST = 10
STATUS = '''"""A card that was found and handed in: its owner is looked for within two working days."""

from app.casework.clocks import Clock, hours_before
from app.casework.kinds import DONE, NEW, WORK, Act, Kind, Label, State

FOUND, CALLED, FETCHED = "found", "called", "fetched"
OPEN = (FOUND, CALLED)
MAY = "take_case"
SEARCH = Clock("search", "Cari pemilik", since=lambda case: case.created_at, days=lambda case: 2,
               warn=hours_before(lambda: 4))
LOST_CARD = Kind(
    "lost_card", about="lost_card",
    states={
        FOUND: State(NEW, Label("Ditemukan", "Pemilik dicari", "new"), SEARCH),
        CALLED: State(WORK, Label("Ditemukan", "Menunggu diambil", "progress"), SEARCH),
        FETCHED: State(DONE, Label("Diambil", "Diambil", "good"), keeps_due=True),
    },
    acts=(
        Act("call", {FOUND: CALLED}, by=MAY, done="Pemilik sudah dihubungi."),
        Act("fetch", {FOUND: FETCHED, CALLED: FETCHED}, by=MAY, done="Kartu sudah diambil."),
    ),
)
'''
MODELS = '''"""One row a card."""

from datetime import datetime

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.base import clock
from app.base.database import Base, UtcDateTime
from app.base.ids import new_id
from app.casework.models import Worked
from app.lost_card.status import FOUND


class LostCard(Worked, Base):
    __tablename__ = "lost_card"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    status: Mapped[str] = mapped_column(String(10), default=FOUND)
    version: Mapped[int] = mapped_column(default=1)
    place: Mapped[str] = mapped_column(String(100))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (Index("ix_lost_card_list", "status", "due_at", "id"),)
    __mapper_args__ = {"version_id_col": version}
'''
SERVICE = '''"""Cards as the engine sees them: who finds them, what is done to them, their lists."""

from app.accounts.models import may_receive
from app.base import journal
from app.base.database import db, transaction
from app.base.problems import FormRejected, NotFound
from app.casework import claims, lists, notes, watch
from app.casework.acting import acting
from app.casework.desk import Desk, Seen
from app.casework.lists import CaseList, Column, Order, Tab
from app.casework.moving import move, set_clock
from app.casework.narrowing import by_time
from app.casework.clocks import time_left
from app.lost_card.models import LostCard
from app.lost_card.status import FETCHED, LOST_CARD, MAY, OPEN


def find(case_id: str, staff) -> LostCard:
    case = db.session.get(LostCard, case_id)
    if case is None:
        raise NotFound()
    return case


DESK = Desk(LOST_CARD, LostCard, "Kartu ini", find=find, claimable=OPEN,
            receives=lambda case, staff_id: may_receive(staff_id, MAY))
WATCH = watch.follows_the_calendar(watch.Watch(LOST_CARD, LostCard, ("created_at",)))


def hand_in(place: str, staff) -> str:
    """Its id. Raises FormRejected."""
    if not place.strip():
        raise FormRejected({"place": ["Tulis di mana kartu ditemukan."]})
    with transaction() as session:
        case = LostCard(place=place.strip()[:100])
        session.add(case)
        session.flush()
        set_clock(LOST_CARD, case)
        journal.record("lost_card_open", actor=journal.Actor("staff", staff.id), about=("lost_card", case.id))
        return case.id


def open_case(case_id: str, staff) -> tuple[LostCard, str]:
    """(the card, the token of one's own claim or "")."""
    with transaction():
        find(case_id, staff)
        token = claims.take(DESK, case_id, staff.id)
    return find(case_id, staff), token or ""


def act(seen: Seen, name: str, note: str) -> None:
    """Raises StaleDecision, ClaimLost, FormRejected."""
    if not note.strip():
        raise FormRejected({"note": ["Tulis apa yang dilakukan."]})
    with acting(DESK, seen) as case:
        move(LOST_CARD, case, name, seen.actor, entered=lambda *moved: None, write=lambda *moved: None)
        notes.add_note(("lost_card", case.id), name, note.strip(), seen.staff.id)
        if case.status == FETCHED:
            claims.let_go(DESK, case)


def _lines(rows, tab, look) -> list[dict]:
    names = lists.staff_names()
    return [{**row._mapping, "holder": names.get(claims.holder_id(row), ""),
             "left": time_left(row.due_at, row.warn_at) if row.status in OPEN else None} for row in rows]


BY_TIME = Order((LostCard.due_at, LostCard.id))
CARDS = CaseList(
    "lost_cards", LostCard,
    (LostCard.id, LostCard.status, LostCard.place, LostCard.due_at, LostCard.warn_at, LostCard.claimed_by,
     LostCard.claim_until),
    {
        "terbuka": Tab("Terbuka", lambda look: [(LostCard.status == one,) for one in OPEN]),
        "selesai": Tab("Selesai", lambda look: [(LostCard.status == FETCHED,)], is_counted=False),
    },
    BY_TIME, _lines, first="terbuka", columns=(Column("Tempat"), Column("Sisa waktu", "sisa"), Column("Dipegang")),
    sorts={"sisa": BY_TIME}, filters={"sisa": by_time(LostCard)},
)
'''
VIEWS = '''"""`/petugas/kartu-hilang`: cards that were handed in."""

from flask import Blueprint, flash, make_response, render_template, request, url_for
from flask_login import current_user

from app.casework.attempt import Refusal, attempt, read_seen, typed_words
from app.casework.claims import holder_of
from app.casework.history import of_journal
from app.casework.list_page import ListPage, serve_list, show_list
from app.casework.clocks import time_left
from app.lost_card import service
from app.lost_card.status import LOST_CARD, OPEN
from app.web.access import staff
from app.web.htmx import go_to

blueprint = Blueprint("lost_cards", __name__, url_prefix="/petugas/kartu-hilang")
CARDS = ListPage(service.CARDS, "lost_card/list.html", page="lost_cards.cards",
                 case="lost_cards.case", case_id_name="case_id")


serve_list(blueprint, CARDS, "take_case")


@blueprint.post("")
@staff("take_case")
def hand_in():
    return attempt(lambda: service.hand_in(request.form.get("place", ""), current_user),
                   lambda case_id: go_to(url_for("lost_cards.case", case_id=case_id)), lambda refusal: show_list(CARDS))


@blueprint.get("/<case_id>")
@staff("take_case")
def case(case_id: str):
    return _page(case_id)


@blueprint.post("/<case_id>/<name>")
@staff("take_case")
def act(case_id: str, name: str):
    def then(done: object):
        flash(LOST_CARD.act(name, "found").done)
        return go_to(url_for("lost_cards.case", case_id=case_id))

    seen, note = read_seen(case_id, current_user), request.form.get("note", "")
    return attempt(lambda: service.act(seen, name, note), then, lambda refusal: _page(case_id, refusal))


def _page(case_id: str, refusal: Refusal | None = None):
    card, token = service.open_case(case_id, current_user)
    page = render_template(
        "lost_card/case.html", card=card, token=token, holder=holder_of(card), refusal=refusal, typed=request.form,
        label=LOST_CARD.labels[card.status].office, typed_before=typed_words({"note": "Catatan"}, {}),
        left=time_left(card.due_at, card.warn_at) if card.status in OPEN else None,
        acts=[one for one in ("call", "fetch") if LOST_CARD.may(one, card.status)], labels=dict(call="Sudah dihubungi",
        fetch="Sudah diambil"), history=of_journal(("lost_card", card.id)),
    )
    return make_response(page, refusal.status if refusal else 200)
'''
LIST = '''{% extends 'casework/list.html' %}
{% from 'casework/parts.html' import time_left %}
{% from 'components/forms.html' import csrf %}
{% block title %}Kartu hilang{% endblock %}
{% block here %}antrean{% endblock %}
{% block heading %}Kartu hilang{% endblock %}
{% block region %}Daftar kartu{% endblock %}
{% block acts %}
<form method="post" action="{{ url_for('lost_cards.hand_in') }}">{{ csrf() }}<label>Ditemukan di <input class="input" name="place" maxlength="100"></label> <button class="btn" type="submit">Catat kartu</button></form>
{% endblock %}
{% block cells %}
<td><a href="{{ url_for('lost_cards.case', case_id=row.id) }}">{{ row.place }}</a></td>
<td>{{ time_left(row.left, 'Cari pemilik', in_list=true) }}</td>
<td>{{ row.holder }}</td>
{% endblock %}
'''
CASE = '''{% extends 'staff_base.html' %}
{% from 'components/forms.html' import csrf %}
{% from 'casework/parts.html' import time_left, refused, history as told, kept %}
{% block title %}Kartu hilang{% endblock %}
{% block here %}antrean{% endblock %}
{% block content %}
<a class="back" href="{{ url_for('lost_cards.cards') }}">Semua kartu</a>
{% if refusal %}{{ refused(refusal, typed_before, none, holder, url_for('lost_cards.case', case_id=card.id)) }}{% endif %}
<div class="case-head"><h1 tabindex="-1">{{ card.place }}</h1><p>{{ label }}</p>{% if left %}{{ time_left(left, 'Cari pemilik') }}{% endif %}</div>
{% if holder and not token %}<p><b>{{ holder.name }}</b> sedang menangani kartu ini.</p>{% endif %}
{% for one in acts if token %}
<form method="post" action="{{ url_for('lost_cards.act', case_id=card.id, name=one) }}">{{ csrf() }}
<input type="hidden" name="version" value="{{ card.version }}"><input type="hidden" name="claim_token" value="{{ token }}">
<label>Catatan <input class="input" name="note" value="{{ typed.get('note', '') }}"></label> <button class="btn" type="submit">{{ labels[one] }}</button></form>
{% endfor %}
<section class="panel"><h2>Riwayat</h2>{{ told(history) }}</section>
{% endblock %}
'''
MIGRATION = '''"""cards that were handed in"""

import sqlalchemy as sa
from alembic import op

from app.base.database import UtcDateTime

revision = "9001"
down_revision = HEAD


def upgrade():
    op.create_table(
        "lost_card",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("place", sa.String(100), nullable=False),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        *(sa.Column(name, UtcDateTime(timezone=True))
          for name in ("due_at", "claim_until", "taken_up_at", "warn_at", "next_warning_at")),
        sa.Column("claim_token", sa.String(32)),
        sa.Column("claimed_by", sa.String(32), sa.ForeignKey("staff.id", name="fk_lost_card_claimed_by")),
        sa.Column("assigned_to", sa.String(32), sa.ForeignKey("staff.id", name="fk_lost_card_assigned_to")),
        sa.PrimaryKeyConstraint("id", name="pk_lost_card"),
    )
    op.create_index("ix_lost_card_list", "lost_card", ["status", "due_at", "id"])


def downgrade():
    op.drop_table("lost_card")
'''
EDITS = [
    ("app/lost_card/status.py", "", STATUS),
    ("app/lost_card/models.py", "", MODELS),
    ("app/lost_card/service.py", "", SERVICE),
    ("app/lost_card/views.py", "", VIEWS),
    ("templates/lost_card/list.html", "", LIST),
    ("templates/lost_card/case.html", "", CASE),
    ("app/migrations/versions/9001_lost_cards.py", "", MIGRATION),
    ("app/routes.py", "from app.messages.whatsapp", "from app.lost_card.views import blueprint as lost_cards\nfrom app.messages.whatsapp"),
    ("app/routes.py", "\n)\n\n\ndef register", "\n    lost_cards,\n)\n\n\ndef register"),
    ("app/process/worker.py", "from app.mailbox import ledger", "from app.lost_card import service as lost_cards\nfrom app.mailbox import ledger"),
    ("app/process/worker.py", '    Job("escalate-late-work"', '    Job("record-card-warnings", MINUTE, partial(watch.record_warnings, lost_cards.WATCH), by_clock=True),\n    Job("escalate-late-work"'),
]
