"""The llvm backend: programs as machine code, by LLVM.

executable    the plan of a program, span after span;  spans: in blocks, in threads;  table: the tasks' arguments
native        a loaded kernel;  kernel: its text;  schedule: the order of its steps;  elementwise: loops of few steps
block_driver  kernels over blocks of points;  sequence: task after task;  repetition: a span many times
matmul        products of matrices;  blas: large ones
instructions  the selection of instructions;  functions: addresses to call;  callbacks: ops that Python computes
ir_text       a builder of LLVM's IR;  target: the machine
"""
