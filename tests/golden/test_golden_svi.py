"""Every case of SVI, its repair, SSVI and the calendar comes out."""

import numpy as np
import pytest
from golden_cases import Case, cases, golden

from hedgerow.pricing.surface import JumpWings, Svi
from hedgerow.pricing.surface.arbitrage import least_butterfly
from hedgerow.pricing.surface.ssvi import Heston, PowerLaw, Ssvi

FILE = "svi_ssvi"
NAMES = ("a", "b", "rho", "m", "sigma")
SEARCHED = (-2.5, 2.5)


def is_raw(case: Case) -> bool:
    return case.raw.get("kind") == "svi_raw"


def is_repair(case: Case) -> bool:
    return case.raw.get("kind") == "svi_repair"


def is_ssvi(case: Case) -> bool:
    return case.raw.get("kind") == "ssvi"


def is_calendar(case: Case) -> bool:
    return case.raw.get("kind") == "calendar"


def close(case: Case, found: float, wanted: object, scale: float = 0.0) -> None:
    expected = float(wanted)  # type: ignore[arg-type]
    room = max(case.allowed(expected), 1e-14 * scale)
    assert abs(found - expected) <= room, (case.id, found, expected)


@golden(FILE, is_raw)
def test_variance_slopes_and_density_of_a_slice_come_out(case: Case) -> None:
    smile = Svi(**{name: case.number(name) for name in NAMES})
    years = case.number("t")
    for point in case.expected["points"]:
        w, slope, bend = smile.rows(point["k"])[:, 0]
        close(case, w, point["w"], scale=abs(smile.a) + smile.b)
        close(case, slope, point["w1"], scale=smile.b)
        close(case, bend, point["w2"])
        close(case, smile.butterfly(point["k"])[0], point["g"], scale=1.0 + bend)
        if point.get("vol") is not None:
            close(case, np.sqrt(w / years), point["vol"])
    close(case, max(smile.wing_slopes), case.expected["lee_b_1_plus_absrho"])


@golden(FILE, is_raw)
def test_a_slice_in_jump_wings_comes_out_and_goes_back(case: Case) -> None:
    smile = Svi(**{name: case.number(name) for name in NAMES})
    years = case.number("t")
    wings = smile.jump_wings(years)
    for name, key in (("v", "v"), ("psi", "psi"), ("p", "p"), ("c", "c"), ("least", "vmin")):
        close(case, getattr(wings, name), case.expected["jw"][key], scale=1.0)
    assert wings.raw().raw == pytest.approx(smile.raw, rel=1e-9)


@golden(FILE, is_raw)
def test_the_worst_butterfly_comes_out(case: Case) -> None:
    smile = Svi(**{name: case.number(name) for name in NAMES})
    place, worst = least_butterfly(smile, *SEARCHED)
    close(case, worst, case.expected["g_min"])
    assert place == pytest.approx(float(case.expected["k_at_g_min"]), abs=1e-4)
    free = worst >= 0.0 and max(smile.wing_slopes) <= 2.0 and smile.least_variance >= 0.0
    assert free == case.expected["butterfly_free"]


@golden(FILE, is_repair)
def test_a_repaired_slice_comes_out(case: Case) -> None:
    wings = JumpWings(
        v=case.number("v"),
        psi=case.number("psi"),
        p=case.number("p"),
        c=case.number("c"),
        least=case.number("vmin"),
        years=1.0,
    )
    mended = wings.repaired()
    close(case, mended.c, case.expected["c_prime"])
    close(case, mended.least, case.expected["vmin_prime"])
    smile = mended.raw()
    for name in NAMES:
        close(case, getattr(smile, name), case.expected["raw"][name])
    close(case, least_butterfly(smile, *SEARCHED)[1], case.expected["g_min"])
    assert least_butterfly(wings.raw(), *SEARCHED)[1] < 0.0


@golden(FILE, is_ssvi)
def test_ssvi_comes_out(case: Case) -> None:
    first = case.number("p1")
    curve = (
        PowerLaw(eta=first, gamma=case.number("p2"))
        if case.inputs["family"] == "powerlaw"
        else Heston(speed=first)
    )
    theta = case.number("theta")
    surface = Ssvi(rho=case.number("rho"), curve=curve)
    close(case, curve.phi(theta), case.expected["phi"])
    smile = surface.slice(theta)
    for name in NAMES:
        close(case, getattr(smile, name), case.expected["raw_equiv"][name])
    for point in case.expected["points"]:
        close(case, smile.variance(point["k"])[0], point["w"])
        close(case, surface.variance(theta, point["k"]), point["w"])
    close(case, surface.wing_condition(theta), case.expected["cond_theta_phi"])
    close(case, surface.bend_condition(theta), case.expected["cond_theta_phi2"])
    assert surface.is_butterfly_free(theta) == case.expected["sufficient_butterfly_free"]
    close(case, least_butterfly(smile, *SEARCHED)[1], case.expected["g_min"])


@golden(FILE, is_calendar)
def test_the_least_step_between_slices_comes_out(case: Case) -> None:
    early, late = (
        Svi(**dict(zip(NAMES, case.inputs[key], strict=True))) for key in ("slice_t1", "slice_t2")
    )
    grid = np.linspace(-3.0, 3.0, 601)
    steps = late.variance(grid) - early.variance(grid)
    close(case, float(steps.min()), case.expected["min_diff_on_grid"], scale=1.0)
    assert bool(steps.min() >= 0.0) == case.expected["calendar_free"]


def test_no_case_is_left_unanswered() -> None:
    kinds = (is_raw, is_repair, is_ssvi, is_calendar)
    assert [case.id for case in cases(FILE) if sum(kind(case) for kind in kinds) != 1] == []
