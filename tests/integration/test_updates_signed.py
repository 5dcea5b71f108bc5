"""[auto_update] signer against real signatures of real keys: OpenPGP and SSH."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from acceptance.releases import AUTHOR, SMALL, Author, author
from packetbuddy.answers.updating import updating
from packetbuddy.errors import UpdateError
from packetbuddy.installing.origin import Origin
from packetbuddy.services.runner import SystemRunner
from packetbuddy.settings.load import parse
from packetbuddy.settings.places import Home
from packetbuddy.updates.git import Repository, ask, fetch, repository
from packetbuddy.updates.signing import check
from packetbuddy.updates.updating import Work, look

needs_gpg = pytest.mark.skipif(shutil.which("gpg") is None and not os.environ.get("CI"), reason="gpg is not here")
needs_ssh = pytest.mark.skipif(
    shutil.which("ssh-keygen") is None and not os.environ.get("CI"), reason="ssh-keygen is not here"
)


@pytest.fixture
def source(tmp_path: Path) -> Author:
    return author(tmp_path, SMALL)


def fetched(source: Author, tmp_path: Path, **environment: str) -> Repository:
    """Our mirror of what is published now."""
    made = repository(tmp_path / "work", str(source.remote), {**os.environ, **AUTHOR, **environment}, SystemRunner())
    fetch(made, ask(made))
    return made


def word(mirror: Repository, signer: str) -> str:
    """Why the release is refused; empty where it is not."""
    try:
        check(mirror, "v2.1.0", ask(mirror).tags["v2.1.0"], signer)
    except UpdateError as error:
        return error.word
    return ""


@pytest.fixture
def keyring(tmp_path: Path) -> Iterator[Path]:
    """A keyring with two people; its agent is sent away."""
    folder = tmp_path / "gnupg"
    folder.mkdir(mode=0o700)
    environment = {**os.environ, "GNUPGHOME": str(folder)}
    for who in ("Maintainer <me@example.org>", "Somebody <other@example.org>"):
        command = ["gpg", "--batch", "--quiet", "--passphrase", "", "--quick-generate-key", who, "ed25519", "sign"]
        subprocess.run(command, env=environment, check=True, capture_output=True)
    yield folder
    subprocess.run(["gpgconf", "--kill", "all"], env=environment, check=True)


def fingerprint(keyring: Path, who: str) -> str:
    command = ["gpg", "--homedir", str(keyring), "--with-colons", "--list-keys", who]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return next(line.split(":")[9] for line in said.splitlines() if line.startswith("fpr"))


@needs_gpg
def test_an_openpgp_signature(source: Author, tmp_path: Path, keyring: Path) -> None:
    """By the key that is named, whichever way; another key, none, and a signed commit under a plain tag are refused."""
    own = {"GNUPGHOME": str(keyring)}
    source.release("2.1.0")
    assert word(fetched(source, tmp_path / "plain", **own), "me@example.org") == "unsigned"
    source.tag("2.1.0", "--local-user", "me@example.org", **own)
    mirror = fetched(source, tmp_path, **own)
    assert word(mirror, fingerprint(keyring, "me@example.org")) == ""
    assert word(mirror, "me@example.org") == word(mirror, "Maintainer") == ""
    assert word(mirror, fingerprint(keyring, "other@example.org")) == word(mirror, "Somebody") == "wrong-signer"
    stranger = fetched(source, tmp_path / "stranger", GNUPGHOME=str(tmp_path / "nothing"))
    assert word(stranger, "me@example.org") == "wrong-signer"


@needs_ssh
def test_an_ssh_signature(source: Author, tmp_path: Path) -> None:
    """By fingerprint without any file of names; by a name where the account's git knows it; another key is refused."""
    keys = [tmp_path / "mine", tmp_path / "other"]
    for key in keys:
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    source.git("config", "gpg.format", "ssh")
    source.git("config", "user.signingkey", str(keys[0]))
    source.release("2.1.0")
    source.tag("2.1.0", "--sign")
    mirror = fetched(source, tmp_path)
    mine, other = (ssh_fingerprint(key) for key in keys)
    assert (word(mirror, mine), word(mirror, other)) == ("", "wrong-signer")
    assert word(mirror, "me@example.org") == "wrong-signer"
    allowed = tmp_path / "allowed"
    allowed.write_text(f"me@example.org {keys[0].with_suffix('.pub').read_text()}")
    settings = tmp_path / "gitconfig"
    settings.write_text(f"[gpg.ssh]\n\tallowedSignersFile = {allowed}\n")
    known = fetched(source, tmp_path, GIT_CONFIG_GLOBAL=str(settings))
    assert (word(known, "me@example.org"), word(known, "e@example.org")) == ("", "wrong-signer")


@needs_ssh
def test_a_signature_of_something_else_is_none(source: Author, tmp_path: Path) -> None:
    """A signature that was cut out of one tag and pasted into another one is not good."""
    key = tmp_path / "mine"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    source.git("config", "gpg.format", "ssh")
    source.git("config", "user.signingkey", str(key))
    source.release("2.1.0")
    source.tag("2.1.0", "--sign")
    signed = source.git("cat-file", "-p", "v2.1.0")
    head = source.commit("Another thing")
    forged = tmp_path / "forged"
    forged.write_text(re.sub("^object .*$", f"object {head}", signed, count=1, flags=re.MULTILINE) + "\n")
    made = source.git("hash-object", "-t", "tag", "-w", str(forged))
    source.git("update-ref", "refs/tags/v2.1.0", made)
    source.git("push", "--quiet", "--force", "origin", "v2.1.0")
    assert word(fetched(source, tmp_path), ssh_fingerprint(key)) == "wrong-signer"


def ssh_fingerprint(key: Path) -> str:
    said = subprocess.run(["ssh-keygen", "-l", "-f", str(key)], capture_output=True, text=True, check=True).stdout
    return said.split()[1]


def ssh_signing(source: Author, tmp_path: Path) -> str:
    """The author signs by SSH from now on; returns the key's fingerprint."""
    key = tmp_path / "signing"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    source.git("config", "gpg.format", "ssh")
    source.git("config", "user.signingkey", str(key))
    return ssh_fingerprint(key)


@needs_ssh
def test_a_signature_under_another_name_is_none(source: Author, tmp_path: Path) -> None:
    """What was signed as one release, or as none, is not taken for another one, whoever publishes it so."""
    mine = ssh_signing(source, tmp_path)
    source.release("2.1.0")
    for name in ("v2.0.9", "nightly"):
        source.git("tag", "--sign", "-m", "Something else", name)
        source.git("push", "--quiet", "--force", "origin", f"refs/tags/{name}:refs/tags/v2.1.0")
        assert word(fetched(source, tmp_path / name), mine) == "wrong-signer"


@needs_ssh
def test_a_tag_that_is_huge_is_not_looked_at(source: Author, tmp_path: Path) -> None:
    """A megabyte of tag is refused before it is read."""
    mine = ssh_signing(source, tmp_path)
    source.release("2.1.0")
    words = tmp_path / "words"
    words.write_text("x" * 1_000_000)
    source.git("tag", "--force", "--sign", "-F", str(words), "v2.1.0")
    source.git("push", "--quiet", "--force", "origin", "v2.1.0")
    assert word(fetched(source, tmp_path), mine) == "unsigned"


@needs_ssh
def test_what_nobody_may_install_is_not_offered(source: Author, tmp_path: Path) -> None:
    """A look tells at once that a release is not signed, or by another key, and knows of no newer version then."""
    mine = ssh_signing(source, tmp_path)
    home = Home(tmp_path / "home")
    home.root.mkdir()
    told = {}
    for signer in (mine, "SHA256:another"):
        settings = parse({"auto_update": {"source": str(source.remote), "signer": signer}})
        work = Work(home, settings, {**os.environ, **AUTHOR}, 1000.0, print, Origin("folder"), "2.0.0")
        source.release("2.1.0")
        told[signer, "plain"] = look(work).word
        assert updating(home.root).available == ""
        (home.root / "update.json").unlink()  # nobody remembers the tag, which is made anew
        source.tag("2.1.0", "--sign")
        told[signer, "signed"] = look(work).word
        (home.root / "update.json").unlink()
    assert list(told.values()) == ["unsigned", "update", "unsigned", "wrong-signer"]
