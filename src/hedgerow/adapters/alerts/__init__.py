"""Carriers of alerts to people."""
