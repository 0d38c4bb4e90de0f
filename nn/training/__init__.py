"""Training: `fit`, and what it consists of.

fit          the arguments, checked and tried out;  symptoms: what has gone wrong at the end
run          the loop over epochs and minibatches;  interrupts, progress: Ctrl-C and a bar meanwhile
descent      many steps in one piece of machine code;  steps: one of them;  watch: whether they may be compiled at all
optimizers   how a step is taken
history      what was seen
checkpoints  runs in files;  sameness: whether a function is the one of another process
"""
