"""The frame of live feeds: a source declares what it is, the frame does the rest.

A source is one folder beside this one: settings, a thin client, and a class that is a
`server.feeds.live.source.LiveSource`. History before live, back-fill after gaps, the cache, closing
by the clock, corrections, back-off and limits are the frame's.
"""
