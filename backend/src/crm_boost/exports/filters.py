"""Filters of an export are those of its list: the same classes, with the same checks, read from plain values."""

import inspect
from collections.abc import Mapping
from functools import cache
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError, create_model

from crm_boost.kit.errors import FieldError, InvalidInput


@cache
def _model_of(queries: tuple[type, ...]) -> type[BaseModel]:
    fields: dict[str, Any] = {
        found.name: (found.annotation, found.default)
        for query in queries
        for found in inspect.signature(query).parameters.values()
    }
    return create_model("ExportFilters", __config__=ConfigDict(extra="forbid"), **fields)


def parsed(queries: tuple[type, ...], given: Mapping[str, Any]) -> tuple[Any, ...]:
    """Return the filters of a list, one object per class; what it does not know, or would refuse, is a field error.

    A filter that is not known is never left out: the file would hold more than was asked for.
    """
    try:
        values = dict(_model_of(queries).model_validate(dict(given)))
    except ValidationError as error:
        found = [
            FieldError(".".join(map(str, item["loc"])), item["msg"].removeprefix("Value error, "), item["type"])
            for item in error.errors(include_url=False)
        ]
        raise InvalidInput("; ".join(f"{item.field}: {item.message}" for item in found[:3]), errors=found) from error
    return tuple(query(**{name: values[name] for name in inspect.signature(query).parameters}) for query in queries)


def known(queries: tuple[type, ...], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return of given filters those that the list knows: kept addresses never minded others."""
    names = {name for query in queries for name in inspect.signature(query).parameters}
    return {name: value for name, value in given.items() if name in names}
