"""The runtime: the memory, locks and caches of a process that machine code and its callers need.

memory       blocks of numbers;  row_batches: rows of an array, gathered on demand
once         functions memoised for good;  cached: memoised properties
forking      locks that are safe in forked children;  collector: pauses of the garbage collector
"""
