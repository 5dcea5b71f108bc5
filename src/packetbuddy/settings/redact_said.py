"""PURE: what other programs say of URLs, without the URLs' secrets."""

import re
from collections.abc import Iterable, Iterator
from urllib.parse import quote, unquote

from packetbuddy.settings.redact import MASK, mask_source

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^\s'\"<>`]+")
_QUERY = re.compile(r"([^\s?'\"]\?)[^\s'\"<>`()]*=[^\s'\"<>`()]*")
_EVERYBODY = "git"
"""The user of most repositories by ssh: no secret, and in every other word of git's."""
_WORD = 4
"""Shorter secrets are masked as whole words only: the words around them would not be legible."""


def mask_said(words: str, urls: Iterable[str] = ()) -> str:
    """What another program said of these URLs: every URL in it masked, every query, and each secret of the URLs.

    A program quotes a URL in parts, decoded or put together anew, so that the URL itself need not be in its words.
    """
    known = {form for url in urls for secret in _secrets(url) for form in _forms(secret)}
    for secret in sorted(known, key=len, reverse=True):  # first: a URL in words ends where a secret has a blank
        words = _anywhere(secret).sub(MASK, words)
    words = _URL.sub(lambda found: mask_source(found[0]), words)
    return _QUERY.sub(rf"\1{MASK}", words)


def _secrets(url: str) -> Iterator[str]:
    """User, password and what stands in the query of a URL, as they are written there."""
    rest = url.partition("://")[2]
    user, _, password = rest.rpartition("@")[0].partition(":")
    yield from (each for each in (user, password) if each != _EVERYBODY)
    for option in re.split("[?&;#]", rest.partition("?")[2]):
        name, mark, value = option.partition("=")
        yield value if mark else name


def _forms(secret: str) -> Iterator[str]:
    """A secret as it is written, decoded, and encoded anew."""
    plain = unquote(secret)
    yield from filter(None, (secret, plain, quote(plain, safe="")))


def _anywhere(secret: str) -> re.Pattern[str]:
    pattern = re.escape(secret)
    return re.compile(pattern if len(secret) >= _WORD else rf"(?<!\w){pattern}(?!\w)")
