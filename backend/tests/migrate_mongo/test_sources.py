"""Dumps are read document by document; what is damaged, or cannot be reached, is said clearly and without secrets."""

import asyncio
import gzip
import struct
from pathlib import Path
from typing import Any

import pytest
from bson import decode, encode

from crm_boost.migrate_mongo.sources import DumpSource, ServerSource, Source, SourceFailed

pytestmark = pytest.mark.pure

DOCUMENTS = [{"_id": number, "name": f"n{number}"} for number in range(3)]
CONTENT = b"".join(map(encode, DOCUMENTS))


async def read(source: Source, name: str = "users") -> list[dict[str, object]]:
    return [document async for _, document in source.documents(name)]


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("inside", [False, True])
async def test_plain_and_packed_files_of_a_database(tmp_path: Path, *, packed: bool, inside: bool) -> None:
    folder = tmp_path / "crm" if inside else tmp_path
    folder.mkdir(exist_ok=True)
    name = "users.bson.gz" if packed else "users.bson"
    (folder / name).write_bytes(gzip.compress(CONTENT, mtime=0) if packed else CONTENT)
    (folder / "users.metadata.json").write_text("{}")
    source = DumpSource(tmp_path)
    assert await source.collections() == ["users"]
    assert await read(source) == DOCUMENTS


async def test_an_empty_collection_is_empty(tmp_path: Path) -> None:
    (tmp_path / "users.bson").write_bytes(b"")
    assert await read(DumpSource(tmp_path)) == []


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("users.bson", CONTENT[:-4]),
        ("users.bson", CONTENT + b"\x05"),
        ("users.bson", b"this is some text"),
        ("users.bson", (2).to_bytes(4, "little")),
        ("users.bson", (9).to_bytes(4, "little") + b"\xff\xff\xff\xff\xff"),
        ("users.bson.gz", gzip.compress(CONTENT, mtime=0)[:-9]),
        ("users.bson.gz", CONTENT),
    ],
)
async def test_what_is_damaged_is_refused(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(SourceFailed):
        await read(DumpSource(tmp_path))


def test_folders_that_are_no_dump_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceFailed, match="no folder"):
        DumpSource(tmp_path / "missing")
    with pytest.raises(SourceFailed, match="no collection"):
        DumpSource(tmp_path)
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "users.bson").write_bytes(CONTENT)
    with pytest.raises(SourceFailed, match="one, two"):
        DumpSource(tmp_path)
    (tmp_path / "one" / "users.bson.gz").write_bytes(gzip.compress(CONTENT, mtime=0))
    with pytest.raises(SourceFailed, match="twice"):
        DumpSource(tmp_path / "one")


@pytest.mark.parametrize("uri", ["mongodb://", "mongodb://u:se/cret@host/crm", "mongodb://host:port/crm"])
def test_an_address_that_is_none_is_told_without_the_password(uri: str) -> None:
    with pytest.raises(SourceFailed) as refused:
        ServerSource(uri)
    assert "cret@" not in str(refused.value)


class _TinyMongo:
    """Speaks as much of MongoDB's protocol as a reader needs: hello, listCollections, and find with getMore."""

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                length, request, _, kind = struct.unpack("<iiii", await reader.readexactly(16))
                body = await reader.readexactly(length - 16)
                # An old query (4 + name + 8 bytes) or a message (flags, kind of section): a document follows.
                start = body.index(b"\0", 4) + 9 if kind == 2004 else 5
                size = int.from_bytes(body[start : start + 4], "little")
                answer = encode({"ok": 1.0, **self._answer(decode(body[start : start + size]))})
                head = struct.pack("<iqii", 8, 0, 0, 1) if kind == 2004 else struct.pack("<iB", 0, 0)
                reply = struct.pack("<iiii", 16 + len(head) + len(answer), 1, request, 1 if kind == 2004 else 2013)
                writer.write(reply + head + answer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    @staticmethod
    def _answer(command: dict[str, Any]) -> dict[str, Any]:
        if "listCollections" in command:
            names = [{"name": name, "type": "collection"} for name in ("users", "system.views")]
            return {"cursor": {"id": 0, "ns": "crm.$cmd.listCollections", "firstBatch": names}}
        if "find" in command:
            assert command["sort"] == {"_id": 1}
            return {"cursor": {"id": 7, "ns": "crm.users", "firstBatch": DOCUMENTS[:2]}}
        if "getMore" in command:
            return {"cursor": {"id": 0, "ns": "crm.users", "nextBatch": DOCUMENTS[2:]}}
        return {"ismaster": True, "helloOk": True, "maxWireVersion": 21, "minWireVersion": 0, "readOnly": False}


async def test_a_server_is_read_in_the_order_of_its_ids() -> None:
    server = await asyncio.start_server(_TinyMongo().talk, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    try:
        async with ServerSource(f"mongodb://127.0.0.1:{port}", "crm") as source:
            assert source.name == "the database crm"
            assert await source.collections() == ["users"]
            assert await read(source) == DOCUMENTS
            assert [raw async for raw, _ in source.documents("users")] == [encode(document) for document in DOCUMENTS]
    finally:
        server.close()
        await server.wait_closed()
