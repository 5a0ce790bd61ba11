"""What a chain says of itself."""

from dataclasses import replace

import numpy as np

from hedgerow.market.chain import sample_chain


def test_a_chain_is_shown_in_one_line() -> None:
    chain = sample_chain()
    assert repr(chain) == "Chain(6 quotes on BTC, 1 expiry to come, at 2022-01-08T00:00:00Z)"
    none = chain.rows(np.zeros(6, dtype=np.bool_))
    assert repr(none) == "Chain(0 quotes, 0 expiries to come, at 2022-01-08T00:00:00Z)"
    assert repr(chain.rows(np.array([0]))).startswith("Chain(1 quote on BTC, 1 expiry")


def test_of_many_coins_a_few_are_named() -> None:
    chain = sample_chain()
    many = replace(chain, underlying=np.array(["A", "B", "C", "D", "E", "F"]))
    assert "6 quotes on A, B, C, D, E and 1 more, 1 expiry" in repr(many)
