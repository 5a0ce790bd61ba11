"""Who pays when a position goes bankrupt: insurance, the winners, everybody."""
