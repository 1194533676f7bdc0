"""docs/methods.md is what the code says."""

from __future__ import annotations

from tools import method_table


def test_the_page_is_up_to_date() -> None:
    assert method_table.main(["--check"]) == 0


def test_the_table_tells_what_is_served_from_what_is_not() -> None:
    methods = method_table.methods()
    assert len(methods) == 130
    assert method_table.is_served(methods["insert"])
    assert method_table.is_served(methods["create_schema"])
    assert method_table.is_served(methods["transfer_replica"])
    assert method_table.is_served(methods["refresh_external_collection"])
    assert not method_table.is_served(methods["get_replicate_info"])
    assert not method_table.is_served(methods["dump_messages"])


def test_the_table_tells_what_a_server_is_asked() -> None:
    methods = method_table.methods()
    assert method_table.is_served(methods["transfer_replica"], remotely=True)
    assert method_table.is_served(methods["explain"], remotely=True)
    assert not method_table.is_served(methods["dump_messages"], remotely=True)
    assert method_table.is_served(methods["watch"], remotely=True)
    assert method_table.is_served(methods["refresh_external_collection"], remotely=True)
