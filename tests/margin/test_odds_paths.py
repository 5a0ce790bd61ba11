"""Simulated odds: equal to the closed form, to a walk by hand, and to themselves however split."""

import math
from decimal import Decimal
from itertools import pairwise

import numpy as np
import pytest

from hedgerow.errors import ConfigError
from hedgerow.kernels.first_passage import log_touch
from hedgerow.margin.odds import paths as odds_paths
from hedgerow.margin.odds.closed_form import odds_of_liquidation
from hedgerow.margin.odds.models import (
    Diffusion,
    FundingPath,
    Heston,
    History,
    Horizon,
    Jumps,
    Reserve,
)
from hedgerow.margin.odds.paths import simulate_odds, simulated_deposit
from hedgerow.margin.odds.question import OddsQuestion
from hedgerow.margin.odds.stake import Stake, flat_stake
from hedgerow.margin.position import Position
from hedgerow.margin.terms import MarginTerms, flat_terms
from hedgerow.market.venue import MarginRule, MarginTier
from odds_by_hand import drawn, walked

MONTH = 30.0
SEED = 11


def a_question(side: int = -1, leverage: float = 5.0, monitor_hours: float = 8.0) -> OddsQuestion:
    return OddsQuestion(
        stake=flat_stake(side=side, leverage=leverage, maintenance=0.005),
        model=Diffusion(volatility=0.8, drift=0.2),
        horizon=Horizon(days=MONTH, monitor_hours=monitor_hours),
    )


@pytest.mark.parametrize("monitor_hours", [0.0, 1.0, 8.0])
@pytest.mark.parametrize("side", [-1, 1])
def test_the_closed_form_is_met_within_four_standard_errors(
    side: int, monitor_hours: float
) -> None:
    question = a_question(side, monitor_hours=monitor_hours)
    odds = simulate_odds(question, paths=30_000, seed=SEED)
    exact = odds_of_liquidation(question.stake, question.model, question.horizon)  # type: ignore[arg-type]
    assert abs(odds.probability - exact.probability) < 4.0 * odds.standard_error
    days = np.array([5.0, 10.0, 20.0, 30.0])
    error = np.sqrt(exact.probability_by(days) / odds.paths)
    assert (abs(odds.probability_by(days) - exact.probability_by(days)) < 4.0 * error).all()


def test_a_variance_that_stands_still_is_no_other_model() -> None:
    plain = a_question()
    still = Heston(volatility=0.8, long_run=0.8, wobble=0.0, drift=0.2)
    question = OddsQuestion(stake=plain.stake, model=still, horizon=plain.horizon)
    exact = odds_of_liquidation(plain.stake, Diffusion(volatility=0.8, drift=0.2), plain.horizon)
    odds = simulate_odds(question, paths=30_000, seed=SEED)
    assert abs(odds.probability - exact.probability) < 4.0 * odds.standard_error


def test_a_wandering_variance_is_a_change_of_clock() -> None:
    """Uncorrelated, the log price is a Brownian motion run by the integral of the variance.

    The integral is drawn here by the exact transition of the square-root process, a noncentral
    chi-squared law, and the odds given the integral are those of volatility 1.
    """
    model = Heston(volatility=0.6, long_run=0.9, reversion=5.0, wobble=1.5)
    stake = flat_stake(side=-1, leverage=4.0, maintenance=0.005)
    question = OddsQuestion(stake=stake, model=model, horizon=Horizon(days=MONTH))
    odds = simulate_odds(question, paths=30_000, seed=SEED)
    random = np.random.default_rng(5)
    steps, paths = 240, 4_000
    step = MONTH / 365.0 / steps
    variance = np.full(paths, 0.36)
    clock = np.zeros(paths)
    left = math.exp(-model.reversion * step)
    scale = model.wobble**2 * (1.0 - left) / (4.0 * model.reversion)
    freedom = 4.0 * model.reversion * model.long_run**2 / model.wobble**2
    for _ in range(steps):
        after = scale * random.noncentral_chisquare(freedom, variance * left / scale)
        clock += 0.5 * (variance + after) * step
        variance = after
    barrier = math.log(stake.liquidation_price())
    given = [math.exp(log_touch(barrier, -0.5, 1.0, time)) for time in clock.tolist()]
    error = math.hypot(odds.standard_error, float(np.std(given)) / math.sqrt(paths))
    assert abs(odds.probability - float(np.mean(given))) < 4.0 * error


def test_one_jump_beyond_the_level_is_death_and_jumps_are_a_poisson_process() -> None:
    stake = flat_stake(side=-1, leverage=5.0, maintenance=0.005)
    jumps = Jumps(volatility=0.0, per_year=12.0, mean=0.5, deviation=0.0, drift=8.0)
    question = OddsQuestion(
        stake=stake, model=jumps, horizon=Horizon(days=MONTH, monitor_hours=1.0)
    )
    odds = simulate_odds(question, paths=30_000, seed=SEED)
    exact = -math.expm1(-12.0 * MONTH / 365.0)
    assert abs(odds.probability - exact) < 4.0 * odds.standard_error
    median = -math.log1p(-exact / 2.0) / 12.0 * 365.0
    assert odds.median_days == pytest.approx(median, rel=0.05)


def test_jumps_leave_the_expected_price_where_the_drift_puts_it() -> None:
    """The odds of ending beyond a level once, at the end: a Poisson mixture of normal laws."""
    jumps = Jumps(volatility=0.5, per_year=20.0, mean=-0.03, deviation=0.06, drift=0.3)
    stake = flat_stake(side=-1, leverage=10.0, maintenance=0.005)
    question = OddsQuestion(
        stake=stake, model=jumps, horizon=Horizon(days=MONTH, monitor_hours=24.0 * MONTH)
    )
    odds = simulate_odds(question, paths=40_000, seed=SEED)
    years, level = MONTH / 365.0, math.log(stake.liquidation_price())
    exact = 0.0
    for count in range(40):
        mean = jumps.log_drift * years + count * jumps.mean
        spread = math.sqrt(jumps.volatility**2 * years + count * jumps.deviation**2)
        weight = math.exp(-20.0 * years) * (20.0 * years) ** count / math.factorial(count)
        exact += weight * 0.5 * math.erfc((level - mean) / spread / math.sqrt(2.0))
    assert abs(odds.probability - exact) < 4.0 * odds.standard_error


def a_tier(floor: float, cap: float, rate: float, amount: float) -> MarginTier:
    return MarginTier(
        floor=Decimal(str(floor)),
        cap=Decimal(str(cap)),
        rate=Decimal(str(rate)),
        amount=Decimal(str(amount)),
        max_leverage=Decimal(20),
    )


LADDER = (
    a_tier(0, 40_000, 0.005, 0),
    a_tier(40_000, 60_000, 0.02, 600),
    a_tier(60_000, 1e9, 0.1, 5_400),
)
RECORD = np.random.default_rng(3).standard_t(4, 400) * 0.012


def terms(method: str, symbol: str, slope: str = "0") -> MarginTerms:
    settle = symbol.rsplit(":", maxsplit=1)[1]
    return MarginTerms(
        symbol=symbol,
        asset="BTC",
        settle=settle,
        inverse=settle == "BTC",
        tiers=LADDER if method == "brackets" else (a_tier(0, 1e9, 0.02, 0),),
        rule=MarginRule(method=method, slope=Decimal(slope)),
    )


LINEAR, INVERSE = "BTC/USDT:USDT", "BTC/USD:BTC"
STAKES = {
    "brackets, short": Stake(
        position=Position(terms=terms("brackets", LINEAR), size=-1.0, entry=50_000.0),
        deposit=6_000.0,
    ),
    "brackets, long, away from its entry": Stake(
        position=Position(terms=terms("brackets", LINEAR), size=1.2, entry=48_000.0, mark=50_000.0),
        deposit=4_000.0,
    ),
    "coins behind a short": Stake(
        position=Position(terms=terms("brackets", LINEAR), size=-1.0, entry=50_000.0),
        deposit=500.0,
        coins=0.5,
    ),
    "more coins than the short, and a debt": Stake(
        position=Position(terms=terms("brackets", LINEAR), size=-0.5, entry=50_000.0),
        deposit=-20_000.0,
        coins=1.0,
    ),
    "frozen at the entry": Stake(
        position=Position(terms=terms("entry_brackets", LINEAR), size=-1.0, entry=50_000.0),
        deposit=6_000.0,
    ),
    "rate by size": Stake(
        position=Position(terms=terms("size_tiers", LINEAR), size=1.0, entry=50_000.0),
        deposit=6_000.0,
    ),
    "rate that rises with coins": Stake(
        position=Position(terms=terms("size_slope", LINEAR, "0.01"), size=-1.0, entry=50_000.0),
        deposit=6_000.0,
    ),
    "inverse long": Stake(
        position=Position(terms=flat_terms(0.01, symbol=INVERSE), size=50_000.0, entry=50_000.0),
        deposit=0.12,
    ),
    "inverse short": Stake(
        position=Position(terms=flat_terms(0.01, symbol=INVERSE), size=-50_000.0, entry=50_000.0),
        deposit=0.12,
    ),
    "inverse long, rate that rises with coins": Stake(
        position=Position(terms=terms("size_slope", INVERSE, "0.01"), size=5e4, entry=5e4),
        deposit=0.15,
    ),
    "inverse short, rate that rises with coins": Stake(
        position=Position(terms=terms("size_slope", INVERSE, "0.01"), size=-5e4, entry=5e4),
        deposit=0.15,
    ),
}
RESERVES = {
    "no reserve": None,
    "a slow reserve": Reserve(amount=0.1, top_up_below=0.06, top_up_to=0.12, transfer_hours=5.0),
    "a reserve at hand": Reserve(amount=0.2, top_up_below=0.05, top_up_to=0.08, transfer_hours=0.0),
}


@pytest.mark.parametrize("reserve", RESERVES)
@pytest.mark.parametrize("stake", STAKES)
def test_every_lane_is_the_account_walked_by_hand(stake: str, reserve: str) -> None:
    account, cash = STAKES[stake], RESERVES[reserve]
    if cash is not None:
        worth = account.position.notional()
        cash = Reserve(
            amount=cash.amount * worth,
            top_up_below=cash.top_up_below,
            top_up_to=cash.top_up_to,
            transfer_hours=cash.transfer_hours,
        )
    funding = FundingPath(interval_hours=8.0, level=0.002)
    steps, block = 72, 24
    question = OddsQuestion(
        stake=account,
        model=History(returns=RECORD, block=block),
        horizon=Horizon(days=steps / 24.0, monitor_hours=1.0),
        reserve=cash,
        funding=funding,
    )
    odds = simulate_odds(question, paths=40, seed=SEED)
    for lane in range(odds.paths):
        log = math.log(account.position.price)
        prices = [account.position.price]
        for step in range(steps):
            if step % block == 0:
                begin = math.floor(drawn(SEED, 0, lane, step) * RECORD.size)
            log += float(RECORD[(begin + step % block) % RECORD.size])
            prices.append(math.exp(log))
        fate = walked(account, prices, reserve=cash, funding=funding)
        died = odds.died[lane] * 24.0
        assert (None if math.isnan(died) else round(died)) == fate.died
        assert odds.need[lane] == pytest.approx(fate.need, rel=1e-9, abs=1e-9)
        assert odds.sent[lane] == pytest.approx(fate.sent, rel=1e-9, abs=1e-9)


def test_the_walks_by_hand_see_deaths_and_top_ups() -> None:
    question = OddsQuestion(
        stake=STAKES["brackets, short"],
        model=History(returns=RECORD),
        horizon=Horizon(days=3.0, monitor_hours=1.0),
        reserve=Reserve(amount=5_000.0, top_up_below=0.06, top_up_to=0.12, transfer_hours=5.0),
    )
    odds = simulate_odds(question, paths=40, seed=SEED)
    assert 0.1 < odds.probability < 0.9
    assert (odds.sent > 0.0).any()


def busy() -> OddsQuestion:
    return OddsQuestion(
        stake=flat_stake(side=-1, leverage=6.0, maintenance=0.005),
        model=Jumps(volatility=0.8, per_year=50.0, mean=0.01, deviation=0.03),
        horizon=Horizon(days=20.0),
        reserve=Reserve(amount=0.1, transfer_hours=3.0),
        funding=FundingPath(interval_hours=8.0, level=1e-4, deviation=1e-4, correlation=0.3),
    )


def test_an_answer_depends_on_the_seed_and_on_nothing_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first = simulate_odds(busy(), paths=3_000, seed=SEED)
    monkeypatch.setattr(odds_paths, "CHUNK", 317)
    second = simulate_odds(busy(), paths=3_000, seed=SEED, workers=2)
    for name in ("died", "need", "sent"):
        np.testing.assert_array_equal(getattr(first, name), getattr(second, name))
    other = simulate_odds(busy(), paths=3_000, seed=SEED + 1)
    assert not np.array_equal(first.need, other.need)


@pytest.mark.parametrize("workers", [1, 2])
def test_an_interruption_ends_it_before_all_is_done(workers: int) -> None:
    shares: list[float] = []

    def tell(share: float) -> None:
        shares.append(share)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        simulate_odds(busy(), paths=100_000, seed=SEED, workers=workers, tell=tell)
    assert shares == [1.0 / math.ceil(100_000 / odds_paths.CHUNK)]


def test_without_top_ups_the_need_alone_says_who_dies() -> None:
    for monitor_hours in (0.0, 4.0):
        question = a_question(monitor_hours=monitor_hours)
        odds = simulate_odds(question, paths=4_000, seed=SEED)
        np.testing.assert_array_equal(np.isfinite(odds.died), odds.need > question.stake.deposit)


def test_the_deposit_for_given_odds_has_these_odds() -> None:
    question = a_question()
    odds = simulate_odds(question, paths=4_000, seed=SEED)
    deposit = odds.deposit_for(0.05)
    enough = OddsQuestion(
        stake=question.stake.with_deposit(deposit * (1.0 + 1e-12)),
        model=question.model,
        horizon=question.horizon,
    )
    assert simulate_odds(enough, paths=4_000, seed=SEED).probability <= 0.05
    assert deposit == simulated_deposit(question, 0.05, paths=4_000, seed=SEED)


def test_a_reserve_makes_a_smaller_deposit_do() -> None:
    question = busy()
    alone = OddsQuestion(
        stake=question.stake,
        model=question.model,
        horizon=question.horizon,
        funding=question.funding,
    )
    without = simulated_deposit(alone, 0.02, paths=2_000, seed=SEED)
    with_reserve = simulated_deposit(question, 0.02, paths=2_000, seed=SEED)
    assert without - 0.1 < with_reserve < without


def test_a_longer_transfer_never_helps() -> None:
    odds = [
        simulate_odds(
            OddsQuestion(
                stake=busy().stake,
                model=busy().model,
                horizon=Horizon(days=20.0, monitor_hours=1.0),
                reserve=Reserve(amount=0.1, transfer_hours=hours),
            ),
            paths=3_000,
            seed=SEED,
        ).probability
        for hours in (0.0, 4.0, 48.0)
    ]
    assert all(sooner < later for sooner, later in pairwise(odds))


def test_steady_funding_drains_a_steady_price_to_the_day() -> None:
    """Deposit 0.2, maintenance 0.005, 0.0066 paid a settlement: the 30th is one too many."""
    question = OddsQuestion(
        stake=flat_stake(side=-1, leverage=5.0, maintenance=0.005),
        model=Diffusion(volatility=0.0),
        horizon=Horizon(days=MONTH, monitor_hours=1.0),
        funding=FundingPath(interval_hours=8.0, level=-0.0066),
    )
    odds = simulate_odds(question, paths=3, seed=SEED)
    assert odds.died.tolist() == [10.0, 10.0, 10.0]


def test_funding_settled_within_one_look_is_paid_together() -> None:
    hourly = FundingPath(interval_hours=1.0, level=-0.0066 / 8.0)
    question = OddsQuestion(
        stake=flat_stake(side=-1, leverage=5.0, maintenance=0.005),
        model=Diffusion(volatility=0.0),
        horizon=Horizon(days=MONTH, monitor_hours=8.0),
        funding=hourly,
    )
    assert simulate_odds(question, paths=1, seed=SEED).died[0] == 10.0


def test_an_account_dead_at_the_start_dies_at_once() -> None:
    position = Position(terms=flat_terms(0.01), size=-1.0, entry=100.0, mark=130.0)
    question = OddsQuestion(
        stake=Stake(position=position, deposit=20.0),
        model=Diffusion(volatility=0.5),
        horizon=Horizon(days=1.0, monitor_hours=1.0),
    )
    odds = simulate_odds(question, paths=5, seed=SEED)
    assert odds.died.tolist() == [0.0] * 5
    closed = odds_of_liquidation(question.stake, Diffusion(volatility=0.5), question.horizon)
    assert closed.probability == 1.0
    assert closed.median_days == 0.0


def test_the_cash_needed_is_what_the_deposit_lacks() -> None:
    odds = simulate_odds(a_question(leverage=10.0), paths=4_000, seed=SEED)
    assert odds.cash_quantile(0.5) == np.quantile(odds.cash_needed, 0.5, method="higher")
    assert odds.cash_shortfall(0.99) >= odds.cash_quantile(0.99) > odds.cash_quantile(0.5) > 0.0
    assert odds.cash_shortfall(0.99) == pytest.approx(np.sort(odds.cash_needed)[-40:].mean())


def test_what_does_not_fit_the_steps_is_refused() -> None:
    question = OddsQuestion(
        stake=busy().stake,
        model=Diffusion(volatility=0.5),
        horizon=Horizon(days=1.0, monitor_hours=3.0),
        funding=FundingPath(interval_hours=8.0, level=1e-4),
    )
    with pytest.raises(ConfigError, match="funding every 8 h does not fit looks every 3 h"):
        simulate_odds(question, paths=1)
    with pytest.raises(ConfigError, match="recorded returns are of 1 h"):
        simulate_odds(
            OddsQuestion(
                stake=busy().stake,
                model=History(returns=RECORD),
                horizon=Horizon(days=1.0, monitor_hours=8.0),
            ),
            paths=1,
        )
    with pytest.raises(ConfigError, match="at least one path"):
        simulate_odds(busy(), paths=0)
    with pytest.raises(ConfigError, match=r"paths = 20,000,001: .* write 20,000,000 at most"):
        simulate_odds(busy(), paths=20_000_001)
