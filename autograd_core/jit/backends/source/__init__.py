"""Source backends: programs as text of a programming language.

writer  the order of lines, which all languages share;  python: Python source, run by exec;  c: C11, and a C compiler,
c_names: the names that C has already
"""
