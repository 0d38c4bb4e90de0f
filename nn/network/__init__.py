"""Networks: layers and what they consist of, losses, and networks in files.

module           parameters, and modules that have some
initialization   the distributions that parameters are first drawn from
activations      ops of one input, by name
layers           neurons, layers, multilayer perceptrons
dropout          a layer that drops some of its inputs while a network learns
losses           the distance of an output from its target
storage          networks in files
"""
