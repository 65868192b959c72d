"""The pages and passages that are written by the build from the registry."""
