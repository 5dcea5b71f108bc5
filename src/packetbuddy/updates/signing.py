"""Whether a release's tag is signed by the one key that ``[auto_update] signer`` names.

OpenPGP: a fingerprint (16 digits at least) or the name or address of a key that is in the account's keyring. SSH: the
fingerprint ``SHA256:…`` of the key, or a name of the file that git's ``gpg.ssh.allowedSignersFile`` names.
"""

import os
import re

from packetbuddy.errors import UpdateError
from packetbuddy.updates.git import Repository

LARGEST = 1_000_000
"""Bytes of a tag."""
_SSH_NAMED = re.compile(r'^Good "git" signature for (?P<name>.+) with \S+ key (?P<key>SHA256:\S+)$', re.MULTILINE)
_SSH_UNNAMED = re.compile(r'^Good "git" signature with \S+ key (?P<key>SHA256:\S+)$', re.MULTILINE)
_PGP_GOOD = re.compile(r"^\[GNUPG:\] GOODSIG \S+ (?P<user>.+)$", re.MULTILINE)
_PGP_VALID = re.compile(r"^\[GNUPG:\] VALIDSIG (?P<keys>.+)$", re.MULTILINE)
_FINGERPRINT = re.compile(r"(?:0X)?[0-9A-F]{16,}")
_HAS_SIGNATURE = re.compile(r"^-----BEGIN (PGP|SSH) SIGNATURE-----$", re.MULTILINE)


def check(source: Repository, tag: str, thing: str, signer: str) -> None:
    """See that the object that a tag names is signed under that name, and by whom.

    Raises:
        UpdateError: it is not, or by another key.
    """
    text = _text(source, tag, thing)
    found = _HAS_SIGNATURE.findall(text)
    if not found:
        raise UpdateError("unsigned", f"{tag} is not signed, and [auto_update] signer asks for that")
    if f"\ntype commit\ntag {tag}\n" not in text.partition("\n\n")[0] + "\n":
        raise UpdateError("wrong-signer", f"what is signed under {tag} is another release", "ask who publishes it")
    kind = found[-1]  # as git takes it
    words = _asked(source, thing, ssh=kind == "SSH", signer=signer)
    if not (signed_by_ssh(words, signer) if kind == "SSH" else signed_by_pgp(words, signer)):
        raise UpdateError("wrong-signer", f"{tag} is not signed by the key of {signer}", "see [auto_update] signer")


def signed_by_ssh(words: str, signer: str) -> bool:
    """Whether that is what git says of a good SSH signature by this key."""
    named, unnamed = _SSH_NAMED.search(words), _SSH_UNNAMED.search(words)
    if signer.startswith("SHA256:"):
        return any(found is not None and found["key"] == signer for found in (named, unnamed))
    return named is not None and named["name"] == signer


def signed_by_pgp(words: str, signer: str) -> bool:
    """Whether that is what GnuPG says of a good signature by this key, or by one of its subkeys."""
    good, valid = _PGP_GOOD.search(words), _PGP_VALID.search(words)
    if good is None or valid is None:
        return False
    digits = signer.upper().replace(" ", "")
    if _FINGERPRINT.fullmatch(digits):
        keys = valid["keys"].split()
        return any(each.endswith(digits.removeprefix("0X")) for each in (keys[0], keys[-1]))
    name, _, address = good["user"].rpartition(" <")
    return signer in {good["user"], name, address.removesuffix(">")}


def _text(source: Repository, tag: str, thing: str) -> str:
    """The tag's own text; empty where it is no object of its own."""
    if source.git("cat-file", "-t", thing).out.strip() != "tag":
        return ""
    if int(source.git("cat-file", "-s", thing).out) > LARGEST:
        raise UpdateError("unsigned", f"{tag} is too large to be looked at, and [auto_update] signer asks for that")
    return source.git("cat-file", "-p", thing).out


def _asked(source: Repository, thing: str, *, ssh: bool, signer: str) -> str:
    """Both streams: GnuPG's status lines and OpenSSH's words are on either."""
    by_fingerprint = ssh and signer.startswith("SHA256:")
    nobody = ("-c", f"gpg.ssh.allowedSignersFile={os.devnull}") if by_fingerprint else ()
    done = source.git(*nobody, "verify-tag", "--raw", thing)
    return f"{done.out}\n{done.err}"
