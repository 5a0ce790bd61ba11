"""The loop, twice: `desk` event by event, `lanes` compiled over many books at once."""
