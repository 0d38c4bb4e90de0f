"""Figures of networks and of training, by matplotlib, which is loaded when one is asked for.

They are plain `matplotlib.figure.Figure` objects: no window opens and no global state is touched.

curves     what was learned, and how fast
sketch     the classic drawing of a network
figures    empty figures, and figures in files
"""

from .curves import curve_fit, decision_boundary, grid_of_scores, learning_curve
from .figures import as_svg, figure_of, saved

__all__ = ["as_svg", "curve_fit", "decision_boundary", "figure_of", "grid_of_scores", "learning_curve", "saved"]
