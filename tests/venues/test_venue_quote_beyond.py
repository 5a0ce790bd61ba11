"""A feed quotes by request also what it was not opened for: the coin that fees are paid in."""

import asyncio

import pytest
from on_loopback import opened

from fake_venue.binance import BinanceServer
from hedgerow.execution.port import Refused

BTC, ETH, BNB = "BTC/USDT:USDT", "ETH/USDT:USDT", "BNB/USDT:USDT"


def test_a_symbol_beside_its_own_is_quoted_and_not_traded() -> None:
    async def run() -> None:
        async with BinanceServer() as venue, opened(venue, BTC) as desk:
            venue.pulse(0.05)
            quote = await desk.feed.quote(ETH)
            assert quote.symbol == ETH
            assert (quote.mark or quote.bid or 0.0) > 0.0
            assert set((await desk.account.facts([BTC])).listings) == {BTC}

    asyncio.run(run())


def test_one_that_the_venue_does_not_list_is_refused_by_name() -> None:
    async def run() -> None:
        async with BinanceServer() as venue, opened(venue, BTC) as desk:
            with pytest.raises(Refused, match="BNB/USDT:USDT is not traded there"):
                await desk.feed.quote(BNB)

    asyncio.run(run())
