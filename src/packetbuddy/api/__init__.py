"""The REST API and the dashboard's server: awake only while somebody asks."""
