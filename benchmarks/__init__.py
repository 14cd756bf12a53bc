"""The figures of the design, measured as ratios in one run: `python -m benchmarks`.

Each file with a `measure` function is one benchmark; `__main__` lists them. A figure that falls short is
printed as it is.
"""
