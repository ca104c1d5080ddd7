"""Stores: where a graph can be put and asked — the Store protocol, files, KGLite, Neo4j."""
