"""What a database URL means for a connection: none to another machine is plain unless it says so in so many words."""

import ipaddress
import ssl
from collections.abc import Iterable, Mapping
from pathlib import Path

import certifi
from psycopg import Error
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import Conninfo

from packetbuddy.errors import SyncSetupError
from packetbuddy.settings.redact import mask_url, scheme_of
from packetbuddy.sync.postgres.words import wrong_value

CONNECT_SECONDS = 15
SPECIAL = "Write special characters of the password as %XX: @ is %40, / is %2F"
Parameters = dict[str, str | int]

_SCHEMES = ("postgresql", "postgres")
_FIXED: Parameters = {
    "application_name": "packetbuddy",
    "connect_timeout": CONNECT_SECONDS,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
    "client_encoding": "UTF8",
    "gssencmode": "disable",
}
_ELSEWHERE = frozenset({"service", "servicefile", "passfile", "sslkeylogfile"})
"""Options that would read or write other files than the URL shows."""
_MODES = frozenset({"disable", "allow", "prefer", "require", "verify-ca", "verify-full"})
_BUNDLES = ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem")


def parameters(url: str) -> Parameters:
    """The connection parameters of libpq for a URL. They hold the password.

    Raises:
        SyncSetupError: it is no PostgreSQL URL, or asks for what is refused; the message never holds a secret.
    """
    scheme = scheme_of(url)
    if scheme not in _SCHEMES:
        raise SyncSetupError(
            f"sync: {mask_url(url)} is not a PostgreSQL URL", "It begins with postgresql://, as Neon shows it"
        )
    given = _read(f"{scheme}{url[len(scheme) :]}", mask_url(url))
    refused = sorted(_ELSEWHERE & given.keys())
    if refused:
        raise SyncSetupError(f"sync: the URL's option {refused[0]} is refused", "Leave it out")
    if given.get("sslmode", "disable") not in _MODES:
        raise wrong_value("sslmode")  # for another machine it would be overruled unseen
    return {**_FIXED, **given, **_guarded(given)}


def _read(url: str, shown: str) -> dict[str, str]:
    """What libpq makes of it; its own words are not passed on: it quotes what it cannot read, maybe the password."""
    if not _is_plain(url):
        raise SyncSetupError(f"sync: the URL {shown} cannot be read", SPECIAL)
    try:
        given = {name: str(value) for name, value in conninfo_to_dict(url).items() if value is not None}
    except Error:
        strange = _strange_option(url)
        if strange:
            raise SyncSetupError(f"sync: the URL's option {strange} is none of PostgreSQL's", "Leave it out") from None
        raise SyncSetupError(f"sync: the URL {shown} cannot be read", SPECIAL) from None
    if not all(map(_is_port, given.get("port", "").split(","))):
        raise SyncSetupError(f"sync: the port in the URL {shown} is none", "A number up to 65535, mostly 5432")
    return given


def _is_plain(url: str) -> bool:
    """Whether the credentials end where libpq sees them end: it would take the rest of a password for the host."""
    credentials, mark, _ = url.partition("://")[2].rpartition("@")
    return not mark or not set("/@") & set(credentials)


def _is_port(port: str) -> bool:
    return not port or (port.isascii() and port.isdigit() and 0 < int(port[:6]) < 1 << 16)


def _strange_option(url: str) -> str:
    """The first option that libpq does not know, if that is why it cannot read the URL."""
    known = {option.keyword.decode() for option in Conninfo.get_defaults()} | {"ssl"}
    names = (option.partition("=")[0] for option in url.rpartition("@")[2].partition("?")[2].split("&"))
    return next((name for name in names if name.isidentifier() and name not in known), "")


def _guarded(given: Mapping[str, str]) -> Parameters:
    """Encryption with a verified name, unless every host is this machine or the URL says ``sslmode=disable``."""
    if all(_is_here(host) for host in _places(given)) or given.get("sslmode") == "disable":
        return {}
    asked = given.get("sslrootcert", "system")
    return {"sslmode": "verify-full", "sslrootcert": authorities() if asked == "system" else asked}


def _places(given: Mapping[str, str]) -> Iterable[str]:
    """Where a connection may go: an address given beside a name is what counts."""
    names, addresses = given.get("host", "").split(","), given.get("hostaddr", "").split(",")
    return [*names, *filter(None, addresses)]


def _is_here(host: str) -> bool:
    if not host or host.startswith(("/", "@")) or host.lower() in {"localhost", "localhost."}:
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def authorities() -> str:
    """A file of the authorities that are trusted here: the system's, else certifi's."""
    told = ssl.get_default_verify_paths().cafile
    return next((path for path in (told, *_BUNDLES) if path and Path(path).is_file()), certifi.where())
