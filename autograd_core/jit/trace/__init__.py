"""One run of a function on Values that stand for whatever numbers it will be called with.

tracer           what the engine asks while a function is traced;  run: the run as the tracer's parts see it
lanes            vmap: one run for all points;  branches: the ways through a mapped function
conditions       comparisons that are not decided yet;  bool_arrays: many of them
gated_gradients  what arrives under a condition;  lazy_arrays: arrays that make elements when asked
evaluation       what the nodes of the graph are at a call's numbers;  source_lines: where the user's code asked
"""
