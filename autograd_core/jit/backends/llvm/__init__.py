"""Programs as machine code, by LLVM.

executable    the plan of a program, span after span;  spans: in blocks, in threads;  table: the stages' arguments
native        a loop in memory;  kernel: its text;  schedule: the order of its steps;  elementwise: loops of few steps
block_driver  kernels over blocks of points;  sequence: stage after stage;  repetition: all of them again and again
matmul        products of matrices;  blas: large ones
instructions  the selection of instructions;  functions: what is called;  callbacks: ops that Python computes
ir_text       LLVM's language;  target: the machine
"""
