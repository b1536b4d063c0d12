"""The tag `delivery` of an email: base64url of `kind/order`, without padding."""

from __future__ import annotations

import base64
import binascii


def decoded(tag: str) -> str | None:
    """The text of a tag's value; None when it is not base64url of UTF-8."""
    try:
        return base64.b64decode(tag + "=" * (-len(tag) % 4), altchars=b"-_", validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return None


def encoded(text: str) -> str:
    """The tag's value for a text."""
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")
