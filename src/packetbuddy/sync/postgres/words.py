"""The driver's errors in our words, each with what to do. No message holds a secret."""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import psycopg
from psycopg import errors

from packetbuddy.errors import SyncError, SyncSetupError

LONGEST = 200
LATER = "nothing is lost; it is tried again"
NOT_OURS = "the tables in the database are not PacketBuddy's"
OF_ITS_OWN = "give it a database of its own, or have its schema 'packetbuddy' dropped"

_BY_KIND: tuple[tuple[type[psycopg.Error] | tuple[type[psycopg.Error], ...], type[SyncError], str, str], ...] = (
    (
        (errors.DiskFull, errors.OutOfMemory),
        SyncError,
        "the database is full",
        f"free some space there or take a larger plan; {LATER}",
    ),
    (
        (errors.InsufficientPrivilege, errors.InvalidSchemaName),
        SyncSetupError,
        "this role may not do that in the database",
        "let the database's owner run the first sync, or see docs/how-to/household.md for the rights a device needs",
    ),
    (errors.ReadOnlySqlTransaction, SyncError, "the database is read-only now", f"it may be full; {LATER}"),
    (
        (errors.LockNotAvailable, errors.DeadlockDetected, errors.SerializationFailure),
        SyncError,
        "another device was at the same rows",
        LATER,
    ),
    (errors.QueryCanceled, SyncError, "the database took too long", LATER),
    (errors.TooManyConnections, SyncError, "the database has no connection left", LATER),
    (
        (
            *(errors.UndefinedTable, errors.UndefinedColumn, errors.DatatypeMismatch, errors.UndefinedFunction),
            *(errors.DuplicateTable, errors.DuplicateObject, errors.WrongObjectType),
        ),
        SyncSetupError,
        NOT_OURS,
        OF_ITS_OWN,
    ),
)

_BY_WORDS: tuple[tuple[tuple[str, ...], type[SyncError], str, str], ...] = (
    (
        ("failed to resolve host", "could not translate host name", "name or service not known"),
        SyncError,
        "the host {host} is not known",
        "check the URL and the connection to the internet",
    ),
    (("no password supplied",), SyncSetupError, "the database wants a password", "write it into the URL"),
    (("password authentication failed",), SyncSetupError, "the database refuses user or password", "check the URL"),
    (("not permitted to log in",), SyncSetupError, "this role may not log in", "check the URL"),
    (
        ("no space left", "could not extend file", "could not resize"),
        SyncError,
        "the database is full",
        f"free some space there or take a larger plan; {LATER}",
    ),
    (
        ("root certificate file",),
        SyncSetupError,
        "the file of authorities that the URL names cannot be read",
        "correct sslrootcert, or leave it out for the system's",
    ),
    (
        ("does not match host name", "host name mismatch"),
        SyncSetupError,
        "the server's certificate is for another name than {host}",
        "write the name into the URL that the certificate is for",
    ),
    (
        ("certificate verify failed", "certificate has expired", "tlsv1 alert"),
        SyncSetupError,
        "the server's certificate is not to be trusted",
        "a private authority's file goes into the URL: ?sslrootcert=/path/ca.pem",
    ),
    (
        ("unexpected eof", "eof detected", "closed the connection", "closed unexpectedly", "connection reset"),
        SyncError,
        "the connection to {host} was cut",
        LATER,
    ),
    (
        ("ssl error",),
        SyncSetupError,
        "no encrypted connection to {host} comes about",
        "is that PostgreSQL's port, and does it speak TLS 1.2 or newer?",
    ),
    (
        ("does not support ssl",),
        SyncSetupError,
        "the server does not encrypt",
        "only if the network is yours alone: write ?sslmode=disable into the URL",
    ),
    (
        ("pg_hba.conf", "no encryption"),
        SyncSetupError,
        "the server does not let this computer, user or database in",
        "its pg_hba.conf decides that",
    ),
    (
        ("connection refused", "on that socket"),
        SyncError,
        "nobody listens at {host}",
        f"is the server on, is the port right? {LATER}",
    ),
    (
        ("no route to host", "network is unreachable", "network unreachable"),
        SyncError,
        "{host} cannot be reached",
        f"check the connection to the internet; {LATER}",
    ),
    (("timeout expired", "timed out"), SyncError, "the database at {host} does not answer", LATER),
    (("too many connections", "remaining connection slots"), SyncError, "the database has no connection left", LATER),
    (("starting up", "shutting down", "terminating connection"), SyncError, "the database is being restarted", LATER),
)
_MISSING = (
    (re.compile(r'role ".*" does not exist'), "the server has no such role", "check the user in the URL"),
    (re.compile(r"database .*does not exist"), "the server has no such database", "check the end of the URL"),
)
_OPTION = re.compile(
    r'invalid "?(\w+)"? value: |bad value for (\w+)|invalid integer value .* for connection option "(\w+)"'
    r'|invalid value for parameter "(\w+)"|unrecognized configuration parameter "(\w+)"'
)
"""What the driver and the server say of an option's value that makes no sense, before there is a connection."""


@contextmanager
def speaking_of(host: str, secrets: Iterable[str]) -> Iterator[None]:
    """Turn what the driver raises inside into a :class:`~packetbuddy.errors.SyncError`."""
    try:
        yield
    except psycopg.Error as exc:
        raise named(exc, host, tuple(secrets)) from exc


def named(exc: psycopg.Error, host: str, secrets: tuple[str, ...]) -> SyncError:
    """Our error for the driver's, by its kind, else by its words."""
    for kinds, ours, words, hint in _BY_KIND:
        if isinstance(exc, kinds):
            return ours(f"sync: {words}", hint)
    told = str(exc).lower()
    for marks, ours, words, hint in _BY_WORDS:
        if any(mark in told for mark in marks):
            return ours(f"sync: {words.format(host=host)}", hint)
    return _of_the_url(told) or _unknown(exc, secrets)


def _of_the_url(told: str) -> SyncError | None:
    """A mistake in the URL that only the server, or the driver on its way there, notices."""
    for pattern, words, hint in _MISSING:
        if pattern.search(told):
            return SyncSetupError(f"sync: {words}", hint)
    found = _OPTION.search(told)
    return wrong_value(found[found.lastindex or 0]) if found else None


def wrong_value(option: str) -> SyncSetupError:
    """An option of the URL has a value that there is not."""
    return SyncSetupError(
        f"sync: the URL's option {option} has a value that makes no sense", "correct it, or leave it out"
    )


def _unknown(exc: psycopg.Error, secrets: tuple[str, ...]) -> SyncError:
    if exc.pgconn is not None and exc.sqlstate is None and exc.pgconn.used_password:
        return SyncError("sync: the connection to the database was cut or refused", LATER)
    words = " ".join(str(exc).split())
    for secret in secrets:
        words = words.replace(secret, "***") if secret else words
    return SyncError(f"sync: the database said: {words[:LONGEST]}", LATER)
