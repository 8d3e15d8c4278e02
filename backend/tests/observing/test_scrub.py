"""What leaves the house when something fails: kinds, places and ids, never what a person is called or has typed."""

import pytest

from crm_boost.observing.scrub import frames_of_browser, report_without_persons, text_without_persons

pytestmark = pytest.mark.pure


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("x is undefined", "x is undefined"),
        (
            "Unexpected token 'B', \"Budi Santoso\" is not valid JSON",
            "Unexpected token [text], [text] is not valid JSON",
        ),
        ("'#Budi Santoso", "[text]"),
        ("“Budi” and ‘Siti’", "[text] and [text]"),
        ("budi.santoso@example.test has no desk", "[address] has no desk"),
        ("call +62 812-3456-7890 or 081234567890 now", "call [number] or [number] now"),
        ("failed at https://desk.test/customers?q=Budi+Santoso#Siti", "failed at https://desk.test/customers"),
        ("error 418", "error 418"),
        ("  much\n space ", "much space"),
        ("a" * 900, "a" * 200),
    ],
)
def test_what_an_error_says_is_kept_without_what_it_quotes(said: str, kept: str) -> None:
    assert text_without_persons(said) == kept


def test_frames_of_both_kinds_of_browsers_are_read_and_everything_else_is_dropped() -> None:
    stack = """TypeError: no customer Budi Santoso
    at onOpen (https://desk.test/assets/index-4f2a.js:12:345)
    at https://desk.test/assets/index-4f2a.js:1:2
    at Budi Santoso 0812-3456-7890
render@https://desk.test/assets/vendor-9.js:7:8
    at open (https://desk.test/customers/Budi Santoso?q=1:1:1)"""

    frames = [
        (frame["function"], frame["filename"], frame["lineno"], frame["colno"]) for frame in frames_of_browser(stack)
    ]

    assert frames == [
        ("render", "/assets/vendor-9.js", 7, 8),
        ("?", "/assets/index-4f2a.js", 1, 2),
        ("onOpen", "/assets/index-4f2a.js", 12, 345),
    ]
    assert len(frames_of_browser("at f (https://desk.test/a.js:1:1)\n" * 500)) == 50


def test_a_report_is_made_of_known_parts_alone() -> None:
    private = "Budi Santoso 081234567890"
    frame = {
        "filename": "a.py",
        "function": "f",
        "lineno": 3,
        "vars": {"name": private},
        "abs_path": f"/home/{private}",
    }
    event = {
        "event_id": "1",
        "level": "error",
        "tags": {"request_id": "r"},
        "exception": {
            "values": [{"type": "KeyError", "module": "builtins", "value": private, "stacktrace": {"frames": [frame]}}]
        },
        "contexts": {"trace": {"trace_id": "t", "data": private}, "customer": private},
        **dict.fromkeys(
            ("request", "user", "extra", "breadcrumbs", "logentry", "server_name", "modules", "message"), private
        ),
    }

    clean = report_without_persons(event)

    assert private not in repr(clean)
    assert clean == {
        "event_id": "1",
        "level": "error",
        "tags": {"request_id": "r"},
        "contexts": {"trace": {"trace_id": "t"}},
        "exception": {
            "values": [
                {
                    "type": "KeyError",
                    "module": "builtins",
                    "value": "[withheld]",
                    "stacktrace": {"frames": [{"filename": "a.py", "function": "f", "lineno": 3}]},
                }
            ]
        },
    }
