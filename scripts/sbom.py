"""`make sbom`: the bill of materials, one CycloneDX file a lock, in var/sbom: everything that is installed, with version and hashes.

    python scripts/sbom.py [FOLDER]

The Python locks by CycloneDX's own library, the web's by npm; both read the lock alone, so no network and no environment is needed.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

from cyclonedx.model import ExternalReference, ExternalReferenceType, HashAlgorithm, HashType, XsUri
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output import make_outputter
from cyclonedx.schema import OutputFormat, SchemaVersion
from packageurl import PackageURL

LOCKED = re.compile(r"([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^ ;\\]+)")
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")
ROOT = Path(__file__).resolve().parent.parent
SECONDS = 300


class NotWritten(Exception):
    """A bill could not be made; says which and why."""


def write(folder: Path) -> list[Path]:
    """Write every bill into ``folder``; gives the files. Raises ``NotWritten``."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for lock in sorted((ROOT / "requirements").glob("*.txt")):
        target = folder / f"{lock.stem}.cdx.json"
        target.write_text(_bill(lock) + "\n", "utf-8")
        written.append(target)
    target = folder / "web.cdx.json"
    npm = shutil.which("npm") or str(Path(sys.executable).parent / "npm")
    target.write_text(_told([npm, "--prefix", str(ROOT / "web"), "sbom", "--sbom-format", "cyclonedx", "--package-lock-only"]), "utf-8")
    return [*written, target]


def _bill(lock: Path) -> str:
    """The bill of a lock of Python packages: name, version, and the hashes by which alone they are installed."""
    bom = Bom()
    bom.metadata.component = Component(name=f"aid-assistant/{lock.stem}", type=ComponentType.APPLICATION)
    for block in re.split(r"^(?=[A-Za-z0-9])", lock.read_text("utf-8"), flags=re.MULTILINE):
        named = LOCKED.match(block)
        if named is None:
            continue
        name, version = named[1].lower().replace("_", "-"), named[2]
        purl = PackageURL("pypi", None, name, version)
        hashes = [HashType(alg=HashAlgorithm.SHA_256, content=found) for found in _HASH.findall(block)]
        files = ExternalReference(type=ExternalReferenceType.DISTRIBUTION, url=XsUri(str(purl)), hashes=hashes)
        bom.components.add(Component(name=name, version=version, purl=purl, bom_ref=str(purl), external_references=[files]))
    bom.register_dependency(bom.metadata.component, bom.components)
    return make_outputter(bom, OutputFormat.JSON, SchemaVersion.V1_6).output_as_string(indent=1)


def _told(command: list[str]) -> str:
    try:
        done = subprocess.run(command, cwd=ROOT / "web", capture_output=True, text=True, timeout=SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired) as fault:
        raise NotWritten(f"{Path(command[0]).name} does not run: {fault}") from fault
    if done.returncode:
        raise NotWritten(f"{Path(command[0]).name}: {done.stderr.strip()[-300:]}")
    return done.stdout


def main() -> int:
    """Write the bills; 1 when one could not be made."""
    try:
        for path in write(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "var" / "sbom"):
            print(f"{path.name}: {len(json.loads(path.read_text('utf-8'))['components'])} packages, {path.stat().st_size / 1e6:.1f} MB")
    except NotWritten as fault:
        print(fault, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
