"""Crypto exchanges through ccxt."""
