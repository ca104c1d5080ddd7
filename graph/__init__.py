"""The graph room: schema, journal, tables, snapshot and stores; imports no other room."""
