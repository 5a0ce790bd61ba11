"""What a desk last heard of the market."""

from dataclasses import dataclass

from hedgerow.engine.events import MarketClosed, MarketOpened, Quote


@dataclass(frozen=True, slots=True, kw_only=True)
class Market:
    """The last indices, quotes and worths, in the order of the terms' legs and assets."""

    index: tuple[float, ...] = ()
    mark: tuple[float, ...] = ()  # at the open
    worth: tuple[float, ...] = ()
    quotes: tuple[Quote, ...] = ()

    def opened(self, event: MarketOpened) -> "Market":
        """Return what is known after an open."""
        return Market(index=event.index, mark=event.mark, worth=event.worth, quotes=self.quotes)

    def closed(self, event: MarketClosed) -> "Market":
        """Return what is known after a close."""
        index = tuple([quote.index_price for quote in event.quotes])
        return Market(index=index, mark=self.mark, worth=event.worth, quotes=event.quotes)
