"""PURE: URLs without their secrets, for anything that a person, a log or another program may see."""

MASK = "***"
_HARMLESS = frozenset({"application_name", "channel_binding", "connect_timeout", "sslmode", "sslrootcert"})


def scheme_of(url: str) -> str:
    """What stands before ``://`` in lower case; empty when that is no scheme."""
    scheme, mark, _ = url.partition("://")
    plain = scheme.replace("+", "").replace("-", "").replace(".", "")
    return scheme.lower() if mark and plain.isascii() and plain.isalnum() and scheme[0].isalpha() else ""


def mask_url(url: str) -> str:
    """A database URL that may be shown: host, port, database and harmless options stay, everything else is masked.

    What stands before the *last* ``@`` counts as credentials, so that a password with a bare ``/``, ``?`` or ``@``
    does not leak. A URL that makes no sense is masked whole.
    """
    scheme = scheme_of(url)
    if not scheme:
        return MASK
    credentials, mark, place = url.partition("://")[2].rpartition("@")
    address, question, query = place.partition("?")
    if "#" in place or not _is_authority(address.partition("/")[0]):
        return f"{scheme}://{MASK}"
    user = f"{MASK}@" if mark and credentials else ""
    options = "&".join(_mask_option(option) for option in query.split("&")) if query else ""
    return f"{scheme}://{user}{address}{question}{options}"


def mask_secret(value: str) -> str:
    """A notification URL (its token may stand anywhere): only the scheme is left. Words like ``desktop`` stay."""
    if "://" not in value:
        return value
    scheme = scheme_of(value)
    return f"{scheme}://{MASK}" if scheme else MASK


def mask_words(command: str) -> str:
    """A command line whose URLs are masked down to their schemes."""
    return " ".join(mask_secret(word) for word in command.split(" "))


def mask_source(source: str) -> str:
    """A repository's or an index's place: a URL without credentials and query, anything else as it is."""
    if "://" not in source:
        return source
    place, question, _ = mask_url(source).partition("?")
    return f"{place}?{MASK}" if question else place


def _mask_option(option: str) -> str:
    name, mark, _ = option.partition("=")
    return option if name in _HARMLESS else f"{name}{mark}{MASK if mark else ''}"


def _is_authority(text: str) -> bool:
    """Whether this is ``host``, ``host:port`` or several of them, and not ``user:password`` with the host forgotten."""
    return all(_is_place(place) for place in text.split(","))


def _is_place(place: str) -> bool:
    host, mark, port = place.rpartition(":")
    if not mark or place.endswith("]"):
        return True
    return not port or (port.isascii() and port.isdigit() and (":" not in host or host.startswith("[")))
