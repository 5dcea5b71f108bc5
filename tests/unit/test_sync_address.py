"""What a database URL means for a connection: nothing travels plainly to another machine unless the URL says so."""

from pathlib import Path

import pytest

from packetbuddy.errors import SyncSetupError
from packetbuddy.sync.postgres.address import authorities, parameters

BAD = "postgresql://user:s3cr%zzet@host/x"


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://u:p@db.example/x",
        "postgres://u:p@db.example/x?sslmode=require",
        "postgresql://u:p@db.example/x?sslmode=prefer",
        "postgresql://u:p@db.example/x?sslmode=verify-ca&sslrootcert=system",
        "postgresql://u:p@192.0.2.7/x?sslmode=allow",
        "postgresql://u:p@[2001:db8::1]/x",
        "postgresql://u:p@localhost,db.example/x",
        "postgresql://u:p@/x?host=db.example",
        "postgresql://u:p@localhost/x?hostaddr=192.0.2.7",
        "postgresql://u:p@localhost.evil.example/x",
    ],
)
def test_other_machines_are_verified(url: str) -> None:
    """Whatever weaker mode a URL names, for a host elsewhere it becomes verify-full with the system's authorities."""
    asked = parameters(url)
    assert asked["sslmode"] == "verify-full"
    assert Path(str(asked["sslrootcert"])).read_text(encoding="utf-8").count("BEGIN CERTIFICATE") > 10
    assert asked["gssencmode"] == "disable"


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://u:p@localhost/x",
        "postgresql://u:p@127.0.0.1:5433/x",
        "postgresql://u:p@127.8.9.1/x",
        "postgresql://u:p@[::1]/x",
        "postgresql:///x",
        "postgresql:///x?host=/var/run/postgresql",
        "postgresql://u:p@db.example/x?sslmode=disable",
    ],
)
def test_this_machine_and_plain_words_are_exempt(url: str) -> None:
    """Loopback, local sockets, and ``sslmode=disable`` in so many words are left as they are written."""
    assert parameters(url).get("sslmode") in {None, "disable"}


def test_the_scheme_is_read_in_any_case() -> None:
    """As in every URL; libpq by itself knows small letters only."""
    assert parameters("PostgreSQL://u:p@db.example/x?sslmode=disable")["host"] == "db.example"


def test_a_password_with_special_characters_arrives_as_it_is() -> None:
    """Written as %XX it may hold anything."""
    assert parameters("postgresql://u:p%40%2F%3F%20%25@db.example/x")["password"] == "p@/? %"  # noqa: S105 - a test's


def test_a_private_authority_is_kept() -> None:
    """A file of authorities in the URL takes the place of the system's."""
    asked = parameters("postgresql://u:p@db.example/x?sslrootcert=/path/ca.pem")
    assert (asked["sslmode"], asked["sslrootcert"]) == ("verify-full", "/path/ca.pem")


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("mysql://u:p@host/x", "is not a PostgreSQL URL"),
        ("https://console.neon.tech/x", "is not a PostgreSQL URL"),
        ("postgresql+psycopg://u:p@host/x", "is not a PostgreSQL URL"),
        ("host=db password=topsecret", "is not a PostgreSQL URL"),
        ("", "is not a PostgreSQL URL"),
        (BAD, "cannot be read"),
        ("postgresql://u:p@host/x?pass=topsecret", "option pass is none of PostgreSQL's"),
        ("postgresql://u:p@host/x?sslmode=require&pgbouncer=true", "option pgbouncer is none of PostgreSQL's"),
        ("postgresql://u:s3cr@topsecret@host/x", "cannot be read"),
        ("postgresql://1.2.3.4:s3cr/topsecret@host/x", "cannot be read"),
        ("postgresql://u:1/topsecret@host/x", "cannot be read"),
        ("postgresql://u:p@host:99999/x", "port in the URL .* is none"),
        ("postgresql://u:p@host:five/x", "is none|cannot be read"),
        ("postgresql://u:p@one,two/x?port=5432,0", "port in the URL .* is none"),
        ("postgresql://u:p@host/x?service=mine", "service is refused"),
        ("postgresql://u:p@host/x?sslkeylogfile=/tmp/keys", "sslkeylogfile is refused"),
        ("postgresql://u:p@host/x?sslmode=topsecret", "option sslmode has a value that makes no sense"),
        ("postgresql://u:p@localhost/x?sslmode=", "option sslmode has a value that makes no sense"),
    ],
)
def test_what_is_no_url_is_told_without_its_secrets(url: str, words: str) -> None:
    """A URL of another kind, or one that cannot be read, is refused in words that hold no password."""
    with pytest.raises(SyncSetupError, match=words) as told:
        parameters(url)
    whole = f"{told.value} {told.value.hint} {told.value.__cause__}"
    assert "s3cr" not in whole
    assert "topsecret" not in whole
    assert ":p@" not in whole


def test_authorities_exist() -> None:
    """There is a file of authorities, the system's or certifi's."""
    assert Path(authorities()).is_file()
