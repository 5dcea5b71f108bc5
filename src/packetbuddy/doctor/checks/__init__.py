"""Pure rules, from facts to findings; one file for each thing that can be wrong."""
