"""Stand-ins for the parts behind the ports that no adapter offers as a fake."""
