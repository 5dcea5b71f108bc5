"""What documents tell that no parser knows: the environment, and what the files of the home are."""

ENVIRONMENT = {
    "PACKETBUDDY_HOME": "another home than `~/.packetbuddy`; not on a network or Windows drive mount",
    "NEON_DB_URL": "the database in which many devices meet, before `PACKETBUDDY_DB_URL` and `[sync] url`",
    "PACKETBUDDY_DB_URL": "the same, before `[sync] url`",
    "PACKETBUDDY_DEBUG": "`1` shows the traceback of a failure",
    "PACKETBUDDY_ASCII": "`1`: nothing but ASCII; also wherever the output's encoding is not UTF-8",
    "NO_COLOR": "no colours; a pipe has none either",
    "FORCE_COLOR": "colours also in a pipe",
    "COLORTERM": "`truecolor`: the product's exact two colours instead of the nearest of 256 or 16",
    "COLUMNS": "the width to write for, 30 to 100; otherwise the terminal's, in a pipe 80",
    "TZ": "the local zone, where `display.timezone` is `local`; one that names no zone is told, and UTC is used",
}
"""Variable → what it does, for a person who sets it."""
INTERNAL = {
    "PACKETBUDDY_KEPT_BY": "who keeps the service",
    "PACKETBUDDY_ON_TRIAL": "how the launcher tells a version that it is on trial",
    "PACKETBUDDY_TITLE": "what an `[alerts] command` is told",
    "PACKETBUDDY_MESSAGE": "the same",
    "PACKETBUDDY_TEST_HASTE": "for tests alone",
}
"""Variables of ours that nobody sets by hand."""
FILES = {
    "config.toml": "the settings",
    "packetbuddy.db": "everything counted: the ledger, a SQLite database",
    "stderr.log": "what the service says",
    "backups/": "daily copies, and what was set aside",
    "versions/, bin/": "the installed code and its launcher",
}
"""What is in the home, in a few words."""
