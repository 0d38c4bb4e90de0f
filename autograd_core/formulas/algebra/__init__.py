"""Expressions on paper: sums of products, put into normal form, made shorter, evaluated and written out.

expressions  what they are made of, numbers and arrays
normal_form  numbers in front, equal terms together;  by_elements: the same of arrays
shortened    multiplied out where that is shorter
shares       the shares that softmax is made of, joined
rolling      terms that differ in an index only, as a sum with Σ
writer       as text and LaTeX
evaluation   the number that an expression comes to
"""
