"""Sources of bars, one file each, behind the protocol in `server.feeds.base`."""
