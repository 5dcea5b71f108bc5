"""No secret survives masking."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packetbuddy.settings.redact import mask_secret, mask_source, mask_url, mask_words
from packetbuddy.settings.redact_said import mask_said

SECRET = "Zq7Ws1xK"  # noqa: S105 - the secret that must not be found


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://u:p@h:5432/d?sslmode=require", "postgresql://***@h:5432/d?sslmode=require"),
        ("postgres://h/d", "postgres://h/d"),
        ("postgres://u@[::1]:5432/d", "postgres://***@[::1]:5432/d"),
        ("postgres://h1:1,h2/d", "postgres://h1:1,h2/d"),
        ("postgres:///d?host=/tmp&password=p&flag", "postgres:///d?host=***&password=***&flag"),
        ("postgres://u:p", "postgres://***"),
        ("postgres://h/d#x", "postgres://***"),
        ("nonsense", "***"),
        ("://x", "***"),
        ("", "***"),
    ],
)
def test_database_url_keeps_what_is_harmless(url: str, shown: str) -> None:
    """Host, port, database and plain options stay readable; the rest is masked."""
    assert mask_url(url) == shown


@given(
    st.text(alphabet="@/?#:&=% []ab1", max_size=6),
    st.text(alphabet="@/?#:&=% []ab1", max_size=6),
    st.sampled_from(["h/d", "h:5432/d?sslmode=require", "[::1]/d", "h"]),
)
def test_password_never_survives(before: str, after: str, place: str) -> None:
    """Whatever unescaped characters a password holds, and wherever it stands, no part around the secret shows it."""
    for url in (
        f"postgresql://u:{before}{SECRET}{after}@{place}",
        f"postgresql://{before}{SECRET}{after}@{place}",
        f"postgresql://u:p@{place.partition('?')[0]}?password={SECRET}{after.replace('&', '')}",
    ):
        assert SECRET not in mask_url(url)
        assert SECRET not in mask_secret(url)
        assert SECRET not in mask_source(url)
        assert SECRET not in mask_words(f"curl -X POST {url.replace(' ', '')} -d hello")


def test_words_without_secrets_stay() -> None:
    """Plain words, folders and addresses without a password are shown as they are."""
    assert mask_secret("desktop") == "desktop"
    assert mask_secret("tgram://token/chat") == "tgram://***"
    assert mask_source("git@example.org:a/b.git") == "git@example.org:a/b.git"
    assert mask_source("https://token@example.org/a") == "https://***@example.org/a"
    assert mask_source("https://example.org/a?token") == "https://example.org/a?***"
    assert mask_words("curl  -d x https://a/b") == "curl  -d x https://***"


@pytest.mark.parametrize(
    "said",
    [
        "fatal: unable to access 'https://h:1/x.git?token=Tok%40en98/': Failed to connect to h",
        "warning: redirecting to https://me:Pass%2F99@h/y?token=Tok@en98",
        "fatal: could not read Password for 'https://me@h': no",
        "remote: Tok@en98 is no token, Pass/99 no password of me",
        "Max retries exceeded with url: /x.git?token=Tok%40en98 (Caused by ...)",
    ],
)
def test_what_is_said_of_a_url_holds_none_of_its_secrets(said: str) -> None:
    """Neither as they are written nor decoded, in a URL or apart from it."""
    shown = mask_said(said, ["https://me:Pass%2F99@h:1/x.git?token=Tok%40en98"])
    assert not any(secret in shown for secret in ("Tok", "en98", "99", " me", "me@"))


@given(st.text(alphabet="@/?#:&=%'() []ab1", max_size=6), st.text(alphabet="@/?#:&=%'() []ab1", max_size=6))
def test_a_known_password_is_never_said(before: str, after: str) -> None:
    """Whatever stands around it, as it was given and with the URL's credentials left out."""
    password = f"{before}{SECRET}{after}"
    url = f"https://u:{password}@h/x.git?token={SECRET}"
    for said in (f"'{url}/': no", f"'https://h/x.git?token={SECRET}/': no", f"({password})", f"u:{password}"):
        assert SECRET not in mask_said(said, [url])


def test_other_words_are_said_as_they_are() -> None:
    """An address without secrets, the user of every repository, and a URL that nobody gave us, without its own."""
    plain = "fatal: 'ssh://h/a.git' does not appear to be a git repository; git@h: is it there?"
    assert mask_said(plain, ["ssh://git@h/a.git"]) == plain
    assert mask_said("see 'https://u:p@h/x?y=z', or ask") == "see 'https://***@h/x?***', or ask"
    assert mask_said("a is at depth 1, not 12", ["https://h/x?depth=1"]) == "a is at depth ***, not 12"
