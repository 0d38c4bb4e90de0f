"""One call of a compiled function: from its arguments to its result.

function        what `jit` returns: calls sorted by kind;  settings: what it was made with
signature       how a call's arguments are read;  parameters: what it is a function of;  contents: keys of objects
arguments       flat sources, and what makes two calls alike;  results: from flat sinks to results
variants        the programs of calls of one kind, one a way through the function;  variant: one of them
decision_tree   which of them a call takes;  recording: the run of one that was not met before
batch           many points;  scan: call after call
fast_call       the shortest way for one point;  uncompiled: the function itself
differentiable  results that are Values;  check_finite: which step gave inf or nan
"""
