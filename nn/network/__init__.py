"""Networks: layers and what they consist of, losses, and networks in files.

module, layers   parameters, neurons, layers, networks;  activations, initialization: their g, and where they start
dropout          a layer that drops some of its inputs while a network learns
losses           how far an output is from its target
storage          networks in files
"""
