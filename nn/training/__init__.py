"""Training: `fit`, and what it consists of.

fit           the arguments, checked
sanity        what is tried out before the first step, and looked at after the last one
run           the loop over epochs and minibatches, and its state
steps         one minibatch: its cost and gradient
descent       many of them, with the optimizer's rule, in one piece of machine code
optimizers    the rules by which parameters move
history       what was seen, epoch by epoch
checkpoints   runs in files
sameness      digests of functions, by which a resumed run knows its own
"""
