"""Those who wait at the desk of the demo now: dozens in every state, near their time and past it, held, flagged,
double, mended, for a second person. Each came about by the services of the product alone, at the moment it says.
"""

import secrets
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from io import BytesIO
from multiprocessing import get_context
from random import Random

from PIL import Image, ImageChops, ImageFilter
from sqlalchemy import select, update

from app.accounts.models import Staff
from app.base import clock
from app.base.database import db, transaction
from app.base.services import city
from app.casework import claims
from app.casework.desk import Seen
from app.city.worktime import Calendar, add_working_minutes
from app.demo import past, photos
from app.demo.drawing import laid_on, lit, noise, wood
from app.demo.people import bust, looks_of, palm_and_arm, thumb
from app.demo.photos import Holder
from app.messages import states
from app.messages.addresses import LETTER
from app.messages.models import OutboxMessage
from app.registration import drafts, mending
from app.registration.fields import villages
from app.registration.photo_service import attach_photo
from app.registration.service import save_personal_data, submit
from app.registration.transitions import GivenReason
from app.review import second_look
from app.review import service as review
from app.review.checklist import POINTS, UNAVAILABLE, UNSURE, YES
from app.review.desk import DESK
from app.review.evidence import Evidence

ALL_WELL = {point.key: YES for point in POINTS}
JUST_NOW = timedelta(minutes=10)
PETUGAS, OPERATORS = tuple(f"petugas{n}" for n in range(1, 9)), tuple(f"operator{n}" for n in range(1, 6))
BLURRED = (GivenReason("ktp", "KTP_BURAM"),)
RUN_FROM, RUN = 19, 5  # so many NIK that differ in their last digits alone look like one hand at work


@dataclass(frozen=True)
class Place:
    """One who waits: sent so many working minutes ago, and what happened since (`PATHS`), so many minutes ago. Who
    sends "again" is the person of that number."""

    sent: int
    path: str = ""
    at: int = 0


# a working day is some 450 minutes: what was sent or declared before that is late, from 80 % of it near
PLACES = (
    *(Place(3 + 27 * number) for number in range(12)),
    *(Place(minutes) for minutes in (372, 395, 402, 430, 520, 700, 930)),
    *(Place(30 + number) for number in range(RUN)),
    *(Place(sent, "mended", at) for sent, at in ((1000, 40), (860, 110), (640, 15), (1400, 300))),
    *(Place(at + 90, "complete", at) for at in (4, 51, 77, 190, 260, 372, 428, 520, 610)),
    *(Place(at + 60, "returned", at) for at in (25, 240, 600, 1300)),
    *(Place(at + 35, "second", at) for at in (12, 66)),
    *(Place(at + 200, "provisional", at) for at in (90, 470)),
    Place(14, "again", 9), Place(33, "again", 11), Place(8, "counter"), Place(55, "counter"),
    Place(500, "withdrawn", 450), Place(20, "draft"), Place(70, "draft"),
)


@contextmanager
def drawn(number: int) -> Iterator[Callable[[], list[Mapping[str, bytes]]]]:
    """The photos of so many of them, drawn by the other processors meanwhile; call what it gives to have them."""
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as hands:
        pictures = hands.map(set_of, [holder_of(one) for one in range(number)])
        yield lambda: list(pictures)


def holder_of(number: int) -> Holder:
    return Holder(*_person(number)[:2], _person(number)[4])


def write(calendar: Calendar, pictures: list[Mapping[str, bytes]]) -> None:
    """The first so many of PLACES, in the order of time, then who holds what at this moment."""
    now, known = clock.now(), []
    order = sorted(range(len(pictures)), key=lambda number: -PLACES[number].sent)
    for number in order:
        place = PLACES[number]
        with clock.told_as(add_working_minutes(calendar, now, -place.sent)):
            known.append((place, _sent(number, pictures[number]), number))
    steps = [one for one in known if one[0].path in PATHS]
    for turn, (place, case_id, number) in enumerate(sorted(steps, key=lambda one: -one[0].at)):
        PATHS[place.path](case_id, number, turn, add_working_minutes(calendar, now, -place.at))
    _held([case_id for place, case_id, _ in known if place.path in ("", "mended")])


def send(
    nik: str, name: str, phone: str, kk: str, address: str, pictures: Mapping[str, bytes], by: Staff | None = None,
    reached_by: str = "", network: str = "", last: str = "",
) -> str:
    """One registration, by somebody at home or at the counter; its id. `last` "draft" is not sent."""
    if by is not None:
        token = drafts.start_at_counter(by, reached_by)
    else:
        notice = city().privacy
        token = drafts.start_draft(notice_version=notice.version, notice_text=notice.text, survey_consent=False)
    application_id = drafts.find_by_token(token).id
    save_personal_data(application_id, {
        "nik": nik, "full_name": name, "whatsapp_number": "" if reached_by else phone, "kk_number": kk,
        "address": address, "new_password": secrets.token_urlsafe(12),
    })
    for kind, picture in pictures.items():
        if last != "draft" or kind == "ktp":
            attach_photo(application_id, kind, picture, f"{kind}.jpg", "")
    return application_id if last == "draft" else submit(application_id, network).id


def seen(case_id: str, username: str) -> Seen:
    staff = _staff(username)
    application = review.open_case(case_id, staff)
    return Seen(case_id, application.version, application.claim_token, staff)


def have_arrived() -> None:
    """What was sent to residents in the past went out in the past."""
    with transaction() as session:
        session.execute(
            update(OutboxMessage)
            .where(OutboxMessage.state == states.PENDING, OutboxMessage.created_at < clock.now() - JUST_NOW)
            .values(state=states.DELIVERED, state_at=OutboxMessage.created_at, attempts=1,
                    first_try_at=OutboxMessage.created_at)
        )


def _person(number: int) -> tuple[str, str, str, str, str]:
    """NIK, name, phone, KK, address of somebody invented, each the same every time."""
    number = PLACES[number].at if PLACES[number].path == "again" else number
    rng = Random(f"waiting {number}")  # noqa: S311 (no secret)
    in_a_run = RUN_FROM <= number < RUN_FROM + RUN
    born, district = date(1961, 3, 2) + timedelta(days=(RUN_FROM if in_a_run else number) * 409), rng.randrange(5) + 1
    woman = rng.random() < 0.5
    stem = "3574024312900" if in_a_run else f"35740{district}{born.day + 40 * woman:02d}{born:%m%y}0"
    village = rng.choice(sorted(villages()))
    address = (f"Jl. Contoh {rng.choice(past.STREETS)} {rng.randint(1, 90)}, RT 0{rng.randint(1, 9)}/RW "
               f"0{rng.randint(1, 5)}, {village}, {villages()[village]}")
    return (f"{stem}{100 + number:03d}", f"{rng.choice(past.FIRST_NAMES)} CONTOH {rng.choice(past.SECOND_NAMES)}",
            f"0812-0000-{3000 + number}", f"35740{district}{number % 28 + 1:02d}0116{1000 + number}", address)


def _sent(number: int, pictures: Mapping[str, bytes]) -> str:
    place, person = PLACES[number], _person(number)
    if place.path == "counter":
        by_letter = LETTER if place.sent < 10 else ""
        return send(*person, pictures, by=_staff("petugas2"), reached_by=by_letter)
    return send(*person, pictures, network="192.0.2.7", last=place.path)


def _declared(case_id: str, number: int, turn: int, at: datetime) -> None:
    with clock.told_as(at):
        review.declare_complete(seen(case_id, PETUGAS[turn % 8]), Evidence(_person(number)[0], ALL_WELL))


def _returned(case_id: str, number: int, turn: int, at: datetime) -> None:
    with clock.told_as(at):
        review.return_for_mending(seen(case_id, PETUGAS[turn % 8]), BLURRED)


def _mended(case_id: str, number: int, turn: int, at: datetime) -> None:
    _returned(case_id, number, turn, at - timedelta(hours=20))
    again = set_of(holder_of(number), attempt=2)["ktp"]
    with clock.told_as(at):
        mending.replace_photo(case_id, "ktp", again, "ktp.jpg", "")
        mending.send_mended(case_id)


def _in_doubt(case_id: str, number: int, turn: int, at: datetime) -> None:
    with clock.told_as(at):
        doubt = Evidence(_person(number)[0], {**ALL_WELL, "face": UNSURE}, sentences={"face": "Kacamata berbeda."})
        second_look.ask(seen(case_id, PETUGAS[turn % 8]), doubt, "", "Apakah ini orang yang sama?")


def _provisional(case_id: str, number: int, turn: int, at: datetime) -> None:
    """Approved while SIAK was away."""
    _declared(case_id, number, turn, at - timedelta(minutes=30))
    with clock.told_as(at):
        review.approve(seen(case_id, OPERATORS[turn % 5]), Evidence(_person(number)[0], ALL_WELL, UNAVAILABLE))


def _withdrawn(case_id: str, number: int, turn: int, at: datetime) -> None:
    with clock.told_as(at):
        mending.withdraw(case_id)


PATHS = {"complete": _declared, "returned": _returned, "mended": _mended, "second": _in_doubt,
         "provisional": _provisional, "withdrawn": _withdrawn}


def _held(free: list[str]) -> None:
    """Some are open on a colleague's screen, some were handed to somebody for good."""
    for place, (case_id, username) in enumerate(zip(free[2::3], PETUGAS[2:], strict=False)):
        case = seen(case_id, username)
        if place % 2:
            claims.hand_over(DESK, case, _staff(PETUGAS[(place + 4) % 8]).id)


def _staff(username: str) -> Staff:
    return db.session.scalars(select(Staff).where(Staff.username == username)).one()


# Photos of the many who wait at the same time: as `photos.py` draws them, a third smaller, with light, grain and
# walls made once for all. A third of the time; card, face, hand, table and sheet are each person's own.

WIDE, TALL = (1000, 750), (750, 1000)


def set_of(holder: Holder, attempt: int = 1) -> dict[str, bytes]:
    """The three JPEGs of one invented person by kind, like `photos.set_of`; taken anew at each `attempt`."""
    rng, front = Random(f"quick {holder.nik} {attempt}"), photos.card(holder)  # noqa: S311 (a drawing, not a secret)
    return {"ktp": _ktp(rng, front), "signature": _signature(rng, holder), "selfie": _selfie(rng, holder, front)}


def _ktp(rng: Random, front: Image.Image) -> bytes:
    scene, width = _table(rng), rng.randint(720, 800)
    small = front.resize((width, width * front.height // front.width), Image.Resampling.BILINEAR, reducing_gap=1.5)
    laid_on(scene, small, (500 + rng.randint(-20, 20), 375 + rng.randint(-20, 20)), angle=rng.uniform(-3.5, 3.5),
            height=8)
    return _photographed(scene, rng)


def _signature(rng: Random, holder: Holder) -> bytes:
    scene = _table(rng)
    laid_on(scene, photos.sheet(rng, (875, 625)), (493 + rng.randint(-25, 25), 368 + rng.randint(-17, 17)),
            angle=rng.uniform(-3, 3), height=7)
    ink = photos.signature(holder.name, 0).resize((625, 275), Image.Resampling.BILINEAR, reducing_gap=1.5)
    ink = ink.rotate(rng.uniform(0, 5), Image.Resampling.BILINEAR)
    scene.paste(ink, (175 + rng.randint(-25, 33), 208 + rng.randint(-33, 50)), ink)
    return _photographed(scene, rng)


def _selfie(rng: Random, holder: Holder, front: Image.Image) -> bytes:
    looks, scene = looks_of(holder.nik, woman=holder.woman), _room(rng.randrange(3)).copy()
    across, down = rng.randint(-58, 58), rng.randint(-50, 50)
    laid_on(scene, bust(looks, unit=1.5625, smiling=True), (400 + across, 541 + down), angle=0, height=13)
    laid_on(scene, palm_and_arm(looks, 1.06), (206 + across, 806 + down), angle=-8, height=7)
    small = front.resize((388, 244), Image.Resampling.BILINEAR, reducing_gap=1.5)
    laid_on(scene, small, (312 + across, 793 + down), angle=6, height=7)
    laid_on(scene, thumb(looks, 0.94), (154 + across, 810 + down), angle=-4, height=3)
    return _photographed(scene, rng)


def _table(rng: Random) -> Image.Image:
    return ImageChops.multiply(wood(rng, WIDE, *rng.choice(photos.TABLES)), _light())


@lru_cache(maxsize=1)
def _light() -> Image.Image:
    return lit(Image.new("RGB", WIDE, (255, 255, 255)), brightest=(0.35, 0.3))


@lru_cache(maxsize=3)
def _room(number: int) -> Image.Image:
    return lit(photos.room(photos.WALLS[number]).resize(TALL), brightest=(0.3, 0.25), falloff=48)


@lru_cache(maxsize=2)
def _grain(size: tuple[int, int]) -> Image.Image:
    return noise(Random("grain"), size, size).filter(ImageFilter.BoxBlur(1)).convert("RGB")  # noqa: S311


def _photographed(scene: Image.Image, rng: Random) -> bytes:
    out = BytesIO()
    Image.blend(scene, _grain(scene.size), rng.uniform(0.04, 0.05)).save(out, "JPEG", quality=86)
    return out.getvalue()
