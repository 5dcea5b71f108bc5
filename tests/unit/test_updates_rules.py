"""The rules of updates: order of versions, what follows what, who signed, whether a trial counts. Nothing is run."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packetbuddy.answers.updating import NEVER, Last, Updating, last_words, updating, written
from packetbuddy.installing.origin import Origin
from packetbuddy.settings.load import parse
from packetbuddy.settings.renewing import VARIABLE, Haste, haste
from packetbuddy.updates.choosing import BROKEN, ENDED, Start, verdict
from packetbuddy.updates.guarding import START_SECONDS, Look, Watch, follow
from packetbuddy.updates.order import key, released
from packetbuddy.updates.plan import Facts, Offer, Plan, decide, hindrance, reinstall
from packetbuddy.updates.running import from_direct_url, with_source
from packetbuddy.updates.signing import signed_by_pgp, signed_by_ssh

SLACK = Haste().slack
GIT = Origin("git", "https://example.org/packetbuddy.git", "c0ffee")
numbers = st.tuples(*[st.integers(0, 10**6)] * 3)


@given(numbers, numbers)
def test_versions_are_ordered_by_their_numbers(one: tuple[int, ...], other: tuple[int, ...]) -> None:
    """vX.Y.Z are compared as numbers, not as text, and a tag names its version exactly."""
    names = ["{}.{}.{}".format(*each) for each in (one, other)]
    assert (key(names[0]) < key(names[1])) == (one < other)
    assert (key(names[0]) == key(names[1])) == (one == other)
    assert [released(f"v{name}") for name in names] == names


def test_absurd_numbers_are_no_versions() -> None:
    """What nobody can count to names no release, and is compared without being read as a number."""
    assert released(f"v{'9' * 5000}.0.0") == released(f"v1.{'9' * 10}.0") == ""
    assert released("v1.999999999.0") == "1.999999999.0"
    assert key("9" * 5000) > key("1.0")


def test_candidates_come_before_and_repairs_after_a_release() -> None:
    """PEP 440's order of what may stand behind the numbers; zeros at the end don't count."""
    order = ["1.9", "2.0.0.dev4", "2.0.0a1", "2.0.0b2", "2.0.0rc1", "2.0.0rc2", "2.0.0", "2.0.0.post1", "2.0.1", "10.0"]
    assert sorted(set(order), key=key) == order
    assert key("2.0") == key("2.0.0")
    assert key("nonsense") < key("0.0.1")


@pytest.mark.parametrize("tag", ["v2.1", "2.1.0", "v2.1.0rc1", "v02.1.0", "v2.1.0-x", "V2.1.0", "v2.1.0\n", "v٢.1.0"])
def test_other_tags_are_no_releases(tag: str) -> None:
    """Only vX.Y.Z is a release."""
    assert released(tag) == ""


def facts(*offers: Offer, installed: str = "2.0.0", **more: Any) -> Facts:
    return Facts(installed, offers, "there", **more)


HERE = Offer("2.0.0", same=True)


def test_the_newest_release_that_holds_what_is_installed_is_followed() -> None:
    """The newest one, also over several; not one of another line of history, not an older one."""
    assert decide(facts(HERE, Offer("2.1.0"), Offer("2.10.0"), Offer("2.9.0"))).target == "2.10.0"
    assert decide(facts(HERE, Offer("3.0.0", contains=False), Offer("2.1.0"))).target == "2.1.0"
    assert decide(facts(HERE, Offer("1.9.0"))) == Plan("newest", "2.0.0 is the newest release")


def test_an_untagged_commit_follows_the_release_that_contains_it() -> None:
    """Also one of the same number: it is another commit."""
    assert decide(facts(Offer("2.0.0"))).target == "2.0.0"
    assert decide(facts(Offer("1.9.0", contains=False), Offer("2.0.0"), Offer("2.1.0"))).target == "2.1.0"


@pytest.mark.parametrize(
    ("found", "word"),
    [
        (facts(), "no-release"),
        (facts(Offer("2.0.0", contains=False), installed="2.0.0"), "own-commits"),
        (facts(Offer("2.1.0", contains=False)), "own-commits"),
        (facts(Offer("1.0.0", contains=False), ahead=True), "ahead"),
        (facts(Offer("1.0.0", contains=False)), "downgrade"),
        (facts(HERE, Offer("2.1.0", moved=True)), "moved"),
        (facts(HERE, withdrawn=("2.1.0",)), "withdrawn"),
        (facts(Offer("1.0.0", contains=False), withdrawn=("2.0.0",)), "withdrawn"),
        (facts(HERE, Offer("2.1.0"), lost={"2.1.0": "it crashed"}), "lost"),
    ],
)
def test_what_is_left_alone_has_a_word(found: Facts, word: str) -> None:
    """Each reason has its own word and a sentence, and no target."""
    plan = decide(found)
    assert (plan.word, plan.target) == (word, "")
    assert plan.told


def test_a_version_that_did_not_hold_is_passed_over_until_forced() -> None:
    """The next lower one will do, a newer one is followed; force tries it again, or installs what there is anew."""
    lost = {"2.2.0": "it crashed"}
    assert decide(facts(HERE, Offer("2.1.0"), Offer("2.2.0"), lost=lost)).target == "2.1.0"
    assert decide(facts(HERE, Offer("2.2.0"), Offer("2.3.0"), lost=lost)).target == "2.3.0"
    assert reinstall(facts(HERE, Offer("2.2.0"), lost=lost)).target == "2.2.0"
    assert decide(facts(HERE, Offer("2.1.0", moved=True), Offer("2.2.0"), lost=lost)).word == "moved"
    assert reinstall(facts(HERE)) == Plan("reinstall", "2.0.0 is installed once more", "2.0.0")
    assert reinstall(facts(HERE, Offer("2.1.0", moved=True))).target == ""


@pytest.mark.parametrize(
    ("origin", "trial", "word"),
    [
        (GIT, "2.1.0", "on-trial"),
        (Origin("checkout"), "", "checkout"),
        (Origin("folder"), "", "no-source"),
        (GIT._replace(edited=True), "", "edited"),
        (Origin("git", "", "c0ffee"), "", "no-upstream"),
    ],
)
def test_nobody_is_asked_for_what_would_be_left_alone_anyway(origin: Origin, trial: str, word: str) -> None:
    """Before the network: a trial under way, somebody's checkout, an unknown origin, edits, no remote."""
    found = hindrance(origin, trial)
    assert found is not None
    assert found.word == word


def test_nothing_hinders_a_clean_clone_or_an_index() -> None:
    """Those two are asked for."""
    assert hindrance(GIT, "") is hindrance(Origin("index"), "") is None


@pytest.mark.parametrize(
    ("direct", "origin"),
    [
        (None, Origin("index")),
        ({"url": "file:///x", "dir_info": {"editable": True}}, Origin("checkout")),
        ({"url": "file:///x", "dir_info": {}}, Origin("folder")),
        ({"url": "https://example.org/x.whl", "archive_info": {}}, Origin("folder")),
        (
            {"url": "https://example.org/x", "vcs_info": {"vcs": "git", "commit_id": "c0ffee"}},
            Origin("git", "https://example.org/x", "c0ffee"),
        ),
        ({"url": "https://example.org/x", "vcs_info": {"vcs": "hg", "commit_id": "c0ffee"}}, Origin("folder")),
        ([], Origin("folder")),
    ],
)
def test_where_a_copy_came_from_is_what_its_installer_wrote(direct: object, origin: Origin) -> None:
    """PEP 610, never the package's name."""
    assert from_direct_url(None if direct is None else json.dumps(direct)) == origin
    assert from_direct_url("{") == Origin("folder")


def test_the_settings_may_name_a_source() -> None:
    """It holds for clones and folders; an index and a checkout stay what they are."""
    settings = parse({"auto_update": {"source": "/srv/pb.git"}}).auto_update
    assert with_source(Origin("folder"), settings) == Origin("git", "/srv/pb.git")
    assert with_source(GIT, settings).url == "/srv/pb.git"
    assert with_source(Origin("index"), settings) == Origin("index")
    assert with_source(GIT, parse({}).auto_update) == GIT


KEY = "SHA256:abcdefghijklmnopqrstuvwxyz"
GOOD_SSH = f'Good "git" signature for me@example.org with ED25519 key {KEY}\n'
UNNAMED_SSH = f'Good "git" signature with ED25519 key {KEY}\nNo principal matched.\n'
FINGERPRINT, MAIN = "A" * 40, "B" * 40
GOOD_PGP = f"""[GNUPG:] GOODSIG {"A" * 16} Maintainer <me@example.org>
[GNUPG:] VALIDSIG {FINGERPRINT} 2026-11-27 1795760000 0 4 0 22 10 00 {MAIN}
"""


def test_an_ssh_signer_is_a_fingerprint_or_a_name_of_the_allowed_signers() -> None:
    """A fingerprint needs no file of names; a name must be the very one; other words prove nothing."""
    assert signed_by_ssh(GOOD_SSH, KEY)
    assert signed_by_ssh(UNNAMED_SSH, KEY)
    assert signed_by_ssh(GOOD_SSH, "me@example.org")
    assert not signed_by_ssh(UNNAMED_SSH, "me@example.org")
    assert not signed_by_ssh(GOOD_SSH, "e@example.org")
    assert not signed_by_ssh(GOOD_SSH, KEY[:-1])
    assert not signed_by_ssh(f"Could not verify signature.\n{KEY}", KEY)


def test_a_pgp_signer_is_a_fingerprint_or_who_the_key_belongs_to() -> None:
    """The key or its main key, sixteen digits at least; name, address or both; an expired one is not good."""
    digits = " ".join([FINGERPRINT[:20], FINGERPRINT[20:]])
    good = [
        FINGERPRINT,
        MAIN,
        digits.lower(),
        "0x" + "A" * 16,
        "Maintainer",
        "me@example.org",
        "Maintainer <me@example.org>",
    ]
    assert [signer for signer in good if not signed_by_pgp(GOOD_PGP, signer)] == []
    bad = ["A" * 8, "C" * 40, "Maintain", "example.org", ""]
    assert [signer for signer in bad if signed_by_pgp(GOOD_PGP, signer)] == []
    assert not signed_by_pgp(GOOD_PGP.replace("GOODSIG", "EXPKEYSIG"), FINGERPRINT)


@pytest.mark.parametrize(
    ("start", "chosen"),
    [
        (Start(lives=True, whole=True, begun=True, stopped=False), "current"),
        (Start(lives=False, whole=True, begun=False, stopped=False), "trial"),
        (Start(lives=False, whole=True, begun=True, stopped=True), "trial"),
        (Start(lives=False, whole=True, begun=True, stopped=False), ENDED),
        (Start(lives=False, whole=False, begun=False, stopped=False), BROKEN),
    ],
)
def test_a_trial_is_started_once_unless_it_was_told_to_stop(start: Start, chosen: str) -> None:
    """Beside a living monitor nothing is decided; an end that nobody asked for loses; a broken one never starts."""
    assert verdict(start) == chosen


def seen(read: int = 0, now: int = 0, stored: int = 0, shown: int = 0) -> Look:
    return Look(read, now, stored, shown, 1.0)


def test_a_trial_counts_when_the_ledger_soon_holds_what_the_counters_showed() -> None:
    """Each look asks anew; neither an old look with all bytes nor a new one without them is an answer."""
    asked = follow(Watch(None, 0.0), seen(1, 5, 100, 120), 0.0, SLACK)
    assert asked == Watch(seen(1, 5, 100, 120), 0.0)
    assert follow(asked, seen(4, 9, 200, 220), 1.0, SLACK) == asked
    assert follow(asked, seen(6, 9, 119, 220), 1.0, SLACK) == asked
    assert follow(asked, seen(6, 9, 120, 220), 1.0, SLACK) == Watch(seen(6, 9, 120, 220), 1.0, counted=True)


def test_a_trial_that_is_silent_for_too_long_has_lost() -> None:
    """Three writes and some slack after the question; a minute where no ledger is ever there."""
    asked = Watch(seen(1, 5), 0.0)
    assert follow(asked, None, 3 + SLACK, SLACK) == asked
    assert follow(asked, None, 3.1 + SLACK, SLACK) is None
    assert follow(Watch(None, 0.0), None, START_SECONDS, SLACK) is not None
    assert follow(Watch(None, 0.0), None, START_SECONDS + 0.1, SLACK) is None


def test_times_are_shortened_for_tests_alone() -> None:
    """The documented times, unless the variable says otherwise; words of it that make no sense have no effect."""
    assert haste({}) == Haste(first=10, every=0, confirm=300, slack=10)
    assert haste({VARIABLE: "confirm=2.5 every=x first=-1 other=3 every slack=1"}) == Haste(confirm=2.5, slack=1)


LAST = Last(4.0, "1", "2", "failed", "why")
NOW = Updating(5.0, "update", "2.1.0 is available", "2.1.0", "there", LAST, 0.0, 7, {"3": "x"}, {"v2.1.0": "c0ffee"})


def stands(home: Path, told: str) -> Updating:
    """What is known where that is in the file."""
    (home / "update.json").write_text(told)
    return updating(home)


def test_what_is_written_down_is_read_again(tmp_path: Path) -> None:
    """The file holds everything; nonsense in it is no knowledge, an absurd instant too, nor what is no file."""
    assert stands(tmp_path, written(NOW)) == NOW
    for nonsense in ("", "{", "[]", "{}", written(NOW).replace('"why": "why"', '"w": 1')):
        assert stands(tmp_path, nonsense) == NEVER
    for instant in ('"x"', "NaN", "1e400", "1e30", "-1"):
        assert stands(tmp_path, written(NOW).replace("5.0", instant)) == NEVER
        assert stands(tmp_path, written(NOW).replace("4.0", instant)) == NEVER
    (tmp_path / "update.json").unlink()
    os.mkfifo(tmp_path / "update.json")
    assert updating(tmp_path) == NEVER


def test_the_pointers_are_the_truth(tmp_path: Path) -> None:
    """A trial whose pointer is gone was interrupted, or confirmed where it is current; what is current is no news."""
    (tmp_path / "versions").mkdir()
    trial = NOW._replace(available="", last=LAST._replace(result="trial"))
    results = {}
    for name in ("trial", "current"):
        found = stands(tmp_path, written(trial)).last
        results[name] = found and found.result
        (tmp_path / "versions" / name).symlink_to("2-x")
        if name == "trial":
            assert updating(tmp_path) == trial
            (tmp_path / "versions/trial").unlink()
    assert results == {"trial": "interrupted", "current": "interrupted"}
    found = updating(tmp_path).last
    assert found is not None
    assert found.result == "confirmed"
    (tmp_path / "versions/current").unlink()
    (tmp_path / "versions/current").symlink_to("2.1.0-x")
    here = stands(tmp_path, written(NOW))
    assert (here.available, here.word, here.told) == ("", "newest", "2.1.0 was the newest release")


def test_what_the_last_update_did_is_told_in_words() -> None:
    """Every result has words that name the version or what became of it."""
    for result in ("waiting", "trial", "confirmed", "reverted", "failed", "interrupted"):
        assert "2.1.0" in last_words(Last(0.0, "2.0.0", "2.1.0", result, "why"))
    assert last_words(Last(0.0, "2.1.0", "2.0.0", "rolled_back", "")) == "somebody went back from 2.1.0 to 2.0.0"
