"""Redis and nginx of the tests' own, from Debian's packages: on free loopback ports, with all their files in a temporary folder."""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from string import Template

from aid.cli.ask import free_ports

START_SECONDS = 15.0
DEPLOYED = Path(__file__).resolve().parents[1] / "deploy" / "nginx"
"""The configuration that the tests run is the one that is given out; only ports and folders are the tests' own."""


class NoServer(Exception):
    """A program is not here, or does not start; says what would help."""


@dataclass
class Running:
    """A server that is up. ``pause`` lets it fall silent: it takes what is sent and answers nothing."""

    command: Sequence[str]
    folder: Path
    port: int
    child: subprocess.Popen[bytes]

    def pause(self) -> None:
        os.kill(self.child.pid, signal.SIGSTOP)

    def go_on(self) -> None:
        os.kill(self.child.pid, signal.SIGCONT)

    def answered(self) -> Counter[int]:
        """How many requests nginx sent to which door (by port)."""
        asked = [line.split("|")[0] for line in (self.folder / "access.log").read_text("utf-8").splitlines()]
        return Counter(int(address.rpartition(":")[2]) for line in asked for address in line.split(", ") if ":" in address)

    def end(self) -> None:
        """End it, whatever state it is in."""
        self.child.send_signal(signal.SIGCONT)
        self.child.terminate()
        try:
            self.child.wait(10)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()

    def start_again(self) -> None:
        """On the same port, after ``end``. Not from a passing thread: the server ends with the thread that started it."""
        self.child = _started(self.command, self.folder, self.port)


@contextmanager
def running_redis() -> Iterator[Running]:
    """A Redis that writes nothing to disk. Raises ``NoServer``."""
    program = _program("redis-server", "redis-server")
    with _folder("aid-redis-") as folder:
        [port] = free_ports(1)
        limits = ["--save", "", "--appendonly", "no", "--maxmemory", "64mb"]
        command = [program, "--bind", "127.0.0.1", "--port", str(port), "--dir", str(folder), "--daemonize", "no", *limits]
        server = Running(command, folder, port, _started(command, folder, port))
        try:
            yield server
        finally:
            server.end()


@contextmanager
def running_nginx(doors: Sequence[int], port: int | None = None) -> Iterator[Running]:
    """An nginx with the configuration of ``deploy/nginx`` before doors on these ports; logs who answered. Raises ``NoServer``."""
    program = _program("nginx", "nginx")
    with _folder("aid-nginx-") as folder:
        [port] = [port] if port else free_ports(1)
        _configure(folder, doors, port)
        command = [program, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log"), "-g", "daemon off;"]
        server = Running(command, folder, port, _started(command, folder, port))
        try:
            yield server
        finally:
            server.end()


FRAME = Template("""
worker_processes 1;
pid $folder/pid;
error_log $folder/error.log warn;
events { worker_connections 512; }
http {
    log_format who '$$upstream_addr|$$upstream_status|$$request';
    access_log $folder/access.log who;
    client_body_temp_path $folder/body;
    proxy_temp_path $folder/proxy;
    fastcgi_temp_path $folder/fastcgi;
    uwsgi_temp_path $folder/uwsgi;
    scgi_temp_path $folder/scgi;
    include $folder/aid-upstream.conf;
    server {
        listen 127.0.0.1:$port;
        include $folder/aid-assist.conf;
    }
}
""")


def _configure(folder: Path, doors: Sequence[int], port: int) -> None:
    upstream = (DEPLOYED / "aid-upstream.conf").read_text("utf-8")
    for number, door in enumerate(doors, 8081):
        assert f"127.0.0.1:{number}" in upstream
        upstream = upstream.replace(f"127.0.0.1:{number}", f"127.0.0.1:{door}")
    (folder / "aid-upstream.conf").write_text(upstream, "utf-8")
    shutil.copy(DEPLOYED / "aid-assist.conf", folder)
    (folder / "nginx.conf").write_text(FRAME.substitute(folder=folder, port=port), "utf-8")


def _program(name: str, package: str) -> str:
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")
    if found is None:
        raise NoServer(f"{name} is not installed; this would help: sudo apt-get install {package}")
    return found


@contextmanager
def _folder(prefix: str) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix=prefix))
    folder.chmod(0o755)  # nginx's workers are another user when it is started by root
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _started(command: Sequence[str], folder: Path, port: int) -> subprocess.Popen[bytes]:
    with (folder / "out.log").open("ab") as log:
        ends = _end_with_parent if sys.platform == "linux" else None
        child = subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log, preexec_fn=ends)
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and child.poll() is None:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return child
        time.sleep(0.05)
    child.kill()
    child.wait()
    raise NoServer(f"{command[0]} did not come up: {(folder / 'out.log').read_text()[-400:]}")


def _end_with_parent() -> None:
    ctypes.CDLL("libc.so.6", use_errno=True).prctl(1, signal.SIGTERM)
