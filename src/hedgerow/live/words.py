"""What people are told, in words with numbers and a way out."""

from hedgerow.engine.commands import Alert, Concern
from hedgerow.execution.effects import Notice
from hedgerow.live.setup import Setup


def alert_notice(setup: Setup, alert: Alert) -> Notice:
    """Return what an alert of the engine's desk tells a person."""
    match alert.concern:
        case Concern.UNMET:
            account = setup.terms.accounts[alert.place]
            text = (
                f"{account.name}: a margin call of {alert.amount:,.2f} {account.collateral} "
                "cannot be met by the reserve; send collateral or make the hedge smaller"
            )
            return Notice(level="critical", topic="margin-unmet", text=text)
        case Concern.BREACH:
            account = setup.terms.accounts[alert.place]
            text = (
                f"{account.name}: equity is below maintenance by {-alert.amount:.2%} of notional; "
                "the venue may liquidate at any moment; send collateral"
            )
            return Notice(level="critical", topic="headroom", text=text)
        case Concern.CAPPED:
            listing = setup.listings[alert.place]
            text = (
                f"{listing.symbol} at {listing.venue}: {abs(alert.amount):g} lots less were "
                "ordered than the policy asks for, as the account's equity opens no more; send "
                "collateral or lower the ratio"
            )
            return Notice(level="warning", topic="margin-reduce", text=text)
