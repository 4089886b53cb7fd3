"""One module per incident source. The folder is the registry: a module put here is found, nothing lists it.

``_contract.py`` one folder up says what a module must offer. Modules whose name begins with ``_`` are not sources.
"""
