"""Everything about one customer that a caller may see, over all databases and modules (spec 6.2)."""

from typing import Any

from crm_boost.contacts.service import Reach
from crm_boost.customers.records import timelines
from crm_boost.customers.repositories import customer_page as repository
from crm_boost.databases.customer_key import customer_key
from crm_boost.db.session import ReadSession
from crm_boost.identity.principal import Principal
from crm_boost.kit.errors import NotFound
from crm_boost.pools.rows import rows_by_id
from crm_boost.reservations.matching import Owner, owners_of_customer


async def customer(session: ReadSession, principal: Principal, text: str, reach: Reach) -> dict[str, Any]:
    """Return the page of the customer that `text` names, in any spelling; 404 where nothing of them is in reach.

    Staff see the records they hold, their own time with these, and of other people's reservations only "taken".
    """
    key = customer_key(text)
    found = await repository.records_of_customer(session, key, reach) if key else []
    if not found:
        raise NotFound("There is no such customer.", id=text)
    rows = await rows_by_id(session, [record.id for record in found], staff_id=reach.holder)
    products = {record.id: (record.product_id, record.product_name) for record in found}
    for row in rows:
        row["product_id"], row["product_name"] = products[row["id"]]
    names = [record.display_name for record in found if record.display_name]
    owners = await owners_of_customer(session, key, sorted({product_id for product_id, _ in products.values()}))
    return {
        "customer_key": key,
        "display_name": names[0] if names else rows[0]["customer_id"],
        "phones": list(dict.fromkeys(r.phone_e164 or r.phone for r in found if r.phone_e164 or r.phone)),
        "records": rows,
        "reservation": _reservation(owners, principal.id, reach),
        "timeline": await timelines(session, found, reach),
    }


def _reservation(owners: list[Owner], viewer: str, reach: Reach) -> dict[str, Any]:
    if not owners:
        return {"state": "none"}
    own = any(owner.staff_id == viewer for owner in owners)
    shaped = {"state": "yours" if own else "taken"}
    if reach.holder is None:
        shaped["staff_name"] = ", ".join(owner.staff_name for owner in owners)
    return shaped
