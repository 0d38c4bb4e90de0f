"""Mathematical notation, as text and as LaTeX at once, whatever it is about.

written     a piece of notation and its precedence
letters     names
operations  numbers, signs and functions
rows        LaTeX in rows that are not wider than a page
"""
