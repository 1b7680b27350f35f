"""What the raw file holds: the class to predict, and the columns from which it is predicted.

The names stand in the file's first line; where none are there, the order of FEATURES counts.
"""

LABEL = "class"  # the column with the class of a row
CLASSES = {"malignant": "0", "benign": "1"}  # what stands there; first the one to be found
POSITIVE, NEGATIVE = CLASSES  # in our own tables the column of the first is 1 or 0

# The order is that of scikit-learn's description of the data set (sklearn/datasets/descr). Each of
# ten properties of the nuclei comes as mean, standard error and worst (mean of the three largest).
# ASSUME: lengths are in units of the digitised image; the source names no physical unit.
UNITS = {
    "radius": "image units",
    "texture": "grey levels",
    "perimeter": "image units",
    "area": "square image units",
    "smoothness": "dimensionless",
    "compactness": "dimensionless",
    "concavity": "dimensionless",
    "concave_points": "dimensionless",
    "symmetry": "dimensionless",
    "fractal_dimension": "dimensionless",
}

FEATURES = [f"{kind}_{name}" for kind in ("mean", "error", "worst") for name in UNITS]
LEAST = 0  # no measurement is smaller; float("-inf") if yours may be
