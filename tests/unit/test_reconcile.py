import pytest
from hypothesis import given
from hypothesis import strategies as st

from packetbuddy.billing.reconcile import Facts, Reason, agrees, leaves, ratio, reasons

GB = 10**9
GIB = 2**30
BYTES = st.integers(0, 2**60)
FACTS = st.builds(
    Facts,
    *[BYTES] * 6,
    st.lists(st.tuples(st.just("begins elsewhere"), BYTES), max_size=3),
    st.none() | st.tuples(st.just("Fri 20 Nov 2026"), st.none() | BYTES),
)


@given(FACTS)
def test_every_reason_goes_the_way_of_the_difference(facts: Facts) -> None:
    """Each leaves less than there was; one without a measure comes last; nothing that may be all of it comes late."""
    gap = facts.theirs - facts.ours
    found = reasons(facts)
    assert all(reason.explains is None or reason.explains * gap > 0 for reason in found)
    assert [each.kind for each in found if each.explains is None][-1] == ("device" if gap > 0 else "local")
    left = [leaves(gap, reason) for reason in found]
    known = [size for size in left if size is not None]
    assert all(size < abs(gap) for size in known)
    assert left[: len(known)] == known
    close = [size <= 0.02 * max(facts.theirs, facts.ours) for size in known]
    assert close == sorted(close, reverse=True)
    far = known[close.count(True) :]
    assert far == sorted(far)


def test_what_may_be_more_than_the_difference_is_a_good_reason() -> None:
    """A gap of 5 GB, 50 GB of which may have gone unseen: that comes before headers that make a fifth of it."""
    facts = Facts(0, 35 * GB, 40 * GB, 40 * GB, unobserved=50 * GB)
    found = reasons(facts)
    assert [reason.kind for reason in found] == ["unobserved", "framing", "device"]
    assert [leaves(facts.gap, reason) for reason in found] == [0, 5 * GB - round(0.03 * 35 * GB), None]


def test_what_makes_another_difference_is_a_bad_reason() -> None:
    """A cut that adds 19 GB to a gap of 10 leaves 9 the other way, one that adds 9 leaves 1; of 20 nothing helps."""
    far, near = ("begins a month earlier", 109 * GB), ("begins a day earlier", 99 * GB)
    facts = Facts(0, 90 * GB, 100 * GB, 100 * GB, shifted=(("is cut elsewhere", 110 * GB), far, near))
    words = [(reason.words, leaves(facts.gap, reason)) for reason in reasons(facts) if reason.exact]
    assert words == [
        ("the ISP's period begins a day earlier", 1 * GB),
        ("the ISP's period begins a month earlier", 9 * GB),
    ]


def test_what_would_leave_as_much_as_before_is_no_reason() -> None:
    """We have 10 GB more; who counts downloads only would have 20 less than we, and 10 more would be missing."""
    facts = Facts(20 * GB, 100 * GB, 110 * GB, 110 * GB)
    assert "direction" not in {reason.kind for reason in reasons(facts)}
    close = facts._replace(sent=20 * GB - 1, received=100 * GB + 1)
    assert [(each.kind, leaves(close.gap, each)) for each in reasons(close) if each.exact] == [
        ("direction", 10 * GB - 1)
    ]
    loose = Facts(0, 1000 * GB, 1010 * GB, 1010 * GB, unobserved=20 * GB)
    assert [reason.kind for reason in reasons(loose)] == ["unobserved", "framing", "device"]


def test_what_meets_the_difference_just_so_comes_first() -> None:
    """A unit that leaves a thousandth says more than hours in which anything may have moved."""
    facts = Facts(0, 812 * GIB + GB, 812 * GB, 812 * GIB)
    assert reasons(facts)[0].kind == "unit"
    behind = Facts(0, 90 * GB, 100 * GB, 91 * GB, unobserved=30 * GB)
    assert [reason.kind for reason in reasons(behind)][:2] == ["unit", "unobserved"]
    assert reasons(behind._replace(other_unit=92 * GB))[0].kind == "unit"
    assert reasons(behind._replace(other_unit=93 * GB))[0].kind == "unobserved"
    loose = Facts(0, 100 * GB, 103 * GB, 103 * GB, elsewhere=1 * GB)
    assert [reason.kind for reason in reasons(loose)] == ["framing", "links", "device"]


def test_counting_began_within_the_period() -> None:
    """Named with its day, up to the bytes that are usual; any amount where nobody can tell; never for our surplus."""
    told = "counting began on Fri 20 Nov 2026, and what was before is not in ours"
    facts = Facts(0, 30 * GB, 90 * GB, 90 * GB, before=("Fri 20 Nov 2026", 57 * GB))
    assert reasons(facts)[0] == Reason("began", told, 57 * GB)
    unknown = reasons(facts._replace(before=("Fri 20 Nov 2026", None)))
    assert [(reason.kind, reason.explains) for reason in unknown][-2:] == [("began", None), ("device", None)]
    known = facts._replace(before=("Fri 20 Nov 2026", 0))
    assert "began" not in {reason.kind for reason in reasons(known)}
    ours = Facts(0, 90 * GB, 30 * GB, 30 * GB, before=("Fri 20 Nov 2026", None))
    assert "began" not in {reason.kind for reason in reasons(ours)}


def test_gigabytes_against_gibibytes() -> None:
    """The ISP says "812 GB" and means GiB; we counted 872 GB: the unit explains it to the byte."""
    facts = Facts(72 * GB, 812 * GIB - 72 * GB, 812 * GB, 812 * GIB)
    best = reasons(facts)[0]
    assert (best.kind, best.explains) == ("unit", 812 * GB - 812 * GIB)
    assert ratio(facts) == pytest.approx(1.0737, abs=1e-4)
    assert not agrees(facts)


def test_unobserved_time() -> None:
    """We lack what nobody watched: that is the best reason when it fills the gap."""
    facts = Facts(10 * GB, 80 * GB, 100 * GB, 100 * GIB, unobserved=10 * GB)
    assert [reason.kind for reason in reasons(facts)] == ["unobserved", "framing", "device"]


def test_downloads_only() -> None:
    """We have our uploads more than they."""
    facts = Facts(20 * GB, 100 * GB, 100 * GB, 100 * GIB)
    best = reasons(facts)[0]
    assert (best.kind, best.explains) == ("direction", -20 * GB)


def test_another_cut() -> None:
    """The same days cut elsewhere have their bytes."""
    facts = Facts(0, 90 * GB, 100 * GB, 100 * GIB, shifted=(("begins a day earlier", 100 * GB), ("is in UTC", 80 * GB)))
    found = reasons(facts)
    assert (found[0].kind, found[0].words, found[0].explains) == (
        "boundary",
        "the ISP's period begins a day earlier",
        10 * GB,
    )
    assert sum(reason.kind == "boundary" for reason in found) == 1


def test_links_that_do_not_count() -> None:
    """Bytes of interfaces that do not count could be theirs."""
    facts = Facts(0, 90 * GB, 100 * GB, 100 * GIB, elsewhere=9 * GB)
    assert reasons(facts)[0].kind == "links"


@pytest.mark.parametrize(("gap", "sign"), [(1, 1), (-1, -1)])
def test_headers_go_either_way(gap: int, sign: int) -> None:
    """Whoever counts the headers has more."""
    facts = Facts(0, 100 * GB, (100 + gap) * GB, 0)
    found = next(reason for reason in reasons(facts) if reason.kind == "framing")
    assert found.explains == sign * 3 * GB


@pytest.mark.parametrize(
    ("theirs", "same"), [(100, True), (102, True), (98, True), (103, False), (97, False), (0, False)]
)
def test_agreement(theirs: int, same: bool) -> None:
    """Within two per cent they agree; nothing agrees with nothing."""
    assert agrees(Facts(0, 100 * GB, theirs * GB, 0)) is same
    assert agrees(Facts(0, 0, 0, 0))
    assert ratio(Facts(0, 5, 0, 0)) is None


def test_reasons_in_words() -> None:
    """What a person reads, for a difference in each direction."""
    more = reasons(Facts(0, 90 * GB, 100 * GB, 99 * GB, 1 * GB, 1 * GB, (("is cut elsewhere", 91 * GB),)))
    assert {reason.words for reason in more} == {
        "the ISP's unit is of the other kind (GB against GiB)",
        "time in which nobody counted here",
        "interfaces of this computer that do not count",
        "headers that only one side counts",
        "the ISP's period is cut elsewhere",
        "a device on the same line that is not tracked",
    }
    less = reasons(Facts(5 * GB, 95 * GB, 90 * GB, 90 * GB))
    assert [reason.words for reason in less] == [
        "the ISP counts downloads only",
        "headers that only one side counts",
        "traffic that stayed at home (NAS, printer, casting)",
    ]


def test_no_difference_needs_no_reason() -> None:
    """Where nothing is missing nothing explains anything; headers go against a difference of nothing."""
    found = reasons(Facts(0, 100, 100, 100))
    assert [(reason.kind, reason.explains) for reason in found] == [("local", None)]


def test_headers_of_little() -> None:
    """Three per cent, rounded to whole bytes."""
    found = {reason.kind: reason.explains for reason in reasons(Facts(0, 150, 1000, 1000))}
    assert found["framing"] == 4
    assert found["device"] is None


def test_nothing_is_assumed() -> None:
    """What nobody knows explains nothing."""
    assert Facts(0, 0, 1, 1)[4:] == (0, 0, (), None)
    assert [reason.kind for reason in reasons(Facts(0, 0, 5, 5))] == ["device"]
    equal = Facts(0, 90 * GB, 100 * GB, 100 * GB, unobserved=10 * GB, elsewhere=9 * GB)
    assert [reason.kind for reason in reasons(equal)] == ["unobserved", "links", "framing", "device"]
