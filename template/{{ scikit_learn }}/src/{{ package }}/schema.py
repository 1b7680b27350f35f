"""What the raw file holds: its classes and its 30 columns, which the file itself does not name.

The order is that of scikit-learn's description of the data set (sklearn/datasets/descr).
Each of ten properties of the nuclei in an image comes as mean, standard error and worst value
(the mean of the three largest).
"""

CLASSES = ("malignant", "benign")  # The file codes a class by its place here: malignant is 0.

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
