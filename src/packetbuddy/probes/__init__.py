"""The only room that asks the machine: counters, routes, clocks, identities, power."""
