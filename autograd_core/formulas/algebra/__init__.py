"""Expressions on paper: sums of products, put into normal form, made shorter, evaluated and written out.

expressions  the data types: expressions and their atoms, of numbers and of arrays
normal_form  arithmetic in normal form: coefficients in front, equal terms added up
by_elements  the same arithmetic for arrays, element by element
shortened    sums multiplied out where that is shorter
shares       the shares of a softmax, joined
rolling      terms that differ in an index only, as a sum with Σ
writer       an expression as text and as LaTeX
evaluation   the number that an expression evaluates to
"""
