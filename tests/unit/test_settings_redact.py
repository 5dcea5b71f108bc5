"""No secret survives masking."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packetbuddy.settings.redact import mask_secret, mask_source, mask_url, mask_words

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
    assert mask_words("curl  -d x https://a/b") == "curl  -d x https://***"
