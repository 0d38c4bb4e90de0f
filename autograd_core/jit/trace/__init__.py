"""Tracing: one run of a function on Values that stand for the numbers of any call.

tracer           the tracer, which the engine consults while a function runs;  run: its interface for the other modules
lanes            vmap: one run for all points;  branches: the ways through a mapped function, joined by `where`
conditions       comparisons that are not decided yet;  bool_arrays: arrays of conditions
gated_gradients  gradients under a condition;  lazy_arrays: arrays that make elements on demand
evaluation       the nodes' numbers in a call;  source_lines: the user's line of a comparison
"""
