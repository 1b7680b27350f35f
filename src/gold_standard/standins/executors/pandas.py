"""Stand-in for pandas: the executor for Slurm imports it for a report that no study asks for.

The real one brings NumPy and 80 MB, and each job on a cluster would load both twice.
"""
