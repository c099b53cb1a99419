"""The parts of `sizes.py`: which networks are trained, how few of them hold every pair of settings, what is asked of
each, where the time of the slowest goes, and the picture.
"""
