"""A table as a file that opens in a spreadsheet. Nothing in it is ever taken for a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

import xlsxwriter

_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_WIDTH = 22


@dataclass(frozen=True)
class Table:
    """What a file holds. about: lines that stand above the table, the first one first."""

    about: tuple[str, ...]
    headings: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]

    def lines(self) -> list[tuple[str, ...]]:
        """Every line, from the top."""
        return [*((line,) for line in self.about), self.headings, *self.rows]


def as_csv(table: Table) -> bytes:
    """Write a table as CSV the way a Norwegian spreadsheet reads it: semicolons, UTF-8 with its mark.

    A cell that a spreadsheet would take for a formula gets an apostrophe in front. Source: OWASP, CSV
    injection (checked 2026-11-27).
    """
    written = io.StringIO()
    csv.writer(written, delimiter=";", lineterminator="\r\n").writerows(
        [_harmless(cell) for cell in line] for line in table.lines()
    )
    return written.getvalue().encode("utf-8-sig")


def as_xlsx(table: Table) -> bytes:
    """Write a table for Excel and its kin. Every cell is text."""
    written = io.BytesIO()
    with xlsxwriter.Workbook(written, {"in_memory": True}) as book:
        sheet, bold = book.add_worksheet(), book.add_format({"bold": True})
        sheet.set_column(0, len(table.headings) - 1, _WIDTH)
        for row, line in enumerate(table.lines()):
            for column, cell in enumerate(line):
                sheet.write_string(row, column, cell, bold if row == len(table.about) else None)
    return written.getvalue()


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_STARTS_A_FORMULA) else cell
