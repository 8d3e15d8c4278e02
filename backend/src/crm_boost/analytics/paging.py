"""Pages of drill-downs: by offset, because they are sorted by whatever column is wanted, with totals from the figures of
the chart."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any

from fastapi import Depends, Query, Request, Response

from crm_boost.kit.paging import DEFAULT_LIMIT, MAX_LIMIT
from crm_boost.web.lists import rows_response


class Order(StrEnum):
    ASCENDING = "asc"
    DESCENDING = "desc"


@dataclass(frozen=True, slots=True)
class Slice:
    """At most `limit` rows after the first `offset`."""

    limit: int = DEFAULT_LIMIT
    offset: int = 0
    descending: bool = True

    def ordered(self, *columns: Any) -> list[Any]:
        """Return these columns, all in the order wanted."""
        return [column.desc() if self.descending else column.asc() for column in columns]


async def _slice(
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = DEFAULT_LIMIT,
    offset: Annotated[int, Query(ge=0, le=1_000_000_000)] = 0,
    order: Order = Order.DESCENDING,
) -> Slice:
    return Slice(limit, offset, order is Order.DESCENDING)


Paged = Annotated[Slice, Depends(_slice)]


def page_response(request: Request, content: dict[str, Any], rows: str, total: int, wanted: Slice) -> Response:
    """Answer a drill-down whose rows are under `rows`, with the total and the address of the next page as lists have."""
    headers = {"X-Total-Count": str(total)}
    shown = wanted.offset + len(content[rows])
    request.state.row_count = len(content[rows])
    if content[rows] and shown < total:
        target = request.url.include_query_params(offset=shown)
        headers["Link"] = f'<{target.path}?{target.query}>; rel="next"'
    return rows_response(content, headers)
