"""Entities that have a shape: numbers, addresses of the net, booths, money.

Each finder reads folded text (see ``numerals.fold``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from decimal import Decimal, InvalidOperation

from aid.language.entity import Entity
from aid.language.numerals import CHINESE_NUMERAL, chinese_number, valid_check_digit

Finder = Callable[[str], Iterator[Entity]]


def _make(kind: str, value: str, text: str, start: int, end: int) -> Entity:
    return Entity(kind, value, text[start:end], start, end)


_MOBILE = re.compile(r"(?<![\d.])(?:\+?86[- ]?)?(1[- ]?[3-9](?:[- ]?\d){9})(?![\d.]*\d)")
_LANDLINE = re.compile(r"(?<!\d)\(?(0\d{2,3})\)?[- ]?(\d{3,4}[- ]?\d{4})(?:(?:转|-)(\d{1,5}))?(?!\d)")
_SERVICE = re.compile(r"(?<!\d)([48]00)[- ]?(\d{3,4})[- ]?(\d{3,4})(?!\d)")


_SPOKEN_DIGITS = {sign: str(n) for n, sign in enumerate("零一二三四五六七八九")} | {"〇": "0", "幺": "1", "两": "2"}
_SPOKEN = re.compile(
r"(?<![零〇幺一二两三四五六七八九])[幺一][ -]?[三四五六七八九](?:[ -]?[零〇幺一二两三四五六七八九]){9}(?![零〇幺一二两三四五六七八九])")


def phones(text: str) -> Iterator[Entity]:
    """Mobile numbers (11 digits, also spelt 幺三九…), landlines (``0431-85678901``), 400 and 800 numbers."""
    for match in _SPOKEN.finditer(text):
        yield _make("phone", "".join(_SPOKEN_DIGITS.get(sign, "") for sign in match[0]), text, *match.span())
    for match in _MOBILE.finditer(text):
        yield _make("phone", re.sub(r"\D", "", match[1]), text, *match.span())
    for match in _LANDLINE.finditer(text):
        number = re.sub(r"\D", "", match[2])
        if len(number) in (7, 8):
            extension = f"-{match[3]}" if match[3] else ""
            yield _make("phone", f"{match[1]}-{number}{extension}", text, *match.span())
    for match in _SERVICE.finditer(text):
        if len(match[2] + match[3]) == 7:
            yield _make("phone", f"{match[1]}-{match[2]}{match[3]}", text, *match.span())


_EMAIL = re.compile(r"(?<![\w.%+-])[a-z0-9._%+-]{1,64}@(?:[a-z0-9-]{1,63}\.){1,5}[a-z]{2,12}(?![a-z0-9-])", re.I | re.A)
_LINK = re.compile(
    r"(?:https?://|www\.)[^\s\u3000-\u303f\u4e00-\u9fff，。；！？、<>\"'“”‘’]+"
    r"|(?<![\w@.-])(?:[a-z0-9-]{1,63}\.){1,4}(?:com|cn|net|org|shop|top|cc|vip|xyz|tv)(?![a-z0-9@-])"
    r"(?:/[^\s\u3000-\u303f\u4e00-\u9fff，。；！？、<>\"'“”]*)?",
    re.I | re.A,
)


def addresses(text: str) -> Iterator[Entity]:
    """E-mail addresses and links."""
    for match in _EMAIL.finditer(text):
        yield _make("email", match[0].lower(), text, *match.span())
    for match in _LINK.finditer(text):
        found = match[0].rstrip(".,;:!?)]}")
        if found and "." in found:
            yield _make("link", found, text, match.start(), match.start() + len(found))


_PATENT = re.compile(
    r"(?<![A-Z0-9])(?P<mark>ZL|CN)?[ .:]*"
    r"(?P<digits>(?:19|20)\d{2} ?[12389](?: ?\d){7}|(?:8[5-9]|9\d|0[0-3]) ?[1-389](?: ?\d){5})"
    r"(?: ?(?P<point>\.) ?(?P<check>[\dX])| ?(?P<bare>[\dX])(?![\dA-Z]))?(?![\dA-Z])",
    re.I,
)
_PATENT_CONTEXT = re.compile(r"(?:专利|申请)号?(?:码)?[^\d]{0,6}$")


def patents(text: str) -> Iterator[Entity]:
    """Patent and application numbers: ``ZL202310123456.7``.

    Without ZL only with a point, a context (专利号, 申请号) or a right check digit.

    A wrong check digit is kept: whoever asks for the number can then point at it (``valid_check_digit``).
    """
    for match in _PATENT.finditer(text):
        digits = match["digits"].replace(" ", "")
        check = (match["check"] or match["bare"] or "").upper()
        number, end = digits + (f".{check}" if check else ""), match.end()
        if match["bare"] and text[match.start("bare") - 1] == " " and not valid_check_digit(number):
            number, end = digits, match.start("bare") - 1  # a figure behind a blank may begin something else
        start = match.start("mark") if match["mark"] else match.start("digits")
        known = match["mark"] or match["point"] or _PATENT_CONTEXT.search(text[:start])
        if known or (len(digits) == 12 and valid_check_digit(number)):
            mark = "ZL" if (match["mark"] or "").upper() == "ZL" else ""
            yield _make("patent_number", mark + number, text, start, end)


_TRADEMARK = re.compile(
    r"(?:商标|注册证|注册)(?:注册)?(?:号码|证号|编号|号)?\s{0,3}(?:是|为|:|第|,|\(){0,3}\s{0,3}(?:第\s?)?"
    r"(\d{6,9}[A-Z]?)(?![\dA-Z.])",
    re.I,
)
_TRADEMARK_AFTER = re.compile(r"第?\s*(?<!\d)(\d{6,9}[A-Z]?)\s*号(?:注册)?商标", re.I)


def trademarks(text: str) -> Iterator[Entity]:
    """Trademark registration numbers, 6 to 9 digits beside 商标 or 注册号; the entity spans the number only."""
    for pattern in (_TRADEMARK, _TRADEMARK_AFTER):
        for match in pattern.finditer(text):
            yield _make("trademark_number", match[1].upper(), text, *match.span(1))


_CODE = r"(?:[A-Z]{1,2}[- ]?\d{1,4}(?:-\d{1,3}(?!\d))?[A-Z]?|\d{1,2}[A-Z]-?\d{1,4})"
_STAND = r"(?:展位|展台|摊位|铺位|柜台|档口)"
_HALL = rf"(?P<hall>[A-Z]{{1,2}}\d{{1,2}}|\d{{1,2}}|[A-Z]|{CHINESE_NUMERAL}{{1,2}}|[东西南北中])\s?号?\s?(?:展)?[馆厅]"
_BOOTHS = (
    re.compile(
        rf"(?<![A-Z0-9]){_HALL}[\s的,，、-]{{0,3}}(?:{_STAND}号?)?\s?"
        rf"(?P<booth>{_CODE}|\d{{1,4}}(?=\s?号?\s?{_STAND})|{CHINESE_NUMERAL}{{1,4}}(?=\s?号\s?{_STAND}))(?![A-Z0-9])(?:\s?号?\s?{_STAND})?",
        re.I,
    ),
    re.compile(
rf"(?<![A-Z0-9-])(?P<booth>{_CODE}|\d{{1,4}}(?=\s?号)|"
rf"(?<!{CHINESE_NUMERAL}){CHINESE_NUMERAL}{{1,4}}(?=\s?号))\s?号?\s?{_STAND}", re.I),
    re.compile(
        rf"{_STAND}\s?(?:号码|编号|号)?\s?[是为在:]?\s?"
        rf"(?P<booth>{_CODE}|(?<=号)\d{{1,4}}|(?<=[是为:])\d{{1,4}}|{CHINESE_NUMERAL}{{1,4}}(?=号))(?![A-Z0-9])号?",
        re.I,
    ),
)
_PAIR = re.compile(r"(?<![A-Z0-9-])(?P<hall>[A-Z]\d{1,2})-(?P<booth>[A-Z]\d{2,4})(?![A-Z0-9-])", re.I)
_PAIR_CONTEXT = re.compile(r"[展馆摊柜铺]|booth", re.I)


def _booth_value(match: re.Match[str]) -> str:
    hall = match.groupdict().get("hall") or ""
    number = chinese_number(hall) if hall and not hall.isascii() else None
    hall = (str(number) if number is not None else hall.upper()) + "馆" if hall else ""
    spelt = None if match["booth"].isascii() else chinese_number(match["booth"])
    return hall + (str(spelt) if spelt is not None else re.sub(r"^([A-Z]+|\d+[A-Z])[- ]", r"\1", match["booth"].upper()))


def booths(text: str) -> Iterator[Entity]:
    """Booths, canonical ``A3馆B12`` or ``B12``.

    From A3馆B12, 三号馆B-12展位, 展位号B12, and W2-A05 near a word of expos or alone.
    """
    for pattern in _BOOTHS:
        for match in pattern.finditer(text):
            yield _make("booth", _booth_value(match), text, *match.span())
    for match in _PAIR.finditer(text):
        if match[0] == text.strip() or _PAIR_CONTEXT.search(text):
            yield _make("booth", _booth_value(match), text, *match.span())


_TICKET = re.compile(r"(?<![A-Z0-9])CC[- ]?(20\d{2})[- ]?(\d{6})(?!\d)", re.I)
_SECRET = "[ABCDEFGHJKLMNPQRSTUVWXYZ23456789]"
_SECRET_CODE = rf"(?<![A-Z0-9-])({_SECRET}{{4}}[- ]?{_SECRET}{{4}})(?![A-Z0-9-])"
_LOOKUP = re.compile(rf"(?:查询码|查询密码|提取码|取件码)\s*(?:是|为|:|,)?\s*{_SECRET_CODE}", re.I)
_BESIDE = re.compile(rf"\s*(?:[,，、;/和]|查询码|\s){{0,4}}\s*{_SECRET_CODE}", re.I)
_ALONE = re.compile(rf"\s*{_SECRET_CODE}[\s。.]*", re.I)


def tickets(text: str) -> Iterator[Entity]:
    """Ticket numbers (``CC-2026-000123``) and lookup codes.

    A lookup code is named so, or stands right after a ticket number, or is the whole message.
    """
    matches = list(_LOOKUP.finditer(text))
    for match in _TICKET.finditer(text):
        yield _make("ticket_number", f"CC-{match[1]}-{match[2]}", text, *match.span())
        matches.extend(filter(None, [_BESIDE.match(text, match.end())]))
    alone = _ALONE.fullmatch(text)
    if alone and re.search("[A-Z]", alone[1], re.I) and re.search(r"\d", alone[1]):
        matches.append(alone)
    for match in matches:
        yield _make("lookup_code", re.sub("[- ]", "", match[1]).upper(), text, *match.span(1))


# Bounded and begun at a figure's first digit: otherwise a long row of digits would cost its length squared.
_FIGURE = (
    r"(?:(?<![\d.,])(?:\d{1,3}(?:,\d{3}){1,4}|\d{1,12})(?:\.\d{1,4})?"
    rf"|(?<!{CHINESE_NUMERAL}){CHINESE_NUMERAL}{{1,12}})"
)
_MONEY = (
    re.compile(
        rf"(?:人民币|[¥￥])?\s?(?P<figure>{_FIGURE})\s?[多余来几]?\s?(?P<scale>[十百千万亿]{{0,2}})[多余]?\s?"
        r"(?:元|块钱|块(?![钢板地儿])|圆|人民币)"
    ),
    re.compile(rf"(?:人民币|[¥￥])\s?(?P<figure>{_FIGURE})(?P<scale>[万亿]?)"),
    re.compile(rf"(?<=[赔罚付损失花值卖偿款约了掉我])(?P<figure>{_FIGURE})(?P<scale>[万亿])(?![件个台套只家人份次张])"),
    re.compile(r"(?<=[赔罚偿失])了?(?P<figure>[一二两三四五六七八九十百]{1,4})(?P<scale>[万亿])(?![件个台套只家人份次张])"),
)
_SCALES = {"十": 10, "百": 100, "千": 1000, "万": 10_000, "亿": 100_000_000}


def _yuan(figure: str, scale: str) -> str | None:
    figure = figure.replace(",", "")
    try:
        amount = Decimal(figure) if figure[0].isdigit() else Decimal(chinese_number(figure) or 0)
    except InvalidOperation:
        return None
    for sign in scale:
        amount *= _SCALES[sign]
    return format(amount.normalize(), "f") if amount > 0 else None


def money(text: str) -> Iterator[Entity]:
    """Sums of money; the value is yuan in plain digits (3万元 → ``30000``)."""
    for pattern in _MONEY:
        for match in pattern.finditer(text):
            value = _yuan(match["figure"], match["scale"])
            if value and match[0].strip() != "一块":  # 在一块 means together
                yield _make("money", value, text, *match.span())


FINDERS: tuple[Finder, ...] = (tickets, patents, trademarks, phones, addresses, booths, money)
