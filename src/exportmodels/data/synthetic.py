"""What is said of firms that were drawn, wherever they are shown."""

from .figures import SOURCE

SYNTHETIC = "synthetic-"
"""What the names of drawn firms begin with, so that a file of them says what they are."""

NOTE = (
    "Synthetic: drawn by exportmodels.data.synthetic_flanders to agree with figures published in the source, no firm's "
    "answers. Source of the figures: " + SOURCE
)
