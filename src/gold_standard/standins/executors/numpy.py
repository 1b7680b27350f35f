"""Stand-in for NumPy: the executor for Slurm imports it for a report that no study asks for."""
