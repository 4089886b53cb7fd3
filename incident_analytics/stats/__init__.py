"""Numbers that know nothing of incidents: intervals, and later whatever else needs only arrays and keys."""
