"""The nginx site that is given out: nginx reads it, and it answers as promised, over TLS."""

from __future__ import annotations

import re
import shutil
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from aid.cli.ask import free_ports
from aid.settings import PROJECT
from channels.web import create_app
from tests.browser.chat_site import InThread
from tests.channels.door_fakes import FakeBot, settings_in
from tests.servers import NoServer, Running, _folder, _program, _started

NGINX = PROJECT / "deploy" / "nginx"
CONTAINERS = PROJECT / "deploy" / "containers"
FRAME = """
worker_processes 1;
pid {0}/pid;
error_log {0}/error.log warn;
events {{ worker_connections 512; }}
http {{
    access_log off;
    client_body_temp_path {0}/body; proxy_temp_path {0}/proxy; fastcgi_temp_path {0}/fastcgi; uwsgi_temp_path {0}/uwsgi; scgi_temp_path {0}/scgi;
    include {0}/aid-site.conf;
}}
"""


def laid_out(folder: Path, site: Path, changes: dict[str, str]) -> Path:
    """The files as they are given out, with other ports and folders; and a certificate of an hour."""
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=localhost"]
    command += ["-keyout", str(folder / "privkey.pem"), "-out", str(folder / "fullchain.pem")]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    upstream = site.parent / "aid-upstream.conf"
    for source in (site, upstream, NGINX / "aid-assist.conf"):
        text = source.read_text("utf-8").replace("/etc/nginx/", f"{folder}/").replace("/etc/ssl/aid/", f"{folder}/").replace("HOST", "localhost")
        text = re.sub(r"^\s*listen \[::\].*$", "", text, flags=re.MULTILINE)
        for old, new in changes.items():
            text = text.replace(old, new)
        (folder / source.name).write_text(text, "utf-8")
    (folder / "nginx.conf").write_text(FRAME.format(folder), "utf-8")
    return folder / "nginx.conf"


@pytest.fixture
def nginx() -> str:
    try:
        return _program("nginx", "nginx")
    except NoServer as fault:
        pytest.skip(str(fault))


@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl")
@pytest.mark.parametrize("site", [NGINX / "aid-site.conf", CONTAINERS / "aid-site.conf"], ids=["machine", "containers"])
def test_nginx_finds_no_fault_in_the_site(site: Path, nginx: str) -> None:
    with _folder("aid-site-") as folder:
        hosts = {"doors-1:": "127.0.0.1:", "doors-2:": "127.0.0.2:", "console:8090": "127.0.0.1:8090", "listen 80;": "listen 127.0.0.1:18080;"}
        configuration = laid_out(folder, site, {**hosts, "listen 443 ssl": "listen 127.0.0.1:18443 ssl"})
        command = [nginx, "-t", "-q", "-p", str(folder), "-c", str(configuration), "-e", str(folder / "error.log")]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_containers_have_the_same_site_but_for_names_and_ports() -> None:
    for name in ("aid-site.conf", "aid-upstream.conf"):
        ours, theirs = (NGINX / name).read_text("utf-8").splitlines(), (CONTAINERS / name).read_text("utf-8").splitlines()
        assert len(ours) == len(theirs)
        different = [line for mine, line in zip(ours, theirs, strict=True) if mine != line and not line.startswith("#")]
        assert all(re.match(r"\s*(server (doors-\d|console):\d+|listen (\[::\]:)?(8080|8443))", line) for line in different), different


@pytest.fixture
def site(tmp_path: Path, nginx: str) -> Iterator[tuple[int, int, Path]]:
    page = tmp_path / "page"
    page.mkdir()
    (page / "index.html").write_text("<title>小援</title>", "utf-8")
    door, plain, secure = free_ports(3)
    running = InThread(create_app(settings_in(tmp_path, port=door), bot=FakeBot(), page=page), door)
    try:
        with _folder("aid-site-") as folder:
            changes = {"127.0.0.1:8081": f"127.0.0.1:{door}", "    server 127.0.0.1:8082 max_fails=1 fail_timeout=2s;\n": ""}
            ports = {"listen 80;": f"listen 127.0.0.1:{plain};", "listen 443 ssl": f"listen 127.0.0.1:{secure} ssl"}
            configuration = laid_out(folder, NGINX / "aid-site.conf", {**changes, **ports})
            command = [nginx, "-p", str(folder), "-c", str(configuration), "-e", str(folder / "error.log"), "-g", "daemon off;"]
            server = Running(command, folder, secure, _started(command, folder, secure))
            try:
                yield plain, secure, folder
            finally:
                server.end()
    finally:
        running.stop()


def test_the_site_leads_to_https_answers_there_and_keeps_to_itself_what_is_the_operator_s(site: tuple[int, int, Path]) -> None:
    plain, secure, folder = site
    with httpx.Client(verify=ssl.create_default_context(cafile=str(folder / "fullchain.pem")), trust_env=False, timeout=10) as client:
        led = client.get(f"http://127.0.0.1:{plain}/assist/?a=1")
        assert (led.status_code, led.headers["location"]) == (301, "https://127.0.0.1/assist/?a=1")
        base = f"https://localhost:{secure}"
        page = client.get(f"{base}/", follow_redirects=True)
        assert page.status_code == 200
        assert "小援" in page.text
        assert page.headers["strict-transport-security"].startswith("max-age=")
        assert "nginx/" not in page.headers["server"]
        hidden = ["/assist/metrics", "/assist/metrics/x", "/assist/readyz", "/assist/console/", "/metrics", "/.env"]
        assert {path: client.get(base + path).status_code for path in hidden} == dict.fromkeys(hidden, 404)
        opened = client.post(f"{base}/assist/v1/conversations", json={"door": "web"})
        assert opened.status_code == 201


def test_the_site_speaks_no_tls_of_yesterday(site: tuple[int, int, Path]) -> None:
    _plain, secure, folder = site
    old = ssl.create_default_context(cafile=str(folder / "fullchain.pem"))
    old.set_ciphers("AES128-SHA")
    old.maximum_version = ssl.TLSVersion.TLSv1_2
    with httpx.Client(verify=old, trust_env=False) as client, pytest.raises(httpx.ConnectError):
        client.get(f"https://localhost:{secure}/")
