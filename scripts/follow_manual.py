"""The operator's manual as a script: every command of its systemd part, word for word, so that a fresh Debian shows whether the manual is enough.

    python3 scripts/follow_manual.py <address of the repository> <host name> > follow.sh
    bash follow.sh        # as root, on a machine that holds nothing yet

Nothing is left out and nothing added but what the manual leaves to the reader: the repository's address, the host name, the yes to apt-get, and a
certificate for trying where there is none. Each command's line and moment are said; the first that fails ends it. Standard library only.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

MANUAL = Path(__file__).resolve().parent.parent / "docs" / "operator-manual.md"
REPOSITORY, HOST = "<本仓库>", "您的域名"
PARTS = ("用 systemd 安装", "证书", "指标")
CERTIFICATE_BEFORE = "cp deploy/nginx/aid-upstream.conf"
HEAD = """\
set -Eeuo pipefail
trap 'echo "### FAILED in line $LINENO: $BASH_COMMAND" >&2' ERR
export DEBIAN_FRONTEND=noninteractive
apt-get() { command apt-get --yes "$@"; }
say() { echo "### $(date -u +%H:%M:%S) $1"; }
"""


def blocks(manual: str, part: str) -> list[str]:
    """The fenced commands below a heading of the second order, in their order."""
    [body] = re.findall(rf"^## {re.escape(part)}\n(.*?)(?=^## |\Z)", manual, re.MULTILINE | re.DOTALL)
    return [block.strip("\n") for block in re.findall(r"^```\n(.*?)^```$", body, re.MULTILINE | re.DOTALL)]


def script(manual: str, repository: str, host: str) -> str:
    """The whole script; the certificate for trying is made before the site that needs it."""
    install, [certificate], figures = (blocks(manual, part) for part in PARTS)
    ordered: list[str] = []
    for block in install:
        if block.startswith(CERTIFICATE_BEFORE):
            ordered.append(certificate)
        ordered.append(block)
    told = [f"say {number}\n{block}" for number, block in enumerate([*ordered, *figures], 1)]
    return HEAD + "\n".join(told).replace(REPOSITORY, repository).replace(HOST, host) + "\nsay end\n"


if __name__ == "__main__":
    print(script(MANUAL.read_text("utf-8"), *sys.argv[1:]), end="")
