"""The edges at which facts are gathered; each answers with what it could see and raises nothing that a fault causes."""
