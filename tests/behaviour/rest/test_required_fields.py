"""Which fields each route of Milvus' REST API can't do without."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.behaviour.rest.conftest import Rest

REQUIRED = """
collections/list
collections/has collectionName
collections/describe collectionName
collections/get_stats collectionName
collections/get_load_state collectionName
collections/create
collections/drop collectionName
collections/truncate collectionName
collections/rename collectionName newCollectionName
collections/load collectionName
collections/refresh_load collectionName
collections/release collectionName
collections/alter_properties collectionName
collections/drop_properties collectionName
collections/add_function collectionName function
collections/alter_function collectionName functionName function
collections/drop_function collectionName unctionName
collections/add_function_field collectionName function outputField
collections/drop_function_field collectionName functionName
collections/compact collectionName
collections/get_compaction_state
collections/flush collectionName
collections/fields/add collectionName schema
collections/fields/drop collectionName
collections/fields/alter_properties collectionName fieldName
collections/struct_fields/add collectionName schema
databases/create dbName
databases/drop dbName
databases/list
databases/describe dbName
databases/alter dbName
databases/alter_properties dbName
databases/drop_properties dbName
entities/insert collectionName data
entities/upsert
entities/delete collectionName filter
entities/get collectionName id
entities/query collectionName
entities/search
entities/hybrid_search
entities/advanced_search
partitions/list collectionName
partitions/has collectionName partitionName
partitions/get_stats collectionName partitionName
partitions/create collectionName partitionName
partitions/drop collectionName partitionName
partitions/load collectionName partitionNames
partitions/release collectionName partitionNames
aliases/list
aliases/describe aliasName
aliases/create collectionName aliasName
aliases/alter collectionName aliasName
aliases/drop aliasName
indexes/list collectionName
indexes/describe collectionName indexName
indexes/create collectionName indexParams
indexes/drop collectionName indexName
indexes/alter_properties collectionName indexName
indexes/drop_properties collectionName indexName
users/list
users/describe userName
users/create userName password
users/update_password userName
users/drop userName
users/grant_role userName roleName
users/revoke_role userName roleName
roles/list
roles/describe roleName
roles/create roleName
roles/alter roleName
roles/drop roleName
roles/grant_privilege roleName objectType objectName privilege
roles/revoke_privilege roleName objectType objectName privilege
roles/grant_privilege_v2 roleName privilege
roles/revoke_privilege_v2 roleName privilege
privilege_groups/create privilegeGroupName
privilege_groups/drop privilegeGroupName
privilege_groups/list
privilege_groups/add_privileges_to_group privilegeGroupName
privilege_groups/remove_privileges_from_group privilegeGroupName
resource_groups/create name
resource_groups/drop name
resource_groups/alter resource_groups
resource_groups/describe name
resource_groups/list
resource_groups/transfer_replica sourceRgName targetRgName collectionName replicaNum
file_resources/add name path
file_resources/remove name
file_resources/list
jobs/import/create collectionName files
jobs/import/list
jobs/import/describe jobId
jobs/import/get_progress jobId
jobs/import/commit jobId
jobs/import/abort jobId
jobs/snapshot/restore_external targetCollectionName snapshotMetadataURI
jobs/snapshot/export collectionName snapshotName Path
jobs/snapshot/describe jobId
jobs/snapshot/list
jobs/external_collection/refresh collectionName
jobs/external_collection/describe jobId
jobs/external_collection/list
segments/describe
quotacenter/describe
common/run_analyzer text
"""
"""A route and its fields; of the others none is needed, whatever an answer then is."""
TABLE = {route: fields for route, *fields in map(str.split, REQUIRED.strip().splitlines())}
PLAUSIBLE: dict[str, object] = {
    "data": [{}],
    "files": [["a.json"]],
    "function": {"name": "f", "type": "BM25"},
    "id": 1,
    "indexParams": [{"fieldName": "x", "indexName": "y"}],
    "outputField": {"fieldName": "a", "dataType": "Int64"},
    "partitionNames": ["x"],
    "replicaNum": 1,
    "resource_groups": {},
    "schema": {"fieldName": "a", "dataType": "Int64"},
    "search": [{"data": []}],
    "text": ["x"],
}


def test_the_table_has_all_routes() -> None:
    assert len(TABLE) == 105


@pytest.mark.parametrize("noun", sorted({route.split("/")[0] for route in TABLE}))
async def test_a_field_that_is_needed_is_missed_by_name(rest: Rest, noun: str) -> None:
    for route, fields in TABLE.items():
        if route.split("/")[0] != noun:
            continue
        for name in fields:
            body: dict[str, Any] = {each: PLAUSIBLE.get(each, "x") for each in fields}
            del body[name]
            for lacking in (body, {**body, name: None}):
                code, message = await rest.refused(route, lacking)
                assert (code, name.lower() in message.lower()) == (1802, True), (route, name)


async def test_a_body_that_is_no_object_is_refused_by_all(rest: Rest) -> None:
    for route in TABLE:
        for body in (b"", b"[1]", b"{"):
            code, _ = await rest.refused(route, body)
            assert code == 1801, (route, body)


async def test_another_method_finds_nothing_anywhere(rest: Rest) -> None:
    for route in TABLE:
        response = await rest.http.get(f"/v2/vectordb/{route}")
        assert (response.status_code, response.text) == (404, "404 page not found"), route
