"""`aid wechat`: the account's menu and the stand-in of the platform. Both belong to the door, which this package does not know: it runs them."""

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
