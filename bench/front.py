"""One address for several server processes, as a proxy in front of them is: connections are spread in turn.

`python -m bench.front PORT OF EACH PROCESS …` prints the port it listens on and runs until it is ended.
"""

import asyncio
import itertools
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import uvloop

_AT_ONCE = 65_536


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while content := await reader.read(_AT_ONCE):
            writer.write(content)
            await writer.drain()
    writer.close()


async def _listen(ports: list[int]) -> None:
    turns = itertools.cycle(ports)

    async def joined(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            inside = await asyncio.open_connection("127.0.0.1", next(turns))
        except OSError:
            writer.close()
            return
        await asyncio.gather(_copy(reader, inside[1]), _copy(inside[0], writer))

    server = await asyncio.start_server(joined, "127.0.0.1", 0, backlog=2048)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


@contextmanager
def one_address(ports: list[int]) -> Iterator[str]:
    """The address in front of the processes that listen on these ports; a single one needs nothing in front."""
    if len(ports) == 1:
        yield f"http://127.0.0.1:{ports[0]}"
        return
    command = [sys.executable, "-m", "bench.front", *map(str, ports)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
    finally:
        process.terminate()
        process.wait()


if __name__ == "__main__":
    uvloop.run(_listen([int(port) for port in sys.argv[1:]]))
