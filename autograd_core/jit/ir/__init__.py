"""The program of a traced function, which all that follows is about.

program   steps in single assignment, their inputs and outputs, guards;  listing: its text in a notebook
lane_ops  the ops by which numbers enter and leave the lanes of a batch
"""
