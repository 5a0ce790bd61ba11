"""An exchange in this process: accounts, orders, fees, funding, margin and liquidation."""
