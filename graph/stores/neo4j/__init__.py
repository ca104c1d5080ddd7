"""Neo4j: publish the difference, read it back, ask in Cypher."""
