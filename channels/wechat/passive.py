"""The answer in the platform's own connection: a text, plain or encrypted, or that nothing is said now."""

from __future__ import annotations

from datetime import datetime

from channels.wechat.crypto import Crypto, signature

NOTHING = "success"
"""Tells the platform that the message has come and that nothing is said now; never encrypted."""


def text_reply(to: str, sender: str, content: str, now: datetime) -> str:
    """A text for the person ``to`` from the account ``sender``."""
    fields = [("ToUserName", _cdata(to)), ("FromUserName", _cdata(sender)), ("CreateTime", str(int(now.timestamp())))]
    fields += [("MsgType", _cdata("text")), ("Content", _cdata(content))]
    return _document(fields)


def sealed_reply(document: str, crypto: Crypto, token: str, nonce: str, now: datetime) -> str:
    """The same as secure mode wants it, signed over its own moment and the request's nonce."""
    sealed, moment = crypto.encrypt(document.encode()), str(int(now.timestamp()))
    signed = signature(token, moment, nonce, sealed)
    fields = [("Encrypt", _cdata(sealed)), ("MsgSignature", _cdata(signed)), ("TimeStamp", moment), ("Nonce", _cdata(nonce))]
    return _document(fields)


def _document(fields: list[tuple[str, str]]) -> str:
    return "<xml>" + "".join(f"<{name}>{value}</{name}>" for name, value in fields) + "</xml>"


def _cdata(text: str) -> str:
    """A section that no content can end; characters that XML cannot hold are left out."""
    kept = "".join(sign for sign in text if sign in "\t\n" or " " <= sign <= "\ud7ff" or "\ue000" <= sign <= "\ufffd" or sign > "\uffff")
    return f"<![CDATA[{kept.replace(']]>', ']]]]><![CDATA[>')}]]>"
