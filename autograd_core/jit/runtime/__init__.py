"""What machine code and its callers need of a process, whatever is computed.

memory       blocks of numbers;  row_batches: rows of an array, taken when they are needed
once         made once and kept;  cached: properties that are computed once
forking      forks in the middle of all that;  collector: no garbage collection meanwhile
"""
