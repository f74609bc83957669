"""What live feeds cost, and days of them in which much goes wrong."""
