"""Answering lists: paging parameters in, a bare array with paging headers out (spec 2.7).

Rows come ready-made from a repository and are serialised once; a response model would build and check every row a
second time.
"""

from collections.abc import Sequence
from typing import Annotated, Any

import orjson
from fastapi import Depends, Query, Request
from fastapi.responses import Response

from crm_boost.kit.paging import DEFAULT_LIMIT, MAX_LIMIT, Page


class ListQuery:
    """`limit` and `cursor` of a list request."""

    def __init__(
        self,
        limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = DEFAULT_LIMIT,
        cursor: Annotated[str | None, Query(max_length=2000)] = None,
    ) -> None:
        self.limit = limit
        self.cursor = cursor


Listing = Annotated[ListQuery, Depends()]


def list_response(request: Request, page: Page[dict[str, Any]]) -> Response:
    """Answer one page as a bare array with `X-Total-Count` (where counted) and `Link: rel="next"`.

    `request.state.row_count` says afterwards how many rows it has: some lists are counted per person.
    """
    request.state.row_count = len(page.rows)
    return rows_response(page.rows, paging_headers(request, page))


def paging_headers(request: Request, page: Page[dict[str, Any]]) -> dict[str, str]:
    """Return the headers that carry the total of a list (where counted) and the address of the next page."""
    headers = {}
    if page.total is not None:
        headers["X-Total-Count"] = str(page.total)
    if page.next_cursor is not None:
        target = request.url.include_query_params(cursor=page.next_cursor)
        headers["Link"] = f'<{target.path}?{target.query}>; rel="next"'
    return headers


def rows_response(rows: Sequence[dict[str, Any]] | dict[str, Any], headers: dict[str, str] | None = None) -> Response:
    """Serialise ready-made rows as they are; instants carry their offset."""
    return Response(orjson.dumps(rows), media_type="application/json", headers=headers)
