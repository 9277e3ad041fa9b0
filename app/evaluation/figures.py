"""What a year of the service was, in figures that say what they count, and the tables behind them.

Everything is collected at once and frozen (evaluating.py): a figure in a signed evaluation never changes, whatever is
erased or corrected later.
"""

from dataclasses import asdict, dataclass
from datetime import date

from app.base import clock
from app.complaints.reports import figures as complaint_figures
from app.evaluation import registers, tables
from app.evaluation.tables import Span, Table, grouped
from app.guarantee import figures as guarantee_figures
from app.review import figures as review_figures
from app.review import promises
from app.survey import figures as survey_figures

TARGET_IKM = "88,31 A"


@dataclass(frozen=True)
class Figure:
    """`value` as it is printed; `counted` says over what, `definition` how, `target` what is wanted ("" for none)."""

    key: str
    title: str
    value: str
    counted: str
    definition: str
    target: str = ""


@dataclass(frozen=True)
class Collected:
    year: int
    until: str
    figures: list[Figure]
    tables: list[Table]

    def as_json(self) -> dict:
        return asdict(self)


def collect(year: int) -> Collected:
    """Of the whole year, or of a running one until today."""
    return collect_span(Span(date(year, 1, 1), min(date(year, 12, 31), clock.today())))


def collect_span(span: Span) -> Collected:
    office = review_figures.of_period(span.first, span.last)
    complaints = complaint_figures.of_period(span.first, span.last)
    survey = survey_figures.of_months(span.first, span.last)
    ended = promises.ended(span.period)
    return Collected(
        span.first.year, span.last.isoformat(),
        [*_of_promises(promises.count(ended), office), _of_guarantees(span), *_of_complaints(complaints.total),
         _of_survey(survey), *_of_registers(span)],
        [
            tables.by_month(span, ended), tables.reasons(office), *tables.complaint_tables(span, complaints),
            *tables.survey_tables(survey), tables.guarantees(span), tables.outages(span), tables.competence(),
            tables.trainings(span), tables.facilities_table(), tables.breaches_table(span), tables.versions_table(span),
        ],
    )


def _of_promises(kept: promises.Kept, office: review_figures.Figures) -> list[Figure]:
    done = office.decided
    return [
        Figure("promise_kept", "Selesai tepat janji", tables.percent(kept.kept, kept.of),
               f"{grouped(kept.kept)} dari {grouped(kept.of)} janji yang berakhir",
               "Janji berakhir pada saat diputus, atau pada batas waktunya jika belum diputus. Tepat jika diputus "
               "sampai batas waktunya. Yang belum diputus ikut dihitung terlambat.", "100%"),
        Figure("promise_broken", "Janji terlambat", grouped(kept.broken),
               f"{kept.open} masih menunggu, {kept.in_outage} saat SIAK mati",
               "Janji yang berakhir tanpa keputusan sampai batas waktunya, dihitung pada hari batas itu.", "0"),
        Figure("decided", "Pendaftaran diputus", grouped(done.approved + done.rejected),
               f"{grouped(done.approved)} disetujui, {grouped(done.rejected)} ditolak",
               "Pendaftaran yang disetujui atau ditolak dalam tahun ini, menurut waktu keputusannya."),
        Figure("until_decided", "Lama (nilai tengah)", done.until_decided.middle,
               f"sejak data lengkap; 9 dari 10: {done.until_decided.slow}",
               "Jam kerja kantor dari pernyataan lengkap sampai keputusan, untuk yang diputus dalam tahun ini. "
               "Sembilan dari sepuluh tidak lebih lama dari angka kedua."),
        Figure("first_time", "Disetujui tanpa diperbaiki",
               tables.percent(done.first_time, done.approved),
               f"{grouped(done.first_time)} dari {grouped(done.approved)} yang disetujui",
               "Bagian dari yang disetujui dalam tahun ini yang tidak pernah dikembalikan kepada pemohon."),
    ]


def _of_guarantees(span: Span) -> Figure:
    found = guarantee_figures.of_period(span.period.first, span.period.last)
    return Figure(
        "guarantees", "Jaminan dibuka", grouped(found.opened),
        f"{found.delivered} diantar, {found.declined} tidak perlu, {found.apologised} maaf, {found.running} berjalan",
        "Perkara jaminan (komponen I) yang dibuka dalam tahun ini, masing-masing dihitung sekali. Akhirnya dicatat "
        "saat angka dibekukan: diantar, tidak perlu diantar menurut pemohon, permintaan maaf, atau masih berjalan.",
        "0",
    )


def _of_complaints(total: complaint_figures.Figures) -> list[Figure]:
    return [
        Figure("complaints", "Pengaduan diterima", grouped(total.received),
               f"{grouped(total.answered)} sudah dijawab",
               "Pengaduan, aspirasi, dan permintaan informasi yang diterima dalam tahun ini, tanpa yang digabung dan "
               "yang bukan pengaduan."),
        Figure("complaints_in_time", "Pengaduan tepat waktu",
               tables.percent(total.kept, total.judged),
               f"{grouped(total.kept)} dari {grouped(total.judged)}, {total.late_open} belum dijawab",
               "Bagian yang jawaban pertamanya datang sampai batas waktunya, dari yang sudah dijawab dan yang sudah "
               "lewat batas. Yang lewat batas dan belum dijawab disebut di belakang.", "100%"),
    ]


def _of_survey(survey: survey_figures.Figures) -> Figure:
    value = f"{tables.comma(survey.index.value)} {survey.index.grade.letter}" if survey.index else "belum ada data"
    return Figure(
        "ikm", "Kepuasan (IKM)", value,
        f"{grouped(survey.answers)} jawaban, paling sedikit {grouped(survey.wanted)}"
        f"{', indikatif' if survey.is_indicative else ''}",
        "Permenpan RB 14/2017: rata-rata sembilan unsur dengan bobot tepat 1/9, dikali 25, dibulatkan dua angka. "
        "Sampel minimal menurut Krejcie dan Morgan.", TARGET_IKM,
    )


def _of_registers(span: Span) -> list[Figure]:
    people = registers.people()
    complete = sum(not one.missing for one in people)
    things = [row for row in registers.facilities() if row.retired_on is None]
    broken = sum(registers.open_fault(row) is not None for row in things)
    breaches = tables.breaches_in(span)
    return [
        Figure("competence", "Pegawai kompeten", tables.percent(complete, len(people)),
               f"{complete} dari {len(people)} pegawai",
               "Pegawai yang pendidikannya tercatat dan ketiga pengetahuan pada komponen K dinyatakan ada.", "100%"),
        Figure("facilities", "Sarana berfungsi", tables.percent(len(things) - broken, len(things)),
               f"{len(things) - broken} dari {len(things)} sarana",
               "Sarana pada komponen J tanpa gangguan yang masih terbuka saat angka dibekukan.", "100%"),
        Figure("breaches", "Kegagalan pelindungan data", str(len(breaches)),
               f"{sum(map(registers.was_told_in_time, breaches))} diberitahukan dalam 3 x 24 jam",
               "Kejadian yang diketahui dalam tahun ini (Undang-Undang Nomor 27 Tahun 2022 Pasal 46).", "0"),
    ]
