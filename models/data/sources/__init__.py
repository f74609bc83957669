"""Files of bars, of any shape that is declared here, to one table; what cannot be known is refused.

`reader` is the way in, `shapes` the list of what is known, `reading` what was understood.
"""
