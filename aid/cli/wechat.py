"""`aid wechat`: the account's menu, codes of expos, the stand-in of the platform. They belong to the door, which this package does not know."""

from __future__ import annotations

import subprocess
import sys

from aid.settings import PROJECT


def run(*arguments: str) -> int:
    """Run a command of the WeChat door; gives its exit code."""
    try:
        return subprocess.run([sys.executable, "-m", "channels.wechat", *arguments], cwd=PROJECT).returncode
    except KeyboardInterrupt:
        return 0
