"""What the study computes: pure functions, one module per step; seeding.py deals out randomness."""
