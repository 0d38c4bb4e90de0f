"""How mathematics is written, as text and as LaTeX in one, whatever it is about.

written     both in one, and how tightly they hold together
letters     names
operations  numbers, signs and functions
rows        lines of LaTeX that are not wider than a page
"""
