"""What documentation and docstrings print, worked out by other means: QuantLib, quadrature, sums.

The examples are run where they stand; here each printed number is looked up in its page, and what
it should be comes from none of our formulas.
"""

import math
from collections.abc import Callable
from pathlib import Path

import mpmath as mp
import pytest
import QuantLib as ql  # noqa: N813 - as its people write it

ROOT = Path(__file__).parents[2]
PRICING = ROOT / "src" / "hedgerow" / "pricing"
PAGES = ROOT / "docs"
MONTH = 30.0 / 365.0
DECEMBER = (9_261.73, 10_000.0, 0.8766, 312_998 / 525_600)  # forward, strike, volatility, years
CALL, PUT = ql.Option.Call, ql.Option.Put

Figure = tuple[str, str, Callable[[], float]]


def option(kind: int, strike: float, forward: float, deviation: float) -> ql.BlackCalculator:
    return ql.BlackCalculator(ql.PlainVanillaPayoff(kind, strike), forward, deviation, 1.0)


def black(forward: float, strike: float, sigma: float, years: float, kind: int = CALL) -> float:
    return float(ql.blackFormula(kind, strike, forward, sigma * math.sqrt(years)))


def european(rate: float, dividend: float) -> ql.EuropeanOption:
    """Return an option of one year at the money, spot 100, volatility 20 %."""
    today = ql.Date(2, 1, 2023)
    ql.Settings.instance().evaluationDate = today
    days = ql.Actual365Fixed()
    curves = [
        ql.YieldTermStructureHandle(ql.FlatForward(today, level, days))
        for level in (dividend, rate)
    ]
    smile = ql.BlackVolTermStructureHandle(ql.BlackConstantVol(today, ql.NullCalendar(), 0.2, days))
    spot = ql.QuoteHandle(ql.SimpleQuote(100.0))
    found = ql.EuropeanOption(
        ql.PlainVanillaPayoff(CALL, 100.0), ql.EuropeanExercise(today + ql.Period(365, ql.Days))
    )
    process = ql.BlackScholesMertonProcess(spot, *curves, smile)
    found.setPricingEngine(ql.AnalyticEuropeanEngine(process))
    return found


def december_delta() -> float:
    forward, strike, sigma, years = DECEMBER
    return float(option(CALL, strike, forward, sigma * math.sqrt(years)).deltaForward())


def december_coin() -> float:
    return black(*DECEMBER) / DECEMBER[0]


def strike_of_quarter() -> float:
    place = ql.InverseCumulativeNormal()(0.25)
    deviation = 0.6 * math.sqrt(MONTH)
    return 60_000.0 * math.exp(-place * deviation + 0.5 * deviation**2)


def implied(price: float, forward: float, strike: float, years: float) -> float:
    found = ql.blackFormulaImpliedStdDev(CALL, strike, forward, price, 1.0, 0.0, 0.5, 1e-14, 200)
    return round(float(found) / math.sqrt(years), 5)  # as the page rounds it


def perpetual_put() -> tuple[float, float]:
    """Solve the option's ordinary equation by its two conditions at the boundary."""
    strike, sigma, rate, spot = 50_000.0, 0.7, 0.04, 60_000.0

    def power() -> mp.mpf:
        equation = lambda x: 0.5 * sigma**2 * x * (x - 1) + rate * x - rate  # noqa: E731
        return mp.findroot(equation, -0.2)

    root = power()
    touched = mp.findroot(lambda b: (strike - b) * root / b + 1.0, 7_000.0)  # smooth pasting
    return float((strike - touched) * (spot / touched) ** root), float(touched)


def over_maturities(kind: int, sigma: float, mean: float, forward: float = 60_000.0) -> float:
    """Return the mean of dated options over maturities that are exponential about `mean`."""

    def part(share: float) -> float:
        years = -mean * math.log1p(-float(share))
        return black(forward, 60_000.0, sigma, years, kind)

    ends = [0, 0.5, 0.9, 0.99, 0.999, 1 - 1e-5, 1 - 1e-9]
    return float(mp.quad(part, ends))


def everlasting_delta() -> float:
    up, down = (over_maturities(CALL, 0.8, 7 / 365, 60_000.0 + side) for side in (30.0, -30.0))
    return (up - down) / 60.0


def strip() -> float:
    return sum(0.5**day * black(6e4, 6e4, 0.8, day / 365.0, PUT) for day in range(1, 60))


def power_sum(power: float, sigma: float, years: float) -> float:
    """Return the mean of a power of the price over exponential maturities, per unit of payoff."""
    growth = 0.5 * power * (power - 1.0) * sigma**2
    return float(mp.quad(lambda t: mp.exp((growth - 1.0 / years) * t) / years, [0, mp.inf]))


def fair_perpetual(kappa: float, carry: float, years: float) -> float:
    """Return the price at which what a long expects to gain in an interval is what it pays."""
    return float(
        mp.findroot(lambda f: f * mp.expm1(carry * years) - kappa * (f - 60_000.0), 60_000.0)
    )


def range_value(price: float) -> float:
    """Return the worth of the range of the example: the sum of what small steps buy and sell."""
    low, high = math.sqrt(2_500.0), math.sqrt(3_600.0)
    at = math.sqrt(price)
    coins = mp.quad(lambda root: 1_000.0 / root**2, [at, high])
    return float(coins * price) + 1_000.0 * (at - low)


def range_loss() -> float:
    """Return the loss to arbitrage a year over the worth: by the second difference of the worth."""
    step = 1.0
    bend = range_value(3_001.0) - 2.0 * range_value(3_000.0) + range_value(2_999.0)
    return -0.5 * 0.8**2 * 3_000.0**2 * bend / step**2 / range_value(3_000.0)


def streamed_fees() -> float:
    """Return the example's fees: cash in on the way up, coins in on the way down."""
    up = 1_000.0 * (math.sqrt(3_100.0) - math.sqrt(3_000.0))
    down = 1_000.0 * (1.0 / math.sqrt(3_000.0) - 1.0 / math.sqrt(3_100.0)) * 3_000.0
    return (up + down) * 0.003 / 0.997


def mean_funding(days: float) -> float:
    """Return what the outlook of the page pays on average, by quadrature."""
    years = days / 365.0
    rate = lambda t: 0.1049 + (0.0416 - 0.1049) * 2.0 ** (-t * 365.0 / 30.0)  # noqa: E731
    return float(mp.quad(rate, [0.0, years]) / years)


FIGURES: list[Figure] = [
    ("options.py", "1962.16", lambda: black(6e4, 6.6e4, 0.6, MONTH)),
    (
        "options.py",
        "0.3199",
        lambda: option(CALL, 6.6e4, 6e4, 0.6 * math.sqrt(MONTH)).deltaForward(),
    ),
    (
        "options.py",
        "0.8741",
        lambda: option(CALL, 5e4, 6e4, 0.6 * math.sqrt(MONTH)).deltaForward(),
    ),
    ("options.py", "10.4506", lambda: european(0.05, 0.0).NPV()),
    ("options.py", "-63.683", lambda: european(0.05, 0.0).dividendRho()),
    ("implied.py", "0.6", lambda: implied(1962.16, 6e4, 6.6e4, MONTH)),
    ("implied.py", "0.8", lambda: implied(0.1585194 * 6e4, 6e4, 6e4, 0.25)),
    ("strikes.py", "68385.5", strike_of_quarter),
    ("american.py", "30278.44", lambda: perpetual_put()[0]),
    ("american.py", "7017.54", lambda: perpetual_put()[1]),
    ("everlasting.py", "2348.37", lambda: over_maturities(CALL, 0.8, 7 / 365)),
    ("everlasting.py", "0.5196", everlasting_delta),
    ("everlasting.py", "1350.13", strip),
    ("power.py", "9363643", lambda: 9e6 * power_sum(2.0, 0.9, 17.5 / 365)),
    ("power.py", "9108526", lambda: 9e6 * math.exp(0.25 * 17.5 / 365)),
    ("squeeth.py", "748.51", lambda: 0.8 * 900.0 * math.exp(0.81 * 17.5 / 365)),
    ("squeeth.py", "0.897494", lambda: 0.9 * math.exp(-math.log(1.05) / 17.5)),
    ("squeeth.py", "1.0088", lambda: math.sqrt(math.log(1.05) * 365 / 17.5)),
    (
        "perpetual.py",
        "60115.4",
        lambda: fair_perpetual(1.0, 0.1, 7 / 365),
    ),
    ("perpetual.py", "60002.74", lambda: fair_perpetual(1.0, 0.05, 1 / 1_095)),
    ("pools.py", "9544.51", lambda: range_value(3_000.0)),
    ("pools.py", "-1.5908", lambda: range_value(2_999.5) - range_value(3_000.5)),
    ("pools.py", "0.9182", range_loss),
    ("streaming.py", "5.4044", streamed_fees),
    ("explanation/which-delta.md", "0.2372", december_coin),
    ("explanation/which-delta.md", "0.589", december_delta),
    ("explanation/which-delta.md", "0.3517", lambda: december_delta() - december_coin()),
    ("explanation/which-delta.md", "53,487", lambda: 9_081.73 * 10.0 * december_delta()),
    (
        "explanation/which-delta.md",
        "31,944",
        lambda: 9_081.73 * 10.0 * (december_delta() - december_coin()),
    ),
    ("explanation/which-delta.md", "2,154", lambda: 9_081.73 * december_coin()),
    ("explanation/hedgers-edge.md", "0.0301", lambda: math.log(9_176.88 / 9_081.73) * 365 / 126.36),
    ("explanation/hedgers-edge.md", "0.0844", lambda: mean_funding(126.36)),
    ("explanation/hedgers-edge.md", "0.0924", lambda: mean_funding(217.36)),
    ("reference/pricing.md", "10697.74", lambda: black(6e4, 5e4, 0.6, MONTH)),
    ("reference/pricing.md", "4112.36", lambda: black(6e4, 6e4, 0.6, MONTH)),
]


@pytest.mark.parametrize(
    ("page", "printed", "worked_out"), FIGURES, ids=[f"{page} {text}" for page, text, _ in FIGURES]
)
def test_a_printed_figure_is_what_others_say(
    page: str, printed: str, worked_out: Callable[[], float]
) -> None:
    path = (PRICING if page.endswith(".py") else PAGES) / page
    assert printed in path.read_text(encoding="utf-8")
    decimals = 6 if printed in {"0.6", "0.8"} else len(printed.partition(".")[2])
    unit = 10.0**-decimals
    assert abs(worked_out() - float(printed.replace(",", ""))) <= 0.5 * unit * (1.0 + 1e-6)
