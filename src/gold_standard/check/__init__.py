"""Judges a repository by the two standards, with evidence: Heil et al. 2021 and MIDL (Simkó 2024)."""
