"""My customers: a staff's groups and records, and for admins everything that is dealt."""

from typing import Any

from crm_boost.customers.repositories import groups as groups_repository
from crm_boost.customers.repositories.dealt import DealtFilter, list_dealt, owns_group
from crm_boost.customers.repositories.groups import BATCH, groups_by_id, groups_of
from crm_boost.customers.schemas import GroupUpdate
from crm_boost.db.outbox import announce
from crm_boost.db.session import ReadSession, WriteSession
from crm_boost.kit.clock import utc_now
from crm_boost.kit.errors import InvalidInput, NotFound
from crm_boost.kit.paging import Page

After = tuple[int, str] | None
GroupAfter = tuple[int, int, str] | None


async def my_records(
    session: ReadSession, wanted: DealtFilter, *, kind: str | None, after: After, limit: int
) -> Page[dict[str, Any]]:
    """Return a staff's own records, all or of one group (`kind`); somebody else's group is a 404."""
    staff_id = wanted.staff_id or ""
    if kind is not None:
        await ensure_own_group(session, staff_id, kind, wanted.batch_id or wanted.database_id or "")
    return await list_dealt(session, wanted, viewer=staff_id, after=after, limit=limit)


async def change_group(session: WriteSession, staff_id: str, kind: str, group_id: str, body: GroupUpdate) -> None:
    """Name or pin one of a staff's own groups. Only batches have a name of their own."""
    await ensure_own_group(session, staff_id, kind, group_id)
    if "title" in body.model_fields_set:
        if kind != BATCH:
            raise InvalidInput.of("title", "A database cannot be renamed here; its batches can.", "name_is_fixed")
        await groups_repository.name_batch(session, staff_id, group_id, body.title or "")
    if body.is_pinned is not None:
        await groups_repository.put_view(session, staff_id, kind, group_id, is_pinned=body.is_pinned)
    await _announce(session, staff_id)


async def see_group(session: WriteSession, staff_id: str, kind: str, group_id: str) -> None:
    """Remember that a staff has seen one of their groups now: what comes later is new."""
    await ensure_own_group(session, staff_id, kind, group_id)
    await groups_repository.put_view(session, staff_id, kind, group_id, seen_at=utc_now())
    await _announce(session, staff_id)


async def own_batch(session: ReadSession, staff_id: str, reference: str) -> str:
    """Return the id of a staff's own batch, named by itself or by its request; 404 for any other."""
    batch_id = await groups_repository.batch_of(session, staff_id, reference)
    if batch_id is None:
        raise NotFound("There is no such batch.", id=reference)
    return batch_id


async def ensure_own_group(session: ReadSession, staff_id: str, kind: str, group_id: str) -> None:
    """Refuse, with 404, a group that is not this staff's."""
    if not await owns_group(session, staff_id, kind, group_id):
        raise NotFound("There is no such group.", id=group_id)


async def batches_with_records(
    session: ReadSession, staff_id: str, module: str, *, after: After, limit: int
) -> Page[dict[str, Any]]:
    """Return a page of a staff's records of a module inside their batches; the counts are of the whole batch."""
    wanted = DealtFilter(staff_id=staff_id, modules=[module])
    page = await list_dealt(session, wanted, viewer=staff_id, after=after, limit=limit)
    held = await groups_by_id(session, staff_id, module)
    batches: dict[str, dict[str, Any]] = {}
    for row in page.rows:
        group = held.get(row["batch_id"])
        if group is not None:  # else it was taken back between the two statements
            batches.setdefault(group["id"], _batch(group))["records"].append(row)
    page.rows = list(batches.values())
    return page


def _batch(group: dict[str, Any]) -> dict[str, Any]:
    counts = group["counts"]
    names = ("id", "title", "database_id", "database_name", "product_id", "product_name", "created_at")
    return {
        **{name: group[name] for name in names},
        "custom_name": group.get("custom_title", ""),
        "active_count": group["record_count"],
        "validated_count": counts["validated"],
        "invalid_count": counts["invalid"],
        "unvalidated_count": counts["unvalidated"],
        "records": [],
    }


async def request_batches(
    session: ReadSession, staff_id: str, modules: list[str], *, after: GroupAfter, limit: int
) -> Page[dict[str, Any]]:
    """Return a staff's batches of modules that take requests, as existing clients know them."""
    page = await groups_of(session, staff_id, modules=modules, after=after, limit=limit)
    page.rows = [_request_batch(group) for group in page.rows]
    return page


def _request_batch(group: dict[str, Any]) -> dict[str, Any]:
    names = ("id", "database_id", "database_name", "product_id", "product_name", "is_pinned", "record_count")
    marks = ("ada", "ceklis1", "tidak", "respond_ya", "respond_tidak")
    return {
        **{name: group[name] for name in (*names, "created_at")},
        **{f"{mark}_count": group["counts"][mark] for mark in marks},
        "custom_title": group.get("custom_title", ""),
    }


async def _announce(session: WriteSession, staff_id: str) -> None:
    """The same person's other windows show it too; nobody else does."""
    await announce(session, "contacts", {"staff_id": staff_id, "database_ids": []}, audience=staff_id)
