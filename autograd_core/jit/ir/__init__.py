"""The intermediate representation: the program of a traced function, from which all later stages work.

program     steps in single assignment, their inputs and outputs, guards;  listing: its text in a notebook
from_graph  a graph as a program
lane_ops    the ops by which numbers enter and leave the lanes of a batch
primitives  the ops that machines have
"""
