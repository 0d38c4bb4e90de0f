"""Programs as text of a programming language.

writer  what all of them have in common;  python: which runs it;  c: C11, and a compiler for it
"""
