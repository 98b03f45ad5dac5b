"""Copies of attendance: what stands in the file, what never does, who may take one, and that it is seen."""

from __future__ import annotations

import csv
import io
import zipfile

import pytest
from sqlalchemy import update

from portal.files.tables import Table, as_csv, as_xlsx
from portal.people.models import Person
from portal.plan.models import Activity
from portal.plan.rules.words import LegalBasis
from tests.attendance_door import later, opened
from tests.fixtures.databases import on_sqlite
from tests.test_attendance_pages import press

NO_BASIS = "Ikke grunnlag for utbetaling. Dager med KVP eller statlige ytelser er ikke med."
DANGEROUS = ('=HYPERLINK("http://x")', "+47", "-1", "@SUM(A1)", "\tx", "\r=1", "\n=1")


@pytest.fixture
def door(settings, world):
    with opened(settings, world) as door:
        yield door


def lines(answer) -> list[list[str]]:
    assert answer.status_code == 200
    assert answer.data.startswith(b"\xef\xbb\xbf")
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="oppmote-2026-')
    return list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig")), delimiter=";"))


def test_no_cell_is_ever_a_formula_and_every_word_comes_back():
    table = Table(("Først",), ("Navn", "Æøå"), [(cell, "blå; grønn") for cell in DANGEROUS])
    told = list(csv.reader(io.StringIO(as_csv(table).decode("utf-8-sig"), newline=""), delimiter=";"))
    assert told[:2] == [["Først"], ["Navn", "Æøå"]]
    assert told[2:] == [[f"'{cell}", "blå; grønn"] for cell in DANGEROUS]
    with zipfile.ZipFile(io.BytesIO(as_xlsx(table))) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet  # no formula
    assert "hyperlink" not in sheet
    assert sheet.count('t="s"') == 3 + 2 * len(DANGEROUS)


@on_sqlite
def test_a_helper_takes_a_persons_month_without_reasons_and_the_person_sees_it(door, as_, database, world):
    door.tap("anna")
    with later(minutes=5):
        anna, vera = as_("anna"), as_("vera")
        page = vera.get(f"/person/{world.people['anna'].public_id}/oppmote")
        found = lines(press(vera, page, "Som tekst (CSV)"))
        assert found[0] == [NO_BASIS]
        assert found[2] == ["Dag", "Hva", "Sted", "Skrevet av", "Skrevet", "Gjelder"]
        came = next(row for row in found if row[0] == "23.11.2026" and row[1].startswith("Kom"))
        assert (came[1], came[5]) == ("Kom kl. 08.30.", "ja")
        assert press(vera, page, "Til Excel").data.startswith(b"PK")
        seen = anna.get("/hvem-har-sett").text
        assert seen.count("Tok en kopi av det som er skrevet om dagene dine.") == 2
        with database.transaction() as s:
            s.execute(update(Activity).values(legal_basis=LegalBasis.KVP))
        assert lines(press(vera, page, "Som tekst (CSV)"))[3:] == []  # other rules hold, whatever she did
        assert as_("vidar").get(f"/person/{world.people['anna'].public_id}/oppmote").status_code == 404
        hidden = vera.get(f"/person/{world.people['petra'].public_id}/oppmote").text
        assert "Ta en kopi" not in hidden


@on_sqlite
def test_a_centre_takes_its_day_or_week_without_a_reason_or_anybody_protected(door, as_, database, world):
    door.tap("anna")
    with database.transaction() as s:
        s.execute(update(Person).where(Person.id == door.id("birk")).values(given_name="=cmd|'/c'!A1"))
    with later(minutes=5):
        sara = as_("sara")
        found = lines(press(sara, sara.get(f"/tavle/{world.centres['own']}/uke"), "Som tekst (CSV)"))
        assert found[0] == [NO_BASIS]
        assert found[2] == ["Dag", "Navn", "Ventet fra", "Ventet til", "Kom", "Gikk", "Sa fra"]
        assert (
            lines(press(sara, sara.get(f"/tavle/{world.centres['own']}/liste"), "Som tekst (CSV)"))[3:]
            == found[3:]
        )
        assert len(found) == 5  # Anna and Birk today, and no Petra
        birks = next(row for row in found[3:] if row[1].startswith("'=cmd"))
        assert birks[4] == ""
        annas = next(row for row in found[3:] if row is not birks)
        assert annas[2:6] == ["09.00", "14.00", "08.30", ""]
        words = {
            word for word, what in world.secrets.items() if "reason" in what or what.startswith("petra.")
        }
        assert [word for word in words if any(word in cell for row in found for cell in row)] == []


@on_sqlite
@pytest.mark.parametrize("when", ["2027-W10", "2026-W54", "2026-13-01", "20261123", "2026-W1", "x", "../a"])
def test_a_time_to_come_is_empty_and_what_is_no_time_has_no_copy(app, as_, world, when):
    app.config["WTF_CSRF_ENABLED"] = False
    answer = as_("sara").post(f"/tavle/{world.centres['own']}/kopi", data={"kind": "csv", "when": when})
    if when == "2027-W10":
        assert answer.data.decode("utf-8-sig").count("\r\n") == 3  # what stands above the days
    else:
        assert answer.status_code == 404
