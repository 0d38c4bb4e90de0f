"""Data to learn from.

datasets   data that need no network: scikit-learn's, drawn ones, MNIST's files
samples    rows and targets as training wants them, checked
"""
