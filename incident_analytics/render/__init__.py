"""Notebook to document: run a notebook with papermill, make an offline page of it with nbconvert.

Nothing here knows what a notebook says. Everything in a notebook's outputs is treated as hostile.
"""
