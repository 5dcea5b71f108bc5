import pytest
from hypothesis import given
from hypothesis import strategies as st

from packetbuddy.billing.reconcile import Facts, agrees, ratio, reasons

GB = 10**9
GIB = 2**30
BYTES = st.integers(0, 2**60)
FACTS = st.builds(
    Facts, BYTES, BYTES, BYTES, BYTES, BYTES, BYTES, st.lists(st.tuples(st.just("begins elsewhere"), BYTES), max_size=3)
)


@given(FACTS)
def test_every_reason_goes_the_way_of_the_difference(facts: Facts) -> None:
    """No reason widens the difference, the best one comes first, and one without a measure comes last."""
    gap = facts.theirs - facts.ours
    found = reasons(facts)
    assert all(reason.explains is None or reason.explains * gap > 0 for reason in found)
    assert [reason.kind for reason in found if reason.explains is None] == ["device" if gap > 0 else "local"]
    assert found[-1].explains is None
    left = [abs(gap - reason.explains) for reason in found if reason.explains is not None]
    assert left == sorted(left)


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
    assert Facts(0, 0, 1, 1)[4:] == (0, 0, ())
    assert [reason.kind for reason in reasons(Facts(0, 0, 5, 5))] == ["device"]
    equal = Facts(0, 90 * GB, 100 * GB, 100 * GB, unobserved=10 * GB, elsewhere=9 * GB)
    assert [reason.kind for reason in reasons(equal)] == ["unobserved", "links", "framing", "device"]
