"""From program to program.

simplify  smaller ones with the same results, bit by bit
confine   gradients of single points stay with them
lower     every op in what machines have
"""
