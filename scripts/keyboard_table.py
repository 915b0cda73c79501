"""Write the table of the kiosk's keyboard: .venv/bin/python scripts/keyboard_table.py FILE

Making it takes some seconds, so it is kept in var/keyboard under a hash of all that it is made of, and made again only when that has changed.
"""

from __future__ import annotations

import hashlib
import sys
from datetime import datetime, timezone
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
KEPT = ROOT / "var" / "keyboard"
sys.path.insert(0, str(ROOT))


def main() -> None:
    """Write the table to the file named on the command line."""
    if len(sys.argv) != 2:
        sys.exit("usage: keyboard_table.py FILE")
    out = Path(sys.argv[1])
    kept = KEPT / f"{_fingerprint()}.txt"
    if not kept.exists():
        _make(kept)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_bytes(kept.read_bytes())


def _make(kept: Path) -> None:
    from aid.errors import AidError
    from aid.keyboard.table import make_table

    try:
        text = make_table(ROOT / "knowledge", ROOT / "data" / "questions", datetime.now(tz=timezone.utc).date())
    except AidError as fault:
        sys.exit(f"the keyboard's table cannot be made:\n{fault}")
    KEPT.mkdir(parents=True, exist_ok=True)
    for old in KEPT.glob("*.txt"):
        old.unlink()
    part = kept.with_suffix(".part")
    part.write_text(text, "utf-8")
    part.replace(kept)


def _fingerprint() -> str:
    """Of the knowledge, the code and the libraries that the table is made of."""
    digest = hashlib.sha256(f"jieba {version('jieba')} pypinyin {version('pypinyin')}".encode())
    for folder, pattern in (("knowledge", "*.yml"), ("data/questions", "*.yml"), ("aid/keyboard", "*.py"), ("aid/language", "*")):
        for path in sorted((ROOT / folder).rglob(pattern)):
            if path.is_file() and "__pycache__" not in path.parts:
                digest.update(f"{path.relative_to(ROOT)} {path.stat().st_size}\n".encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()[:24]


if __name__ == "__main__":
    main()
