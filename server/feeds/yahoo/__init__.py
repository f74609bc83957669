"""Shares, funds and coins of Yahoo Finance, through yfinance."""
