"""Every cell of every table of a yearly evaluation, recomputed by SQL of its own."""

from decimal import Decimal

from app.city.dates import MONTHS
from app.complaints.ticket.words import BREACHES, CATEGORIES, KINDS, OUTCOMES, channel_names
from app.evaluation.models import EDUCATION, FACILITIES, KNOWLEDGE
from app.registration.reasons import ITEMS, reason_of
from app.survey.elements import CODES, NAMES, PROFILE
from tests.year_asked import (
    BREACH,
    STANDING,
    STOOD,
    Asked,
    complaint_row,
    day,
    grade,
    hundredth,
    in_full,
    moment,
    tenth,
)

MONTH = "strftime('%m', {}, '+7 hours')".format


def expected_tables(app, ask: Asked) -> dict[str, tuple[list[list], str | None]]:
    """Every row of every table, and the remark under it where it says a number."""
    with app.app_context():
        groups = {"kind": KINDS, "channel": channel_names(), "category": CATEGORIES}
        return {
            "months": (months(ask), None), "reasons": (reasons(ask), None),
            **{f"complaints_{key}": (complaints_by(app, ask, key, names), None) for key, names in groups.items()},
            "outcomes": (outcomes(ask), None), "elements": (elements(ask), taps(ask)),
            "survey_months": (survey_months(ask), None), "respondents": (respondents(ask), None),
            "guarantees": guarantees(ask), "outages": (outages(ask), None), "competence": (competence(ask), None),
            "trainings": (trainings(ask), None), "facilities": (facilities(ask), None),
            "breaches": (breaches(ask), None), "versions": (versions(ask), None),
        }


def last_month(ask: Asked) -> int:
    now = moment(ask.now)
    return 12 if now.year > ask.year else now.month


def months(ask: Asked) -> list[list]:
    decided = "application WHERE status IN ('active', 'rejected')"
    counts = [ask.grouped(MONTH(column), f"{of} AND {ask.inside(column)}") for column, of in (
        ("submitted_at", "application WHERE 1"), ("decided_at", "application WHERE status = 'active'"),
        ("decided_at", "application WHERE status = 'rejected'"), ("decided_at", f"{decided} AND decided_at <= due_at"),
        ("due_at", f"{decided} AND decided_at > due_at"),
        ("due_at", f"application WHERE status = 'complete' AND due_at <= '{ask.now}'"),
    )]
    found = []
    for number in range(1, last_month(ask) + 1):
        sent, yes, no, kept, late, waiting = (one.get(f"{number:02d}", 0) for one in counts)
        ended = kept + late + waiting
        found.append([f"{MONTHS[number - 1]} {ask.year}", sent, yes, no, kept, ended, tenth(kept, ended)])
    return found


def reasons(ask: Asked) -> list[list]:
    rows = ask.rows(f"SELECT item, code, count(*) FROM status_reason r JOIN {STOOD} c ON c.id = r.change_id WHERE "
                    f"{ask.inside('at')} GROUP BY 1, 2")
    return sorted(([f"{ITEMS.get(item, 'Ditolak')}: {reason_of(code).office}", number] for item, code, number in rows),
                  key=lambda row: (-row[1], row[0]))


def complaints_by(app, ask: Asked, key: str, names: dict[str, str]) -> list[list]:
    there = {value for value, in ask.rows(f"SELECT DISTINCT {key} FROM ticket WHERE {ask.inside('received_at')} AND "
                                          "status <> 'merged' AND outcome <> 'not_a_case'")}
    rows = ((names[value], complaint_row(app, ask, f"AND {key} = '{value}'")) for value in names if value in there)
    return [[name, row["received"], row["answered"], row["late"], row["reopened"], row["days"],
             tenth(row["kept"], row["of"]), row["rating"]] for name, row in rows]


def outcomes(ask: Asked) -> list[list]:
    found = ask.grouped("outcome", f"ticket WHERE status <> 'merged' AND {ask.inside('received_at')}")
    return [*([words, found.get(key, 0)] for key, words in OUTCOMES.items()), ["Belum ada hasil", found.get("", 0)]]


def elements(ask: Asked) -> list[list]:
    found = []
    for code in CODES:
        total, answers = ask.rows(f"SELECT sum({code}), count(*) FROM survey_answer WHERE month LIKE '{ask.year}%'")[0]
        index = hundredth(Decimal(25 * total) / answers)
        found.append([NAMES[code], hundredth(Decimal(total) / answers), index, grade(index)])
    return found


def taps(ask: Asked) -> str:
    many, pleased = ask.rows("SELECT coalesce(sum(count), 0), total(CASE WHEN value >= 4 THEN count END) FROM "
                             f"survey_tap WHERE month LIKE '{ask.year}%'")[0]
    return f"Satu ketukan: {round(100 * pleased / many)}% puas dari {many} ketukan." if many else ""


def survey_months(ask: Asked) -> list[list]:
    found = []
    for number in range(1, last_month(ask) + 1):
        answers, total = ask.rows(f"SELECT count(*), sum({'+'.join(CODES)}) FROM survey_answer WHERE month = "
                                  f"'{ask.year}-{number:02d}-01'")[0]
        found.append([f"{MONTHS[number - 1]} {ask.year}", answers,
                      hundredth(Decimal(25 * total) / (9 * answers)) if answers else "-"])
    return found


def respondents(ask: Asked) -> list[list]:
    found = []
    for key, (title, choices) in PROFILE.items():
        said = ask.grouped(key, f"survey_answer WHERE month LIKE '{ask.year}%'")
        found += [[title, words, said.get(value, 0)] for value, words in choices.items()]
        found += [[title, "Tidak diisi", said[""]]] if said.get("") else []
    return found


def guarantees(ask: Asked) -> tuple[list[list], str]:
    found = dict(ask.rows(f"SELECT breach, count(DISTINCT g.id) FROM {BREACH} WHERE {STANDING} AND "
                          f"{ask.inside('opened_at')} GROUP BY 1"))
    brought = f"guarantee g WHERE status = 'delivered' AND {ask.inside('opened_at')}"
    in_time = ask.count(f"{brought} AND delivered_at <= due_at")
    return [[words, found.get(key, 0)] for key, words in BREACHES.items()], (
        f"{in_time} dari {ask.count(brought)} yang diantar sampai pada batas waktunya. Satu perkara "
        "dapat memuat beberapa hal."
    )


def outages(ask: Asked) -> list[list]:
    """Those that ran in the year, wherever they began."""
    rows = ask.rows(f"SELECT began_at, ended_at, source FROM siak_outage WHERE began_at < '{ask.year}-12-31 17:00' AND "
                    f"(ended_at IS NULL OR ended_at >= '{ask.year - 1}-12-31 17:00') ORDER BY 1")
    return [[in_full(began), in_full(over) if over else "masih berlangsung", source] for began, over, source in rows]


def competence(ask: Asked) -> list[list]:
    found = []
    for name, checked, education, *known in ask.rows(
        f"SELECT name, c.staff_id, education, {', '.join(KNOWLEDGE)} FROM staff s LEFT JOIN staff_competence c "
        "ON c.staff_id = s.id WHERE disabled_at IS NULL ORDER BY name, s.id"
    ):
        gaps = [f"Belum: {words.lower()}" for words, there in zip(KNOWLEDGE.values(), known, strict=True) if not there]
        gaps = [*gaps, *([] if education else ["Pendidikan belum diisi"])] if checked else ["Belum diperiksa"]
        found.append([name, EDUCATION.get(education, "-"), "; ".join(gaps) or "Lengkap"])
    return found


def trainings(ask: Asked) -> list[list]:
    rows = ask.rows("SELECT name, title, held_on, valid_until, iif(storage_key IS NULL, 'tidak', 'ada') FROM "
                    "staff_training t JOIN staff s ON s.id = t.staff_id WHERE disabled_at IS NULL AND held_on LIKE "
                    f"'{ask.year}%' ORDER BY name, s.id, held_on DESC, t.id")
    return [[name, title, day(held), day(valid), proof] for name, title, held, valid, proof in rows]


def facilities(ask: Asked) -> list[list]:
    found = []
    for key, words in FACILITIES.items():
        for name, quantity, repairer, began, what, faults in ask.rows(f"""
            SELECT name, quantity, f.repairer, x.began_on, x.what,
            (SELECT count(*) FROM facility_fault y WHERE y.facility_id = f.id) FROM facility f
            LEFT JOIN facility_fault x ON x.facility_id = f.id AND x.mended_on IS NULL
            WHERE retired_on IS NULL AND kind = '{key}' ORDER BY name, f.id"""):
            state = f"Terganggu sejak {day(began)}: {what}" if began else "Baik"
            found.append([words, name, quantity, state, faults, repairer or "-"])
    return found


def breaches(ask: Asked) -> list[list]:
    rows = ask.rows("SELECT found_at, what, people, julianday(told_at) - julianday(found_at) <= 3.0000001, action "
                    f"FROM data_breach WHERE {ask.inside('found_at')} ORDER BY 1 DESC")
    return [[in_full(found), what, people, "ya" if told else "tidak", done] for found, what, people, told, done in rows]


def versions(ask: Asked) -> list[list]:
    rows = ask.rows("SELECT number, valid_from, approved_by, document, change FROM standard_version WHERE valid_from "
                    f"LIKE '{ask.year}%' ORDER BY 1")
    return [[number, day(since), by, paper or "-", change] for number, since, by, paper, change in rows]
