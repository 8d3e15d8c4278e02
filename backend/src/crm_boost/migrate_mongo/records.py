"""Records as this desk stores them: each database in the order of its file, every state as the guards would have it.

What an old status claims is compared with who holds the record, which request is open and whose customer it is; each
difference is noted (spec 2.1, 3.2).
"""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from crm_boost.assignments.policies import policy_of
from crm_boost.assignments.repositories.moves import rank_of
from crm_boost.contacts.verdicts import Verdict
from crm_boost.databases.customer_key import customer_keys, tidy_all
from crm_boost.databases.imports.detect import CONFIDENT, detect_mapping
from crm_boost.databases.phones import normalise_phones
from crm_boost.databases.search_texts import search_texts
from crm_boost.databases.states import DatabaseState, RecordState
from crm_boost.migrate_mongo.batches import Batches
from crm_boost.migrate_mongo.desk import Desk, Row
from crm_boost.migrate_mongo.directory import Pool
from crm_boost.migrate_mongo.marks import contact_of, reason_of
from crm_boost.migrate_mongo.values import words
from crm_boost.requests.states import RequestStatus

_SAMPLE = 200
_RANKS_OF_AN_INSTANT = 1 << 20
_OLD_INVALID = "invalid"
_STATES = frozenset(state.value for state in RecordState) - {RecordState.TRASHED.value}


@dataclass(frozen=True, slots=True)
class Claim:
    """Who owns a customer, and since when."""

    staff_id: str
    since: datetime


Claims = Mapping[tuple[str, str], Claim]


class Records:
    """Turns the records that wait into rows of every table that knows about them."""

    def __init__(self, desk: Desk, claims: Claims, requests: Mapping[str, Row], batches: Batches) -> None:
        self._desk = desk
        self._claims = claims
        self._requests = requests
        self._batches = batches
        self._seq = 0
        self._replacing: set[str] = set()

    def settle(self) -> None:
        """Do it for every database, the oldest first."""
        staging, report = self._desk.staging, self._desk.report
        staging.index_records()
        repeated, dropped = staging.drop_repeated()
        for id_, several in repeated:
            report.note("held_twice" if several else "record_twice", id_)
        for collection, count in dropped.items():
            report.collections[collection].stored -= count
            report.collections[collection].merged += count
        for pool in sorted(self._desk.directory.pools.values(), key=lambda pool: (pool.uploaded_at, pool.id)):
            self._settle_pool(pool)

    def _settle_pool(self, pool: Pool) -> None:
        staging, report = self._desk.staging, self._desk.report
        first = self._seq + 1
        columns = list(pool.columns) or ["Username"]
        is_numbered = staging.is_numbered(pool.id)
        if not is_numbered:
            report.note("renumbered", pool.id)
        mapping: dict[str, int | None] | None = None
        for page in staging.records_of(pool.id, numbered=is_numbered):
            rows = [[body["cells"].get(column, "") for column in columns] for _, _, body in page]
            if mapping is None:
                mapping = self._mapping(pool, columns, rows[:_SAMPLE])
            self._settle_page(pool, page, rows, mapping, numbered=is_numbered, first=first)
        row = {
            "id": pool.id,
            "module": pool.module,
            "product_id": pool.product_id,
            "description": "",
            "filename": pool.name,
            "uploaded_by": None,
            "uploaded_by_name": "system",
            "deleted_at": None,
            "deleted_by": None,
            "auto_approve": None,
            **pool.row,
            "file_hash": f"mongo:{pool.id}",
            "state": str(DatabaseState.READY),
            "columns": columns,
            "mapping": mapping or self._mapping(pool, columns, []),
            "first_seq": first,
            "last_seq": self._seq,
            "uploaded_at": pool.uploaded_at,
        }
        staging.add_rows("databases", [row])

    def _mapping(self, pool: Pool, columns: list[str], sample: Sequence[list[str]]) -> dict[str, int | None]:
        """Return which column is what. The identifier has to be somewhere: without a clear column the likeliest is it."""
        guesses = detect_mapping(columns, sample)
        found = {role: guess.column if guess.confidence >= CONFIDENT else None for role, guess in guesses.items()}
        if found["username"] is None:
            self._desk.report.note("identity_guessed", pool.id)
            likeliest = guesses["username"].column
            found["username"] = 0 if likeliest is None else likeliest
            found = {role: None if role != "username" and at == found["username"] else at for role, at in found.items()}
        return found

    def _settle_page(
        self,
        pool: Pool,
        page: Sequence[tuple[str, int | None, Row]],
        rows: list[list[str]],
        mapping: Mapping[str, int | None],
        *,
        numbered: bool,
        first: int,
    ) -> None:
        def column(role: str) -> list[str] | None:
            at = mapping[role]
            return None if at is None else [row[at] for row in rows]

        identities = column("username") or []
        keys = customer_keys(identities)
        own_names, own_phones = column("name"), column("phone")
        names = [name[:300] for name in tidy_all(own_names or identities)]
        phones = [phone[:64] for phone in tidy_all(own_phones or [""] * len(rows))]
        numbers = normalise_phones(phones, self._desk.country)
        found = search_texts(identities, keys, names if own_names else None, phones if own_phones else None, numbers)
        named_in = self._desk.staging.claims_of([id_ for id_, _, _ in page])
        out: dict[str, list[Row]] = {"customer_records": [], "contacts": [], "contact_events": [], "conflicts": []}
        for at, (id_, number, body) in enumerate(page):
            self._seq += 1
            record: Row = {
                "seq": self._seq,
                "id": id_,
                "database_id": pool.id,
                "product_id": pool.product_id,
                "row_number": number if numbered and number is not None else self._seq - first + 1,
                "row_data": orjson.dumps(rows[at]).decode(),
                "customer_key": keys[at],
                "display_name": names[at] or None,
                "phone": phones[at] or None,
                "phone_e164": numbers[at],
                "search_text": found[at],
                **_NOBODYS,
            }
            if not keys[at]:
                self._desk.report.note("no_identity", id_)
            request_id = body["request_id"] or named_in.get(id_)
            self._place(pool, record, body, request_id)
            out["customer_records"].append(record)
            self._work(pool, record, body, out)
            self._count(record)
        for step, made in out.items():
            self._desk.staging.add_rows(step, made)

    # --- whose it is -----------------------------------------------------------------------------------------------------

    def _place(self, pool: Pool, record: Row, body: Row, request_id: str | None) -> None:
        """Decide on the state of a record, and who has it."""
        note = self._desk.report.note
        state, holder = self._state(record["id"], body), body["holder"]
        owner = self._claims.get(self._desk.claim_of(pool.product_id, record["customer_key"]))
        if state in (RecordState.ASSIGNED, RecordState.ARCHIVED) and holder:
            self._hold(pool, record, body, request_id)
        elif holder:
            note("holder_surplus", record["id"])
        if state is RecordState.REQUESTED and not self._held_for_request(record, request_id, owner):
            note("dead_request", record["id"])
            state = RecordState.AVAILABLE
        if state is RecordState.AVAILABLE and owner:
            note("now_reserved", record["id"])
            state = RecordState.RESERVED
        elif state is RecordState.RESERVED and not owner:
            note("no_longer_reserved", record["id"])
            state = RecordState.AVAILABLE
        record["state"] = str(state)

    def _state(self, id_: str, body: Row) -> RecordState:
        """Return the state that an old status means."""
        note, status, holder = self._desk.report.note, body["status"], body["holder"]
        if status == _OLD_INVALID:
            note("status_invalid", id_)
            body["verdict"] = str(Verdict.INVALID) if holder else body["verdict"]
            status = str(RecordState.ASSIGNED if holder else RecordState.AVAILABLE)
        if status not in _STATES:
            note("status_unknown", id_)
            status = str(RecordState.ASSIGNED if holder else RecordState.AVAILABLE)
        if status == RecordState.ASSIGNED and not holder:
            note("holder_missing", id_)
            return RecordState.AVAILABLE
        return RecordState(status)

    def _hold(self, pool: Pool, record: Row, body: Row, request_id: str | None) -> None:
        handed_at = _instant(body["handed_at"])
        if handed_at is None:
            self._desk.report.note("handed_out_unknown", record["id"])
            handed_at = pool.uploaded_at
        salt = zlib.crc32(record["id"].encode()) % _RANKS_OF_AN_INSTANT
        record.update(
            assigned_to=body["holder"],
            assigned_at=handed_at,
            deal_rank=rank_of(handed_at) + salt,
            request_id=request_id if request_id in self._requests else None,
        )
        if policy_of(pool.module).batched:
            batch_id = body["batch_id"] or record["request_id"]
            record["batch_id"] = self._batches.of(pool, body["holder"], batch_id, handed_at)

    def _held_for_request(self, record: Row, request_id: str | None, owner: Claim | None) -> bool:
        request = self._requests.get(request_id or "")
        if request is None or request["status"] != RequestStatus.PENDING:
            return False
        if owner is not None and owner.staff_id != request["staff_id"]:
            return False
        record.update(held_for=request["staff_id"], request_id=request["id"], held_until=request["expires_at"])
        return True

    # --- what was done with it -------------------------------------------------------------------------------------------

    def _work(self, pool: Pool, record: Row, body: Row, out: dict[str, list[Row]]) -> None:
        """Keep verdicts and marks with whoever holds the record."""
        staff_id, state = record["assigned_to"], record["state"]
        if staff_id is None:
            if body["wa"] or body["respond"] or body["verdict"]:
                self._desk.report.note("marks_dropped", record["id"])
            return
        if state == RecordState.ARCHIVED:
            body["verdict"] = str(Verdict.INVALID)
            record["archived_at"] = body["archived_at"] or body["verdict_at"] or record["assigned_at"]
            other = body["replaced_by"]
            if other and other not in self._replacing:
                self._replacing.add(other)
                record["replaced_by"] = other
        note = body["note"]
        if body["verdict"]:
            record["validation_status"] = body["verdict"]
            if body["verdict"] == Verdict.INVALID:
                record["validation_reason"], note = reason_of(body["reason"], note)
        contact, events = contact_of(self._desk, record, body, note)
        if contact is not None:
            out["contacts"].append(contact)
            out["contact_events"].extend(events)
        owner = self._claims.get(self._desk.claim_of(pool.product_id, record["customer_key"]))
        if state == RecordState.ASSIGNED and owner is not None and owner.staff_id != staff_id:
            self._desk.report.note("in_conflict", record["id"])
            out["conflicts"].append(
                {
                    "record_seq": record["seq"],
                    "product_id": pool.product_id,
                    "customer_key": record["customer_key"],
                    "staff_id": staff_id,
                    "owner_id": owner.staff_id,
                    "began_at": max(record["assigned_at"], owner.since),
                    "ended_at": None,
                }
            )

    def _count(self, record: Row) -> None:
        totals = self._desk.report.totals
        name = f"records {record['state']}"
        totals[name] = totals.get(name, 0) + 1
        if record["validation_status"]:
            name = f"records {record['validation_status']}"
            totals[name] = totals.get(name, 0) + 1


_NOBODYS: Mapping[str, Any] = dict.fromkeys(
    words(
        "request_id held_for held_until batch_id assigned_to assigned_at deal_rank validation_status validation_reason"
        " archived_at replaced_by"
    )
)


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
