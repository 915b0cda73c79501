"""Personal data hidden in whatever staff look at: telephones and numbers everywhere, and the names that the case itself knows."""

from __future__ import annotations

from dataclasses import dataclass

from aid.cases.kinds import CaseKind, Facts
from aid.privacy.masking import mask, mask_name

_SHORTEST = 2
"""Signs of a name that is hidden inside other words; a single sign would hide half of a text."""


@dataclass(frozen=True, slots=True)
class Mask:
    """Hides the personal data of one case; ``open`` hides nothing, for one who gave a reason."""

    names: tuple[str, ...]
    open: bool = False

    def text(self, text: str) -> str:
        """Words in which personal data may stand."""
        if self.open:
            return text
        for name in self.names:
            text = text.replace(name, mask_name(name))
        return mask(text)

    def name(self, name: str) -> str:
        """A name."""
        return name if self.open else mask_name(name)


def mask_of(kind: CaseKind, parties: Facts, *, revealed: bool = False) -> Mask:
    """The mask of a case with these parties."""
    keys = [field.key for field in kind.fields if field.type == "name"]
    names = {parties[key].strip() for key in keys if len(parties.get(key, "").strip()) >= _SHORTEST}
    return Mask(tuple(sorted(names, key=len, reverse=True)), revealed)
