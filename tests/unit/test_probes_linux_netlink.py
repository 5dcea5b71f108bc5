import errno
import socket
import struct
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packetbuddy.errors import ProbeError
from packetbuddy.probes.linux_links import LinkTable
from packetbuddy.probes.linux_notices import EVERYTHING, NOTHING, Notices
from packetbuddy.probes.linux_routes import RouteTable, hop_objects, routes
from packetbuddy.probes.netlink import (
    RTM_GETLINK,
    RTM_NEWLINK,
    Conversation,
    NetlinkRefusedError,
    attribute_map,
    failure,
    number,
    text,
)
from unit.netlink_bytes import (
    DONE,
    INTERRUPTED,
    NEWLINK,
    Kernel,
    attribute,
    done,
    error,
    link,
    linkinfo,
    message,
    u32,
)

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="netlink exists on Linux only")


def bodies(talk: Conversation) -> list[bytes]:
    return [bytes(talk.buffer[start:end]) for start, end in talk.dump(RTM_GETLINK, RTM_NEWLINK, b"body")]


def test_a_dump_is_asked_for_and_read_over_several_packets() -> None:
    """The question is a dump request with a sequence number; every body comes back once, in order."""
    with Kernel(
        [message(NEWLINK, b"one1") + message(NEWLINK, b"two2two2"), message(NEWLINK, b"3333"), done()]
    ) as kernel:
        talk = Conversation(kernel.connect)
        assert bodies(talk) == [b"one1", b"two2two2", b"3333"]
        assert not talk.interrupted
        assert list(kernel.questions()) == [struct.pack("=IHHII", 20, RTM_GETLINK, 0x301, 1, 0) + b"body"]
        talk.close()
        talk.close()


def test_a_late_answer_is_not_taken_for_the_present_one() -> None:
    """Messages with another sequence number are passed over, even their end marks and errors."""
    late = message(NEWLINK, b"late", sequence=7) + done(7, flags=INTERRUPTED) + error(-errno.EIO, 7)
    with Kernel([late, late + message(NEWLINK, b"mine") + late, done()]) as kernel:
        talk = Conversation(kernel.connect)
        assert bodies(talk) == [b"mine"]
        assert not talk.interrupted


def test_other_messages_and_acknowledgements_within_a_dump_are_passed_over() -> None:
    """Only the asked type is handed out; an error of zero is an acknowledgement, not an end."""
    packet = message(1, b"noop") + error(0) + message(NEWLINK, b"mine") + message(99, b"what") + done()
    with Kernel([packet]) as kernel:
        assert bodies(Conversation(kernel.connect)) == [b"mine"]


@pytest.mark.parametrize("marked", [0, 1, 2])
def test_an_interrupted_dump_says_so(marked: int) -> None:
    """NLM_F_DUMP_INTR on any message, the last one included, marks the whole dump; the next dump starts unmarked."""
    flags = [INTERRUPTED if place == marked else 2 for place in range(3)]
    first = [
        message(NEWLINK, b"aaaa", flags=flags[0]) + message(NEWLINK, b"bbbb", flags=flags[1]) + done(1, flags=flags[2])
    ]
    with Kernel([*first, message(NEWLINK, b"cccc", sequence=2) + done(2)]) as kernel:
        talk = Conversation(kernel.connect)
        assert len(bodies(talk)) == 2
        assert talk.interrupted
        assert bodies(talk) == [b"cccc"]
        assert not talk.interrupted


def test_a_packet_that_does_not_fit_grows_the_buffer_and_spoils_the_dump() -> None:
    """Nothing of a cut packet is handed out; the dump counts as interrupted, the next has room."""
    large = message(NEWLINK, b"x" * 50_000)
    with Kernel([large, done()], [message(NEWLINK, b"x" * 50_000, sequence=2), done(2)]) as kernel:
        talk = Conversation(kernel.connect)
        assert bodies(talk) == []
        assert talk.interrupted
        assert bodies(talk) == [b"x" * 50_000]
        assert not talk.interrupted
        assert len(kernel.asked) == 2


def test_what_is_left_of_a_broken_off_dump_is_not_read() -> None:
    """A reader that gives up in the middle makes the next dump use a fresh socket."""
    with Kernel(
        [message(NEWLINK, b"old1") + message(NEWLINK, b"old2")], [message(NEWLINK, b"new1", sequence=2) + done(2)]
    ) as kernel:
        talk = Conversation(kernel.connect)
        assert next(talk.dump(RTM_GETLINK, RTM_NEWLINK, b""))
        assert bodies(talk) == [b"new1"]
        assert len(kernel.asked) == 2


@pytest.mark.parametrize(
    ("packet", "expected"),
    [
        (error(-errno.EPERM), NetlinkRefusedError),
        (error(-errno.EACCES), NetlinkRefusedError),
        (error(-errno.EBUSY), ProbeError),
        (done(1, code=-errno.ENOMEM), ProbeError),
        (done(1, code=-errno.EOPNOTSUPP), ProbeError),
        (message(NEWLINK, b"mine"), ProbeError),
        (b"short", ProbeError),
        (struct.pack("=IHHII", 8, NEWLINK, 2, 1, 0), ProbeError),
        (struct.pack("=IHHII", 400, NEWLINK, 2, 1, 0), ProbeError),
        (struct.pack("=IHHII", 0, NEWLINK, 2, 1, 0), ProbeError),
    ],
)
def test_errors_are_told_and_a_refusal_is_told_apart(packet: bytes, expected: type[ProbeError]) -> None:
    """The kernel's error, a dump that ends early and broken framing raise; only a refusal is a NetlinkRefusedError."""
    with Kernel([packet]) as kernel, pytest.raises(ProbeError) as caught:
        bodies(Conversation(kernel.connect))
    assert type(caught.value) is expected


def test_an_end_without_a_code_is_an_end() -> None:
    """An NLMSG_DONE without its four bytes of status ends the dump well."""
    with Kernel([message(DONE, b"")]) as kernel:
        assert bodies(Conversation(kernel.connect)) == []


def test_a_dead_socket_is_a_probe_error() -> None:
    """OSErrors of asking are mapped."""
    near, far = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    far.close()
    talk = Conversation(lambda: near)
    with pytest.raises(ProbeError, match="asking netlink"):
        bodies(talk)
    talk.close()


def test_a_silent_socket_is_a_probe_error() -> None:
    """No answer within the socket's patience raises instead of waiting for ever."""
    near, far = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    near.settimeout(0)
    with near, far, pytest.raises(ProbeError, match="reading netlink"):
        bodies(Conversation(lambda: near))


def test_refusals_are_those_of_sandboxes_and_old_kernels() -> None:
    """What a seccomp filter, a missing family or a missing call answers leads to the fallback, a passing fault not."""
    refused = {code for code in errno.errorcode if isinstance(failure(code, "x"), NetlinkRefusedError)}
    assert {errno.EPERM, errno.EACCES, errno.EAFNOSUPPORT, errno.EPROTONOSUPPORT} <= refused
    assert not refused & {errno.ENOBUFS, errno.EMFILE, errno.ENOMEM, errno.EBUSY, errno.EINTR, errno.EAGAIN}


def test_attributes_are_copied_by_type_without_their_flags() -> None:
    """The nested and byte-order flags are no part of the type; padding is no part of the value."""
    whole = attribute(3, b"abc\0d") + attribute(0x8000 | 18, b"in") + attribute(0x4000 | 5, b"")
    assert attribute_map(whole, 0, len(whole)) == {3: b"abc\0d", 18: b"in", 5: b""}


@pytest.mark.parametrize(
    "broken", [struct.pack("=HH", 3, 1), struct.pack("=HH", 0, 1), struct.pack("=HH", 9, 1) + bytes(4)]
)
def test_broken_attributes_raise(broken: bytes) -> None:
    """A length below the header or beyond the room never loops and never reads on."""
    with pytest.raises(ProbeError):
        attribute_map(broken, 0, len(broken))


def test_values_of_attributes() -> None:
    """Numbers have the machine's order and any width; text ends at NUL and is always storable."""
    assert number(None) is None
    assert number(u32(70_000)) == 70_000
    assert number(b"\x01") == 1
    assert text(None) == ""
    assert text(b"eth0\0junk") == "eth0"
    assert text(b"w\xfflan\0") == "w\\xfflan"


GOOD = (
    message(NEWLINK, link(1, b"lo", hardware_type=772))
    + message(
        NEWLINK, link(2, before=attribute(10, u32(5)), after=linkinfo(b"vxlan", attribute(2, bytes(4)), b"bridge"))
    )
    + done()
)


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A good dump with some bytes changed and perhaps an end cut off."""
    data = bytearray(GOOD)
    for _ in range(draw(st.integers(1, 6))):
        data[draw(st.integers(0, len(data) - 1))] = draw(st.integers(0, 255))
    return bytes(data[: draw(st.integers(1, len(data)))])


@given(
    st.one_of(
        st.binary(min_size=1, max_size=300),
        damaged(),
        st.binary(max_size=80).map(lambda b: message(NEWLINK, b) + done()),
    )
)
def test_garbage_raises_nothing_but_probe_errors(packet: bytes) -> None:
    """Whatever comes out of the socket, reading the links gives links or a ProbeError."""
    with Kernel([packet]) as kernel:
        talk = Conversation(kernel.connect)
        try:
            links, _ = LinkTable(talk, "/nonexistent").read()
        except ProbeError:
            return
        assert all(count >= 0 for one in links for count in one.counters if count is not None)


@given(st.binary(min_size=12, max_size=120))
def test_garbage_in_routes_raises_nothing_but_probe_errors(body: bytes) -> None:
    """A route's or a next hop's body of any bytes gives routes or a ProbeError; a whole dump of it, routes or None."""
    for parse in (lambda: list(routes(body, 4, [])), lambda: hop_objects([body])):
        try:
            assert parse() is not None
        except ProbeError:
            continue
    with Kernel([message(24, body) + done(), message(24, body, sequence=2) + done(2)]) as kernel:
        found = RouteTable(Conversation(kernel.connect)).current(0)
        assert found is None or isinstance(found, tuple)


def listening(*packets: bytes) -> tuple[Notices, socket.socket]:
    near, far = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    for packet in packets:
        far.send(packet)
    return Notices(near), far


def test_notices_name_the_links_that_changed() -> None:
    """Link messages give their indexes; route messages only say that something changed; then there is nothing more."""
    notices, far = listening(
        message(16, link(7)) + message(17, link(9)), message(24, bytes(12)), message(16, b""), message(25, bytes(12))
    )
    with far:
        changes = notices.drain()
        assert (changes.anything, changes.links) == (True, {7, 9})
        assert notices.drain() == NOTHING
        far.send(message(24, bytes(12)))
        assert notices.drain() == (True, set())
        notices.close()


@pytest.mark.parametrize("packet", [b"", message(16, bytes(20_000))])
def test_a_lost_notice_makes_everything_doubtful(packet: bytes) -> None:
    """A notice that does not fit or was lost (the socket says so with nothing in it) distrusts all that is cached."""
    notices, far = listening(message(16, link(7)), packet, message(16, link(8)))
    with far:
        assert notices.drain() == EVERYTHING
        notices.close()


@given(st.binary(min_size=1, max_size=100))
def test_garbage_notices_never_raise(packet: bytes) -> None:
    """Any bytes at worst name some links."""
    notices, far = listening(packet)
    with far:
        assert notices.drain().anything
        notices.close()


def test_a_dead_notice_socket_is_a_probe_error() -> None:
    """Listening on a closed descriptor is told as a ProbeError."""
    notices, far = listening()
    far.close()
    notices.close()
    with pytest.raises(ProbeError, match="listening"):
        notices.drain()
