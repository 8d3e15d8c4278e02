"""From an uploaded file to a staging file: one SQLite table that fills ``customer_records`` by one statement.

Runs in the parsing child (``worker``). Everything is computed per chunk and per column, not per row, and written in
large batches; the staging file is disposable, so it is written without a journal.
"""

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import orjson

from crm_boost.databases.customer_key import customer_keys, tidy_all
from crm_boost.databases.imports import errors
from crm_boost.databases.imports.detect import CONFIDENT, ROLES, Guess, detect_mapping
from crm_boost.databases.imports.errors import ImportRefused
from crm_boost.databases.imports.formula_guard import unguard_cell
from crm_boost.databases.imports.guard import FileKind, inspect_file
from crm_boost.databases.imports.read_ahead import read_ahead
from crm_boost.databases.imports.request import Mapping, StageCounts, StageProgress, StageRequest, StageResult
from crm_boost.databases.imports.source import CHUNK_ROWS, Row, RowSource, UnusualSheet
from crm_boost.databases.imports.table import Header, find_header, is_blank
from crm_boost.databases.phones import normalise_phones
from crm_boost.databases.search_texts import search_texts

OK, BLANK, REJECTED, DUPLICATE = "ok", "blank", "rejected", "dup_file"
NO_IDENTITY, IDENTITY_TOO_LONG, ROW_TOO_WIDE = "no_identity", "identity_too_long", "row_too_wide"
PREVIEW_ROWS = 50
_SAMPLE_ROWS = 1000
_LONGEST_HEAD = 10 * CHUNK_ROWS
_MAXIMUM_NAME = 300
_MAXIMUM_PHONE = 64
_PROGRESS_EVERY = 10_000

_SCHEMA = """
CREATE TABLE rows (
    row_number INTEGER PRIMARY KEY,
    row_data TEXT NOT NULL,
    customer_key TEXT NOT NULL,
    display_name TEXT NOT NULL,
    phone TEXT NOT NULL,
    phone_e164 TEXT,
    search_text TEXT NOT NULL,
    verdict TEXT NOT NULL,
    reason TEXT,
    taken TEXT
);
CREATE INDEX left_out ON rows (verdict) WHERE verdict <> 'ok';
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""
_INSERT = "INSERT INTO rows VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, NULL)"
# Binding values is most of the cost of writing, and nearly all chunks have nothing to object to.
_INSERT_OK = "INSERT INTO rows VALUES (?, ?, ?, ?, ?, ?, ?, 'ok', NULL, NULL)"

Emit = Callable[[StageProgress], None]


def open_source(path: Path, kind: FileKind, sheet: str | None, max_cell_chars: int) -> RowSource:
    """Return the reader for a kind of file; each format's parser is imported only when it is needed."""
    if kind == "csv":
        from crm_boost.databases.imports.parse_csv import CsvSource

        return CsvSource(path, max_cell_chars)
    if kind == "ods":
        from crm_boost.databases.imports.parse_ods import OdsSource

        return OdsSource(path, sheet)
    if kind == "xlsx":
        from crm_boost.databases.imports.parse_xlsx import XlsxSource

        return XlsxSource(path, sheet)
    return open_general(path, kind, sheet)


def open_general(path: Path, kind: FileKind, sheet: str | None) -> RowSource:
    """Return the reader that knows every make of workbook, at the price of holding the whole sheet."""
    from crm_boost.databases.imports.parse_workbook import WorkbookSource

    return WorkbookSource(path, kind, sheet)


def stage(request: StageRequest, emit: Emit) -> StageResult:
    """Read the file, write the staging file, return what was found; raises ImportRefused (spec 2.2 preview)."""
    limits, path = request.limits, Path(request.path)
    kind = inspect_file(path, request.filename, limits)
    emit(StageProgress("reading", 0, None))
    try:
        return _stage(request, emit, kind, open_source(path, kind, request.sheet, limits.max_cell_chars))
    except UnusualSheet:
        return _stage(request, emit, kind, open_general(path, kind, request.sheet))


def _stage(request: StageRequest, emit: Emit, kind: FileKind, source: RowSource) -> StageResult:
    limits = request.limits
    try:
        chunks = source.chunks()
        head = _head(chunks)
        header = find_header(head, request.header_row, lambda: source.merged, source.rectangular, limits.max_columns)
        if header.rejected_file:
            chunks, head = map(_unguarded, chunks), _unguarded(head)
            header = find_header(head, header.row, lambda: source.merged, source.rectangular, limits.max_columns)
        width = len(header.columns)
        body = head[header.data_from :]
        sample = [row[:width] for row in body[:_SAMPLE_ROWS] if not is_blank(row)]
        detected = detect_mapping(header.columns, sample)
        mapping = _mapping(request, header, detected)
        total = None if source.total_rows is None else max(source.total_rows - header.data_from, 0)
        source, chunks = read_ahead(source, chunks, len(head))
        with _Staging(request, header, mapping, emit, total) as staging:
            for chunk in chain(_split(body), chunks):
                staging.add(chunk)
            if staging.seen_rows == staging.counts[BLANK]:
                raise ImportRefused(errors.HEADER_ONLY, "The file has a header but no rows below it.")
            result = StageResult(
                kind=kind,
                sheets=[{"name": item.name, "rows": item.rows, "hidden": item.hidden} for item in source.sheets],
                sheet=source.sheet,
                header_row=header.row,
                columns=header.columns,
                mapping=mapping,
                detected={
                    role: {"column": guess.column, "confidence": guess.confidence} for role, guess in detected.items()
                },
                preview_rows=staging.preview,
                counts=staging.result_counts(),
                rejected_file=header.rejected_file,
            )
            staging.write_meta(result)
        return result
    finally:
        source.close()


def _head(chunks: Iterator[list[Row]]) -> list[Row]:
    """Return the rows from the top that the header and the columns are found in, blank rows passed over."""
    head: list[Row] = []
    for chunk in chunks:
        head += chunk
        if len(head) >= _LONGEST_HEAD or (len(head) >= CHUNK_ROWS and not all(map(is_blank, chunk))):
            break
    return head


def _split(rows: list[Row]) -> Iterator[list[Row]]:
    for at in range(0, len(rows), CHUNK_ROWS):
        yield rows[at : at + CHUNK_ROWS]


def _unguarded(chunk: list[Row]) -> list[Row]:
    return [[unguard_cell(cell) for cell in row] for row in chunk]


def _mapping(request: StageRequest, header: Header, detected: dict[str, Guess]) -> Mapping:
    """Return the person's mapping, checked, or the detected one where it is confident."""
    if request.mapping is None:
        mapping = Mapping(**{role: guess.column for role, guess in detected.items() if guess.confidence >= CONFIDENT})
    else:
        mapping = request.mapping
        for role in ROLES:
            column = getattr(mapping, role)
            if column is not None and not 0 <= column < len(header.columns):
                raise ImportRefused(errors.BAD_MAPPING, f"There is no column {column}.", f"mapping.{role}")
        if mapping.username is not None and mapping.username == mapping.name:
            message = "The username and the name cannot be the same column."
            raise ImportRefused(errors.BAD_MAPPING, message, "mapping.name")
    if request.require_username and mapping.username is None:
        names = ", ".join(header.columns[:10])
        message = f"No column is recognised as the username. The columns are: {names}."
        raise ImportRefused(errors.MISSING_USERNAME_COLUMN, message, "mapping.username")
    return mapping


class _Staging:
    """The staging file while it is written."""

    def __init__(self, request: StageRequest, header: Header, mapping: Mapping, emit: Emit, total: int | None) -> None:
        self._path = Path(request.staging_path)
        self._width = len(header.columns)
        # The place of the two columns that a file of rejected rows carries behind the customer's.
        self._dropped = self._width + header.surplus if header.rejected_file else None
        self._mapping = mapping
        self._country = request.default_country
        self._limits = request.limits
        self._emit = emit
        self._total = total
        self._seen_keys: set[str] = set()
        self._next_progress = _PROGRESS_EVERY
        self.seen_rows = 0
        self.preview: list[Row] = []
        self.counts: Counter[str] = Counter()
        self._reasons: Counter[str] = Counter()
        self._bad_phones = 0
        self._part = request.part_path
        self._part.unlink(missing_ok=True)
        self._db = sqlite3.connect(self._part, isolation_level=None)

    def __enter__(self) -> "_Staging":
        self._db.executescript(
            "PRAGMA page_size=16384; PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA locking_mode=EXCLUSIVE;"
            "PRAGMA cache_size=-16384;" + _SCHEMA
        )
        self._db.execute("BEGIN")
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self._db.execute("COMMIT")
        self._db.close()
        if kind is None:
            self._part.replace(self._path)
        else:
            self._part.unlink(missing_ok=True)

    # --- one chunk ---------------------------------------------------------------------------------------------------

    def add(self, rows: list[Row]) -> None:
        """Stage one chunk of data rows."""
        count = len(rows)
        if not count:
            return
        if self.seen_rows + count > self._limits.max_rows:
            raise ImportRefused(errors.TOO_MANY_ROWS, f"The table has more than {self._limits.max_rows:,} rows.")
        rows, too_wide = self._square(rows)
        identities = self._column(rows, self._mapping.username)
        keys = customer_keys(identities)
        verdicts, reasons = self._judge(rows, keys, too_wide)
        phones = tidy_all(self._column(rows, self._mapping.phone))
        if max(map(len, phones)) > _MAXIMUM_PHONE:
            phones = [phone[:_MAXIMUM_PHONE] for phone in phones]
        numbers = normalise_phones(phones, self._country)
        named = identities if self._mapping.name is None else self._column(rows, self._mapping.name)
        names = tidy_all(named)
        if max(map(len, names)) > _MAXIMUM_NAME:
            names = [name[:_MAXIMUM_NAME] for name in names]
        if None in numbers and self._mapping.phone is not None:
            self._bad_phones += sum(
                number is None and phone != "" and verdict in (OK, DUPLICATE)
                for phone, number, verdict in zip(phones, numbers, verdicts, strict=True)
            )
        columns: list[Iterable[object]] = [
            range(self.seen_rows + 1, self.seen_rows + count + 1),
            self._texts(rows),
            keys,
            names,
            phones,
            numbers,
            search_texts(
                identities,
                keys,
                None if self._mapping.name is None else names,
                None if self._mapping.phone is None else phones,
                numbers,
            ),
        ]
        if verdicts.count(OK) == count:
            self._db.executemany(_INSERT_OK, zip(*columns, strict=True))
        else:
            self._db.executemany(_INSERT, zip(*columns, verdicts, reasons, strict=True))
        if len(self.preview) < PREVIEW_ROWS:
            filled = [row[: self._width] for row, verdict in zip(rows, verdicts, strict=True) if verdict != BLANK]
            self.preview += filled[: PREVIEW_ROWS - len(self.preview)]
        self.counts.update(verdicts)
        self.seen_rows += count
        if self.seen_rows >= self._next_progress:
            self._next_progress = self.seen_rows + _PROGRESS_EVERY
            self._emit(StageProgress("staging", self.seen_rows, self._total))

    def _square(self, rows: list[Row]) -> tuple[list[Row], set[int]]:
        """Give every row the width of the header; return the places of those that have more cells than that."""
        width, dropped = self._width, self._dropped
        if dropped is None and set(map(len, rows)) == {width}:
            return rows, set()
        squared: list[Row] = []
        too_wide: set[int] = set()
        for at, row in enumerate(rows):
            if dropped is not None:
                row = row[:dropped] + row[dropped + 2 :]
            if len(row) < width:
                row = row + [""] * (width - len(row))
            elif len(row) > width:
                if is_blank(row[width:]):
                    row = row[:width]
                else:
                    too_wide.add(at)
            squared.append(row)
        return squared, too_wide

    def _column(self, rows: list[Row], column: int | None) -> list[str]:
        return [""] * len(rows) if column is None else [row[column] for row in rows]

    def _judge(self, rows: list[Row], keys: list[str], too_wide: set[int]) -> tuple[list[str], list[str | None]]:
        """Return verdict and reason of each row; a duplicate is a key that an earlier row of the file has."""
        seen, limit = self._seen_keys, self._limits.max_identity_chars
        fresh = set(keys)
        all_new = len(fresh) == len(keys) and "" not in fresh and seen.isdisjoint(fresh)
        if all_new and not too_wide and max(map(len, keys)) <= limit:
            seen |= fresh
            return [OK] * len(keys), [None] * len(keys)
        verdicts: list[str] = []
        reasons: list[str | None] = []
        for at, key in enumerate(keys):
            reason = None
            if at in too_wide:
                reason = ROW_TOO_WIDE
            elif not key:
                reason = None if is_blank(rows[at]) else NO_IDENTITY
            elif len(key) > limit:
                reason = IDENTITY_TOO_LONG
            if reason:
                verdicts.append(REJECTED)
                self._reasons[reason] += 1
            elif not key:
                verdicts.append(BLANK)
            elif key in seen:
                verdicts.append(DUPLICATE)
            else:
                seen.add(key)
                verdicts.append(OK)
            reasons.append(reason)
        return verdicts, reasons

    @staticmethod
    def _texts(rows: list[Row]) -> list[str]:
        """Return each row as the text of a JSON array; characters that no database stores are left out."""
        texts = [orjson.dumps(row).decode() for row in rows]
        if any("\\u0000" in text for text in texts):
            return [orjson.dumps([cell.replace("\0", "") for cell in row]).decode() for row in rows]
        return texts

    # --- the end -----------------------------------------------------------------------------------------------------

    def result_counts(self) -> StageCounts:
        """Return how the rows fell apart."""
        return StageCounts(
            rows_total=self.seen_rows,
            ok=self.counts[OK],
            duplicates_in_file=self.counts[DUPLICATE],
            rejected=self.counts[REJECTED],
            blank=self.counts[BLANK],
            bad_phones=self._bad_phones,
            rejected_reasons=dict(self._reasons),
        )

    def write_meta(self, result: StageResult) -> None:
        """Store the result beside the rows, so that the staging file explains itself."""
        items: dict[str, Any] = result.to_json()
        self._db.executemany(
            "INSERT INTO meta VALUES (?, ?)", [(key, orjson.dumps(value).decode()) for key, value in items.items()]
        )
        self._emit(StageProgress("staged", self.seen_rows, self.seen_rows))
