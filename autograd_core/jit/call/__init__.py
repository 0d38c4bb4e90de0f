"""One call of a compiled function: from its arguments to its result.

function        the compiled function, which dispatches calls by their cache key;  settings: its options
signature       reads a call's arguments;  parameters: their names, and bound objects;  contents: keys of objects
arguments       flat sources and the cache key of a call;  results: from flat sinks to results
variants        programs specialised by the outcomes of guards, for calls of one kind;  variant: one of them
decision_tree   finds the variant of a call by its guards;  recording: a trace, for calls that no variant fits
batch           many points;  scan: call after call
fast_call       generated code for one point;  uncompiled: the function itself
differentiable  results that are Values;  check_finite: the step that gave inf or nan
"""
