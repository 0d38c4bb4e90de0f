"""Programs as machine code, by LLVM.

executable   the kernels of a program and their loops;  matrix_executable: with products of matrices
native       a kernel in memory;  kernel: its text;  schedule: the order of its steps;  elementwise: short loops
loops        over points, in threads;  block_driver: over blocks of points;  sequence: stage after stage
matmul       products of matrices;  blas: large ones
target       the machine;  ir_text: LLVM's language;  callbacks: ops that Python computes
"""
