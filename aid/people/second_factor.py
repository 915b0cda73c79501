"""The second factor: a code that an authenticator app makes anew every 30 s (RFC 6238), and codes for the day the telephone is lost."""

from __future__ import annotations

import hashlib
import io
import re
import secrets
from datetime import datetime

import pyotp
import segno

STEP_SECONDS = 30
DRIFT = 1
"""Steps by which the telephone's clock may be off."""
ISSUER = "小援工作台"
RECOVERY_CODES = 10
_SIGNS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_CODE = re.compile(r"\d{6}")


def new_secret() -> str:
    """A secret of 160 random bits in base32."""
    return pyotp.random_base32()


def matching_step(secret: str, code: str, now: datetime, used: int) -> int | None:
    """The 30 s step whose code this is, within the drift and after ``used``; ``None`` when it is none."""
    code = re.sub(r"\s", "", code)
    if not _CODE.fullmatch(code):
        return None
    present, totp, found = int(now.timestamp()) // STEP_SECONDS, pyotp.TOTP(secret), None
    for step in range(present - DRIFT, present + DRIFT + 1):
        if secrets.compare_digest(totp.generate_otp(step), code) and step > used:
            found = step
    return found


def enrolment_address(secret: str, name: str) -> str:
    """What the QR picture says to the app."""
    return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=ISSUER)


def qr_picture(text: str) -> str:
    """A QR picture as SVG without inline style, to stand in a page."""
    out = io.BytesIO()
    code = segno.make(text, error="m", micro=False)
    code.save(out, kind="svg", xmldecl=False, omitsize=True, border=4, light="#fff", svgclass="qr", lineclass=None)
    return out.getvalue().decode("utf-8")


def new_recovery_codes() -> list[str]:
    """Ten codes of 80 random bits, written in four groups."""
    return ["-".join("".join(secrets.choice(_SIGNS) for _ in range(4)) for _ in range(4)) for _ in range(RECOVERY_CODES)]


def recovery_digest(code: str) -> str:
    """What is kept of a recovery code, however it is written. It has too many random bits to be guessed from this."""
    return hashlib.sha256(re.sub(r"[^A-Z0-9]", "", code.upper()).encode()).hexdigest()
