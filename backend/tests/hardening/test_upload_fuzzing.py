"""Files that somebody has tampered with: read as a table or refused with a reason, never anything else (spec 2.2).

The parsing child is given what the mutations below make of real files, here without a process around it: in the child
whatever is neither would be a crash, which the server survives and which is a defect all the same. Some go through the API.
"""

import io
import os
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from crm_boost.databases.imports.errors import ImportRefused
from crm_boost.databases.imports.guard import inspect_file
from crm_boost.databases.imports.staging import stage
from crm_boost.db.engine import Database
from tests.databases.imports.files import SAMPLE, request_for, write_csv, write_ods, write_shared_xlsx, write_xls
from tests.databases.imports.files import write_xlsx as write_written_xlsx
from tests.support.factories import make_product, make_user

EXAMPLES = int(os.environ.get("CRM_TEST_UPLOAD_EXAMPLES", "60"))
"""Files of each make."""
SMALL = {"max_file_bytes": 4_000_000, "max_inflated_bytes": 16_000_000, "max_rows": 2_000, "max_cell_chars": 100_000}
MAKERS: dict[str, Callable[..., Path]] = {
    "list.csv": write_csv,
    "written.xlsx": write_written_xlsx,
    "shared.xlsx": write_shared_xlsx,
    "list.ods": write_ods,
    "list.xls": write_xls,
}
TOKENS = [
    b"\x00", b"\xff\xfe", b'"', b",", b";", b"\t", b"\r", b"\n", b"\x1a", b"<", b">", b"&", b"&#x0;", b"]]>", b"PK\x03\x04",
    b"<!DOCTYPE x>", b"<!ENTITY a 'b'>", b"r='A1048577'", b"s=\"999999\"", b"-1", b"1e309", b"NaN", b"99999999999999999999",
    b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"A" * 70_000,
]  # fmt: skip

edits = st.lists(
    st.tuples(
        st.sampled_from(["flip", "cut", "insert", "repeat", "end"]),
        st.integers(0, 2**20),
        st.one_of(st.sampled_from(TOKENS), st.binary(max_size=8)),
    ),
    min_size=1,
    max_size=6,
)


def _edited(content: bytes, changes: list[tuple[str, int, bytes]]) -> bytes:
    data = bytearray(content)
    for kind, place, token in changes:
        at = place % (len(data) + 1)
        match kind:
            case "flip" if data:
                data[at % len(data)] ^= (place >> 8) % 255 + 1
            case "cut":
                del data[at : at + len(token)]
            case "insert":
                data[at:at] = token
            case "repeat":
                data[at:at] = data[at : at + 500] * 3
            case "end":
                del data[at:]
    return bytes(data)


def _edited_inside(content: bytes, part: int, changes: list[tuple[str, int, bytes]]) -> bytes:
    """The same archive with one of the members that are read tampered with, so that no checksum gives it away."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        looked_at = [name for name in old.namelist() if re.search("sheet1|shared|workbook|content|Content", name)]
        chosen = looked_at[part % len(looked_at)]
        for name in old.namelist():
            inside = old.read(name)
            new.writestr(name, _edited(inside, changes) if name == chosen else inside)
    return target.getvalue()


@pytest.mark.pure
@pytest.mark.slow
@pytest.mark.parametrize("name", MAKERS)
def test_a_tampered_file_is_read_or_refused(tmp_path: Path, name: str) -> None:
    original = MAKERS[name](tmp_path / name, SAMPLE).read_bytes()
    outcomes = {"read": 0, "refused": 0}

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(changes=edits, part=st.integers(-1, 30), called=st.sampled_from([name, *MAKERS]))
    def stage_tampered(changes: list[tuple[str, int, bytes]], part: int, called: str) -> None:
        inside = part >= 0 and zipfile.is_zipfile(io.BytesIO(original))
        path = tmp_path / f"tampered-{called}"
        path.write_bytes(_edited_inside(original, part, changes) if inside else _edited(original, changes))
        request = request_for(path, limits=SMALL)
        staging = Path(request.staging_path)
        staging.unlink(missing_ok=True)
        try:
            inspect_file(path, path.name, request.limits)
            stage(request, lambda _progress: None)
        except BaseException as refused:
            # The library of old workbooks panics; that ends the child, and the server refuses the file for it.
            if not isinstance(refused, ImportRefused) and type(refused).__name__ != "PanicException":
                raise
            outcomes["refused"] += 1
            assert not staging.exists()
        else:
            outcomes["read"] += 1
            assert staging.exists()

    stage_tampered()
    # Hardly anything of an old workbook can be changed unnoticed.
    assert outcomes["refused"] > 0
    assert outcomes["read"] > 0 or name == "list.xls", outcomes


async def test_tampered_files_leave_nothing_behind(app: FastAPI, client: httpx.AsyncClient, tmp_path: Path) -> None:
    database: Database = app.state.database
    admin, product = await make_user(database, "admin"), await make_product(database)
    changes = [("insert", 300, b"<!ENTITY a 'b'>"), ("end", 700, b"")]
    for name in ("written.xlsx", "list.ods", "list.xls"):
        content = _edited(MAKERS[name](tmp_path / name, SAMPLE).read_bytes(), changes)
        data = {"module": "normal", "product_id": product}
        answer = await client.post("/api/imports", files={"file": (name, content)}, data=data, headers=admin.auth)
        assert answer.status_code in {202, 422}, answer.text
        if answer.status_code == 202:
            item = answer.json()["id"]
            await app.state.imports.wait(item)
            found = (await client.get(f"/api/imports/{item}", headers=admin.auth)).json()
            assert (found["state"], bool(found["error"])) == ("failed", True)

    listed = await client.get("/api/pools/normal/databases", headers=admin.auth)
    assert listed.json() == []
    assert [path for path in (app.state.settings.data_dir / "uploads").rglob("*") if path.is_file()] == []
