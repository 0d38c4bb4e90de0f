"""Source backends: programs as text of a programming language, a module each.

writer  the order of lines, which all languages share;  python: run by exec;  c: C11, run through a C compiler,
c_names: the names that C has already;  javascript: run through node, functions.js: what JavaScript lacks
"""
