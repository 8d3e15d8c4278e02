"""What may leave the house in a report of an error (ADR 43). Pure.

Nothing is taken out of a report: a new one is made of the parts that are known to be ours. What an exception says is not
among them, since libraries quote values in it; its type, where it happened and the request's id are, and the log has the rest.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

_WITHHELD = "[withheld]"
_KEPT = (
    "event_id",
    "timestamp",
    "start_timestamp",
    "type",
    "level",
    "platform",
    "release",
    "environment",
    "transaction",
)
_KEPT_OF_A_FRAME = (
    "filename",
    "function",
    "module",
    "lineno",
    "colno",
    "context_line",
    "pre_context",
    "post_context",
    "in_app",
)
_KEPT_OF_A_TRACE = ("trace_id", "span_id", "op", "status")
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'|`[^`]*`|\u201c[^\u201d]*\u201d|\u2018[^\u2019]*\u2019")
_UNFINISHED_QUOTE = re.compile(r"[\"'`\u201c\u2018].*", re.DOTALL)
_ADDRESS = re.compile(r"\S*@\S*")
_QUERY = re.compile(r"[?#]\S*")
_NUMBER = re.compile(r"\+?\d[\d\s().-]{2,}\d")
_FRAME = re.compile(
    r"(?:at\s+)?(?P<function>[\w$.<>\[\] ]{0,120}?)\s*[@(]?[a-z]+://[^/\s]+(?P<file>/[\w./-]{0,160}):(?P<line>\d{1,7}):(?P<column>\d{1,7})\)?"
)
MOST_FRAMES = 50


def text_without_persons(text: str, longest: int = 200) -> str:
    """Return what an error of a browser says, without anything that could be quoted data: texts in quotation marks,
    addresses, what follows a question mark, and numbers of four digits and more."""
    for pattern, instead in (
        (_QUOTED, "[text]"),
        (_UNFINISHED_QUOTE, "[text]"),
        (_ADDRESS, "[address]"),
        (_QUERY, ""),
        (_NUMBER, "[number]"),
    ):
        text = pattern.sub(instead, text)
    return " ".join(text.split())[:longest]


def frames_of_browser(stack: str) -> list[dict[str, Any]]:
    """Return the frames of a stack as browsers write it, the newest last; whatever is no frame is dropped."""
    found = [
        {
            "filename": match["file"],
            "function": match["function"].strip() or "?",
            "lineno": int(match["line"]),
            "colno": int(match["column"]),
            "in_app": True,
        }
        for line in stack.splitlines()[: MOST_FRAMES + 1]
        if (match := _FRAME.fullmatch(line.strip()))
    ]
    return found[:MOST_FRAMES][::-1]


def report_without_persons(event: Mapping[str, Any], message: str | None = None) -> dict[str, Any]:
    """Return a report of known parts: no body, no query, no header, no cookie, no user, no local variable, no statement.

    `message` stands where the exception's own words were.
    """
    clean: dict[str, Any] = {name: event[name] for name in _KEPT if name in event}
    if isinstance(tags := event.get("tags"), Mapping):
        clean["tags"] = dict(tags)
    contexts = event.get("contexts")
    if isinstance(contexts, Mapping) and isinstance(trace := contexts.get("trace"), Mapping):
        clean["contexts"] = {"trace": {name: trace[name] for name in _KEPT_OF_A_TRACE if name in trace}}
    if isinstance(exception := event.get("exception"), Mapping):
        values = [_error(value, message) for value in exception.get("values", ())]
        clean["exception"] = {"values": values}
    if clean.get("type") == "transaction":
        clean["spans"] = []
    return clean


def _error(value: Mapping[str, Any], message: str | None) -> dict[str, Any]:
    kept: dict[str, Any] = {"type": value.get("type"), "module": value.get("module"), "value": message or _WITHHELD}
    stack = value.get("stacktrace")
    if isinstance(stack, Mapping):
        kept["stacktrace"] = {"frames": _frames(stack.get("frames", ()))}
    return kept


def _frames(frames: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [{name: frame[name] for name in _KEPT_OF_A_FRAME if name in frame} for frame in frames]
