"""Routes of one record: its row, its marks, its notes, its timeline."""

import re
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Response

from crm_boost.access.dependencies import OPENS_CUSTOMER
from crm_boost.customers import records
from crm_boost.customers.dependencies import Marking, Reading
from crm_boost.customers.schemas import Marks, NoteOut, NoteRequest, TimelineEntry
from crm_boost.databases.schemas import DealtRecordOut
from crm_boost.db.idempotency import Idempotency, idempotency
from crm_boost.db.session import Reader, SharingWriter
from crm_boost.kit.errors import InvalidInput
from crm_boost.web.lists import rows_response

router = APIRouter(prefix="/records", tags=["records"])

Once = Annotated[Idempotency, Depends(idempotency)]
_ETAG = re.compile(r'(?:W/)?"(\d{1,9})"')


def version_seen(
    if_match: Annotated[str | None, Header(alias="If-Match", max_length=200, examples=['"3"'])] = None,
) -> int | None:
    """Return the version the caller saw, as `If-Match` names it; None when there is none, or it is `*`."""
    if if_match is None or if_match.strip() == "*":
        return None
    found = _ETAG.fullmatch(if_match.strip())
    if found is None:
        raise InvalidInput.of("If-Match", "Send the ETag of the record as it was answered.", "missing")
    return int(found.group(1))


def _tagged(row: dict[str, Any]) -> Response:
    return rows_response(row, {"ETag": f'"{row["version"]}"'})


@router.get("/{record_id}", response_model=DealtRecordOut, dependencies=[OPENS_CUSTOMER])
async def get_record(reach: Reading, session: Reader, record_id: str) -> Response:
    """One record: staff see their own, others whatever is in the modules open to them. The ETag is its version."""
    return _tagged(await records.record(session, record_id, reach))


@router.patch("/{record_id}", response_model=DealtRecordOut)
async def change_record(
    reach: Marking,
    session: SharingWriter,
    record_id: str,
    body: Marks,
    version: Annotated[int | None, Depends(version_seen)],
) -> Response:
    """Mark a record. With `If-Match`, changes of different fields merge; of the same field: 409 with both values."""
    values = records.values_of(body)
    return _tagged(await records.change_marks(session, record_id, values, reach, version=version))


@router.get("/{record_id}/notes", response_model=list[NoteOut])
async def list_notes(reach: Reading, session: Reader, record_id: str) -> Response:
    """The notes on a record, oldest first; staff read those of their own time with it."""
    return rows_response(await records.notes(session, record_id, reach))


@router.post("/{record_id}/notes", status_code=201)
async def add_note(reach: Marking, session: SharingWriter, once: Once, record_id: str, body: NoteRequest) -> NoteOut:
    """Write a note."""

    async def effect() -> dict[str, Any]:
        return await records.add_note(session, record_id, body.text, reach)

    return NoteOut.model_validate(await once.once(session, effect))


@router.get("/{record_id}/timeline", response_model=list[TimelineEntry])
async def timeline(reach: Reading, session: Reader, record_id: str) -> Response:
    """Moves, marks, verdicts and notes, oldest first; staff see their own time with the record only."""
    return rows_response(await records.timeline(session, record_id, reach))
