"""What people type and see; no rule of the domain."""
