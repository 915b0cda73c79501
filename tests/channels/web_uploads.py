"""How a file is sent to the web door, and what lies on the disk then."""

import secrets
from pathlib import Path

import httpx


async def send(
    client: httpx.AsyncClient, conversation: str, token: dict[str, str], content: bytes, name: str = "摊位.jpg", client_id: str = ""
) -> httpx.Response:
    return await client.post(
        f"/v1/conversations/{conversation}/files",
        files={"file": (name, content)},
        data={"client_id": client_id or secrets.token_hex(8)},
        headers=token,
    )


def on_disk(folder: Path) -> list[Path]:
    return sorted(path for path in (folder / "var" / "evidence").rglob("*") if path.is_file())
