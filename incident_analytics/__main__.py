"""``python -m incident_analytics``."""

from .cli import main

if __name__ == "__main__":
    main()
