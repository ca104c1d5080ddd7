"""Entities: profiles, lists, leaders and reserve, neighbourhoods."""
