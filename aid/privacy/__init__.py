"""Personal data: sealed at rest, masked in sight, explained before it is asked for."""

from aid.privacy.masking import MaskingFilter, mask, mask_name
from aid.privacy.notice import Notice, load_notice
from aid.privacy.vault import Vault, open_vault

__all__ = ["MaskingFilter", "Notice", "Vault", "load_notice", "mask", "mask_name", "open_vault"]
