"""Texts that have broken programs: our own list."""

CONTROLS = {
    "NUL": "a\x00b",
    "escape": "a\x1b[31mb",
    "backspace": "a\bb",
    "delete": "a\x7fb",
    "C1": "a\x85b",
    "bell": "\a",
}
"""Refused everywhere: no name holds them, and PostgreSQL stores no NUL."""

LAYOUT = {"two lines": "first\nsecond", "tab": "a\tb", "carriage return": "a\r\nb"}
"""Refused in names, kept in notes, where a line break is one sign."""

UNSTORABLE = {"half a pair": "a\ud800b", "other half": "\udfffz"}
"""Only half of a sign: no encoding can write it."""

HARMLESS = {
    "right to left": "\u202eevil\u202c",
    "isolates": "\u2066abc\u2069",
    "Arabic": "مرحبا بالعالم",
    "zero width": "a\u200bb\u200dc\ufeffd",
    "no break": "a\u00a0b",
    "soft hyphen": "co\u00adop",
    "combining": "Z̴͍͝ä̷l̵g̶o̴ e\u0301",
    "emoji": "👩‍👩‍👧‍👦🇮🇩🏳️‍🌈😀",
    "astral": "𝕿𝖍𝖊 𠜎",
    "wide": "ﾃｽﾄＡＢＣ①",
    "Turkish": "İIıi ẞß ﬁ",
    "quotes": "'\"`´’”\\'",
    "SQL": "'; DROP TABLE users; --",
    "SQL comment": "1/**/OR/**/1=1#",
    "wildcards": "100%_\\%*?",
    "HTML": "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "entities": "&lt;b&gt; &#0; &amp;amp;",
    "template": "{{7*7}} ${7*7} #{7*7} %(a)s {0} %s %n",
    "shell": "$(reboot) `reboot` | reboot; && reboot",
    "path": "../../etc/passwd",
    "Windows path": "..\\..\\CON",
    "URL": "javascript:alert(1)//https://x",
    "null": "null",
    "none": "None undefined NaN",
    "true": "TRUE",
    "number": "1e309",
    "zeros": "007",
    "big": "9" * 60,
    "minus zero": "-0",
    "equals": "=1+1",
    "command": "=cmd|'/C calc'!A0",
    "plus": "+62811",
    "minus": "-2+3",
    "at": "@SUM(A1)",
    "guarded": "'=1+1",
    "apostrophe": "'",
    "JSON": '{"a": [1, "b"]}',
    "CSV": 'a,"b";c',
    "header": "X-Test: 1%0d%0aSet-Cookie: a=b",
    "copy": "\\N \\. \\x41",
    "regex": "(a+)+$ [z-a] \\p{L}",
    "dots": "...",
    "long": "長" * 190,
}
"""Kept as they are, wherever a text may be of that length."""
