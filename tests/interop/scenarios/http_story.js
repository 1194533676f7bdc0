// Milvus' SDK for Node over HTTP: each call of its HttpClient.
//
//     node http_story.js http://HOST:PORT
"use strict";

const assert = require("node:assert/strict");
const { HttpClient } = require("@zilliz/milvus2-sdk-node");

const THINGS = { collectionName: "things" };
const SHAPES = { collectionName: "shapes" };
const ROWS = [...Array(20).keys()].map((i) => ({ id: i, vector: [i, 1], tag: `t${i % 2}` }));

/** Return the data of an answer whose code says that all went well. */
async function good(promise) {
  const answer = await promise;
  assert.equal(answer.code, 0, JSON.stringify(answer));
  return answer.data;
}

/** Check that an answer tells a failure by this code. */
async function bad(promise, code) {
  const answer = await promise;
  assert.equal(answer.code, code, JSON.stringify(answer));
  assert.ok(answer.message);
}

async function databases(client) {
  const other = { dbName: "other" };
  await good(client.createDatabase({ ...other, properties: { "database.max.collections": 5 } }));
  assert.deepEqual((await good(client.listDatabases())).sort(), ["default", "other"]);
  const change = { ...other, properties: { "database.max.collections": 7 } };
  await good(client.alterDatabaseProperties(change));
  const described = await good(client.describeDatabase(other));
  assert.equal(described.dbName, "other");
  assert.deepEqual(described.properties, [{ key: "database.max.collections", value: "7" }]);
  const keys = ["database.max.collections"];
  await good(client.dropDatabaseProperties({ ...other, propertyKeys: keys }));
  assert.deepEqual((await good(client.describeDatabase(other))).properties, []);
  await good(client.dropDatabase(other));
}

async function collections(client) {
  await good(client.createCollection({ ...THINGS, dimension: 2, metricType: "L2" }));
  assert.deepEqual(await good(client.hasCollection({ ...THINGS })), { has: true });
  await good(
    client.createCollection({
      ...SHAPES,
      schema: {
        autoID: false,
        enabledDynamicField: true,
        fields: [
          { fieldName: "id", dataType: "VarChar", isPrimary: true,
            elementTypeParams: { max_length: 32 } },
          { fieldName: "sides", dataType: "Array", elementDataType: "Int64",
            elementTypeParams: { max_capacity: 4 } },
          { fieldName: "vector", dataType: "FloatVector", elementTypeParams: { dim: 2 } },
        ],
      },
      indexParams: [
        { fieldName: "vector", indexName: "near", metricType: "COSINE",
          params: { index_type: "HNSW", M: "8", efConstruction: "40" } },
      ],
      params: { shardsNum: 1, consistencyLevel: "Strong", ttlSeconds: 3600 },
    }),
  );
  assert.deepEqual((await good(client.listCollections())).sort(), ["shapes", "things"]);
  const described = await good(client.describeCollection({ ...SHAPES }));
  assert.equal(described.load, "LoadStateLoaded");
  assert.equal(described.fields[1].elementType, "Int64");
  assert.deepEqual(described.indexes, [
    { indexName: "near", fieldName: "vector", metricType: "COSINE" },
  ]);
  const field = { fieldName: "size", dataType: "Int64", nullable: true, defaultValue: 3 };
  await good(client.addCollectionField({ ...SHAPES, schema: field }));
  const longer = { ...SHAPES, fieldName: "id", fieldParams: { max_length: 64 } };
  await good(client.alterCollectionFieldProperties(longer));
  const properties = { "collection.ttl.seconds": 60 };
  await good(client.alterCollectionProperties({ ...SHAPES, properties }));
  const keys = Object.keys(properties);
  await good(client.dropCollectionProperties({ ...SHAPES, propertyKeys: keys }));
  await good(client.renameCollection({ ...SHAPES, newCollectionName: "forms" }));
  await good(client.renameCollection({ collectionName: "forms", newCollectionName: "shapes" }));
  await good(client.releaseCollection({ ...SHAPES }));
  const released = await good(client.getCollectionLoadState({ ...SHAPES }));
  assert.equal(released.loadState, "LoadStateNotLoad");
  await good(client.loadCollection({ ...SHAPES }));
  await good(client.refreshLoad({ ...SHAPES }));
  const loaded = await good(client.getCollectionLoadState({ ...SHAPES }));
  assert.deepEqual(loaded, { loadState: "LoadStateLoaded", loadProgress: 100 });
  await bad(client.describeCollection({ collectionName: "none" }), 100);
}

async function rows(client, numbers) {
  const written = await good(client.insert({ ...THINGS, data: ROWS }));
  assert.equal(written.insertCount, 20);
  assert.equal(written.insertIds[3], numbers ? 3 : "3");
  const more = { ...ROWS[3], tag: "again" };
  assert.equal((await good(client.upsert({ ...THINGS, data: [more] }))).upsertCount, 1);
  const strong = { ...THINGS, consistencyLevel: "Strong" };
  const got = await good(client.get({ ...strong, id: [3], outputFields: ["id", "tag"] }));
  assert.deepEqual(got, [{ id: numbers ? 3 : "3", tag: "again" }]);
  const query = { ...strong, filter: "id < 5", outputFields: ["id"], limit: 3, offset: 1 };
  assert.deepEqual((await good(client.query(query))).map((row) => Number(row.id)), [1, 2, 3]);
  const one = { ...strong, data: [[4, 1]], limit: 2, outputFields: ["tag"] };
  const hits = await good(client.search({ ...one, searchParams: { metricType: "L2" } }));
  assert.deepEqual(hits[0], { tag: "t0", id: numbers ? 4 : "4", distance: 0 });
  const two = await client.search({ ...one, data: [[4, 1], [9, 1]] });
  assert.deepEqual(two.topks, [2, 2]);
  assert.deepEqual(two.data.map((found) => Number(found[0].id)), [4, 9]);
  const part = { annsField: "vector", limit: 3, metricType: "L2", ignoreGrowing: false };
  const hybrid = await good(
    client.hybridSearch({
      ...strong,
      search: [
        { ...part, data: [[4, 1]], outputFields: ["tag"], params: { nprobe: 10 } },
        { ...part, data: [[5, 1]], filter: "id > 4", offset: 0 },
      ],
      rerank: { strategy: "rrf", params: { k: 60 } },
      limit: 2,
      outputFields: ["tag"],
    }),
  );
  assert.equal(hybrid.length, 2);
  assert.equal((await good(client.delete({ ...THINGS, filter: "id in [0]" }))).deleteCount, 1);
  await good(client.flushCollection({ ...THINGS }));
  assert.deepEqual(await good(client.getCollectionStatistics({ ...THINGS })), { rowCount: 19 });
  const { compactionID } = await good(client.compactCollection({ ...THINGS }));
  const state = await good(client.getCompactionState({ ...THINGS, compactionID }));
  assert.ok(["Executing", "Completed"].includes(state.state));
  await good(client.delete({ ...THINGS, filter: "id >= 0" }));
}

async function partitionsAndIndexes(client) {
  const part = { ...THINGS, partitionName: "new" };
  await good(client.createPartition(part));
  assert.deepEqual(await good(client.hasPartition(part)), { has: true });
  assert.deepEqual(await good(client.listPartitions({ ...THINGS })), ["_default", "new"]);
  assert.deepEqual(await good(client.getPartitionStatistics(part)), { rowCount: 0 });
  await good(client.loadPartitions({ ...THINGS, partitionNames: ["new"] }));
  await good(client.releasePartitions({ ...THINGS, partitionNames: ["new"] }));
  await good(client.dropPartition(part));
  assert.deepEqual(await good(client.listIndexes({ ...THINGS })), ["vector"]);
  await good(client.releaseCollection({ ...THINGS }));
  const index = { ...THINGS, indexName: "vector" };
  const properties = { "mmap.enabled": true };
  await good(client.alterIndexProperties({ ...index, properties }));
  await good(client.dropIndexProperties({ ...index, propertyKeys: ["mmap.enabled"] }));
  await good(client.dropIndex(index));
  await bad(client.describeIndex(index), 700);
  const wanted = { fieldName: "vector", indexName: "vector", metricType: "L2" };
  await good(client.createIndex({ ...THINGS, indexParams: [wanted] }));
  const [described] = await good(client.describeIndex(index));
  assert.equal(described.metricType, "L2");
  assert.equal(described.fieldName, "vector");
  await good(client.loadCollection({ ...THINGS }));
}

async function aliases(client) {
  const alias = { ...THINGS, aliasName: "stuff" };
  await good(client.createAlias(alias));
  assert.deepEqual(await good(client.listAliases({ ...THINGS })), ["stuff"]);
  await good(client.alterAlias({ ...SHAPES, aliasName: "stuff" }));
  const described = await good(client.describeAlias({ aliasName: "stuff" }));
  assert.deepEqual(described, {
    dbName: "default", collectionName: "shapes", aliasName: "stuff",
  });
  await good(client.dropAlias({ aliasName: "stuff" }));
}

async function usersAndRoles(client) {
  await good(client.createUser({ userName: "ada", password: "secret-1" }));
  const change = { userName: "ada", password: "secret-1", newPassword: "secret-2" };
  await good(client.updateUserPassword(change));
  assert.deepEqual((await good(client.listUsers())).sort(), ["ada", "root"]);
  await good(client.createRole({ roleName: "reader" }));
  assert.ok((await good(client.listRoles())).includes("reader"));
  const role = { userName: "ada", roleName: "reader" };
  await good(client.grantRoleToUser({ ...role }));
  assert.deepEqual(await good(client.describeUser({ userName: "ada" })), ["reader"]);
  const grant = {
    roleName: "reader", objectType: "Collection", objectName: "*", privilege: "Search",
  };
  await good(client.grantPrivilegeToRole({ ...grant }));
  const [shown] = await good(client.describeRole({ roleName: "reader" }));
  assert.equal(shown.privilege, "Search");
  await good(client.revokePrivilegeFromRole({ ...grant }));
  await good(client.revokeRoleFromUser({ ...role }));
  await good(client.dropRole({ roleName: "reader" }));
  await good(client.dropUser({ userName: "ada" }));
}

async function imports(client) {
  assert.deepEqual(await good(client.listImportJobs({ ...THINGS })), { records: [] });
  await bad(client.getImportJobProgress({ jobId: "12345" }), 2100);
  await bad(client.createImportJobs({ ...THINGS, files: [["rows.json"]] }), 10);
}

async function main(endpoint) {
  const client = new HttpClient({ endpoint, username: "root", password: "Milvus" });
  const exact = new HttpClient({ endpoint, acceptInt64: true, database: "default" });
  await databases(client);
  await collections(client);
  await rows(client, false);
  await rows(exact, true);
  await partitionsAndIndexes(client);
  await aliases(client);
  await usersAndRoles(client);
  await imports(client);
  await good(client.dropCollection({ ...THINGS }));
  await good(client.dropCollection({ ...SHAPES }));
  console.log("done");
}

main(process.argv[2]).catch((error) => {
  console.error(error);
  process.exit(1);
});
