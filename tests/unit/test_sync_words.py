"""The driver's errors in our words: who has to do something, and what."""

import psycopg
import pytest

from packetbuddy.errors import SyncError, SyncSetupError
from packetbuddy.sync.postgres.words import named

CUT = """connection failed: server at "10.0.0.9" failed: server closed the connection unexpectedly
\tThis probably means the server terminated abnormally
\tbefore or while processing the request."""
SOCKET = """connection to server on socket "/run/postgresql/.s.PGSQL.5432" failed: No such file or directory
\tIs the server running locally and accepting connections on that socket?"""


@pytest.mark.parametrize(
    ("told", "kind", "words"),
    [
        (CUT, SyncError, "the connection to there was cut"),
        ("consuming input failed: SSL error: unexpected eof while reading", SyncError, "was cut"),
        ("consuming input failed: SSL SYSCALL error: EOF detected", SyncError, "was cut"),
        ("SSL connection has been closed unexpectedly", SyncError, "was cut"),
        ("SSL error: certificate verify failed", SyncSetupError, "not to be trusted"),
        ("SSL error: wrong version number", SyncSetupError, "no encrypted connection to there"),
        (SOCKET, SyncError, "nobody listens at there"),
        ('FATAL:  role "nobody" does not exist', SyncSetupError, "no such role"),
        ('FATAL:  database "nowhere" does not exist', SyncSetupError, "no such database"),
        ('connection is bad: invalid channel_binding value: "x"', SyncSetupError, "option channel_binding has a value"),
        ('invalid "ssl_min_protocol_version" value: "x"', SyncSetupError, "option ssl_min_protocol_version has"),
        ("bad value for connect_timeout: 'x'", SyncSetupError, "option connect_timeout has a value"),
        ('invalid integer value "x" for connection option "keepalives"', SyncSetupError, "option keepalives has"),
        ('FATAL:  invalid value for parameter "client_encoding": "x"', SyncSetupError, "option client_encoding has"),
        ('FATAL:  unrecognized configuration parameter "foo"', SyncSetupError, "option foo has a value"),
        ("connection failed: No route to host", SyncError, "there cannot be reached"),
        ("connection failed: Network is unreachable", SyncError, "there cannot be reached"),
    ],
)
def test_what_the_driver_says_is_told_in_our_words(told: str, kind: type[SyncError], words: str) -> None:
    """A connection that was cut is tried again and is no matter of certificates; each has its own words."""
    ours = named(psycopg.OperationalError(told), "there", ())
    assert type(ours) is kind
    assert words in str(ours)
    assert ours.hint
