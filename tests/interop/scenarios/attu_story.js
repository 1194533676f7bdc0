// What Attu, Milvus' graphical client, asks a server by its SDK for Node, page by page.
//
//     node attu_story.js HOST:PORT
//
// Attu has no test of its own that could be run on our server, so this is written from what its
// services call: each call with the arguments that they give, and the parts of the answers that
// they read.
"use strict";

const assert = require("node:assert/strict");
const { DataType, MilvusClient, ShowCollectionsType } = require("@zilliz/milvus2-sdk-node");

const NAME = { collection_name: "things" };

/** Return an answer whose status Attu does not make an error of. */
async function good(promise) {
  const answer = await promise;
  const status = answer.status ?? answer;
  assert.equal(status.error_code, "Success", JSON.stringify(status));
  return answer;
}

/** Log in: connect, be healthy, be allowed to list databases. */
async function connect(address) {
  const client = new MilvusClient({ address, token: "", username: "", password: "" });
  await client.connectPromise;
  assert.equal((await client.checkHealth()).isHealthy, true);
  await client.use({ db_name: "default" });
  const listed = await good(client.listDatabases());
  assert.deepEqual(listed.db_names, ["default"]);
  const version = await good(client.getVersion());
  assert.ok(version.version);
  return client;
}

/** The dialogue for a new collection, and the sample data that Attu makes for it. */
async function create(client) {
  await good(
    client.createCollection({
      ...NAME,
      description: "made by hand",
      fields: [
        { name: "id", data_type: DataType.Int64, is_primary_key: true, autoID: true },
        { name: "vector", data_type: DataType.FloatVector, dim: 4 },
        { name: "title", data_type: DataType.VarChar, max_length: 50 },
      ],
      enable_dynamic_field: true,
      consistency_level: "Bounded",
      num_partitions: undefined,
    }),
  );
  // Of a collection without an index Attu shows that there is none, by the code.
  const none = await client.describeIndex(NAME);
  assert.equal(none.status.error_code, "IndexNotExist");
  await good(
    client.createIndex({
      ...NAME,
      field_name: "vector",
      index_name: "by_vector",
      index_type: "HNSW",
      metric_type: "COSINE",
      params: { M: 8, efConstruction: 32 },
    }),
  );
  await good(client.loadCollection({ ...NAME, replica_number: 1 }));
  const rows = [...Array(100).keys()].map((n) => ({
    vector: [n, 1, n % 7, 1],
    title: `title ${n}`,
    shelf: n % 3,
  }));
  const inserted = await good(client.insert({ ...NAME, fields_data: rows }));
  assert.equal(inserted.insert_cnt, "100");
  await good(client.flush({ collection_names: ["things"] }));
}

/** The list of collections: one line each, of seven calls. */
async function overview(client) {
  const all = await good(client.showCollections());
  const loaded = await good(client.showCollections({ type: ShowCollectionsType.Loaded }));
  assert.deepEqual(all.data.map((each) => each.name), ["things"]);
  assert.deepEqual(loaded.data.map((each) => each.loadedPercentage), ["100"]);
  const described = await good(client.describeCollection(NAME));
  assert.equal(described.schema.description, "made by hand");
  assert.equal(described.consistency_level, "Bounded");
  assert.ok(Number.parseInt(described.created_utc_timestamp, 10) > 1.6e12);
  assert.equal(described.schema.fields.find((each) => each.is_primary_key).autoID, true);
  const counted = await good(client.getCollectionStatistics(NAME));
  assert.equal(counted.data.row_count, "100");
  assert.equal((await good(client.count(NAME))).data, 100);
  // Attu asks again, every second, until all are built.
  let first = { state: "InProgress" };
  while (first.state === "InProgress") {
    [first] = (await good(client.describeIndex(NAME))).index_descriptions;
  }
  assert.deepEqual([first.index_name, first.state], ["by_vector", "Finished"]);
  const replicas = await good(client.getReplicas({ collectionID: described.collectionID }));
  assert.equal(replicas.replicas.length, 1);
  const progress = await good(client.getLoadingProgress(NAME));
  assert.equal(Number(progress.progress), 100);
  assert.equal((await good(client.getLoadState(NAME))).state, "LoadStateLoaded");
}

/** The tabs of one collection: data, search, partitions, segments, properties. */
async function collection(client) {
  const found = await good(
    client.query({ ...NAME, expr: "shelf == 1", output_fields: ["*"], limit: 10, offset: 0 }),
  );
  assert.equal(found.data.length, 10);
  assert.deepEqual(found.data[0].$meta, { shelf: 1 });
  const hits = await good(
    client.search({
      ...NAME,
      data: [[3, 1, 3, 1]],
      anns_field: "vector",
      limit: 5,
      output_fields: ["*"],
      filter: "",
      params: { ef: 64 },
      consistency_level: "Bounded",
    }),
  );
  assert.equal(hits.results.flat().length, 5);
  const [{ id, vector }] = found.data;
  const changed = { id, vector, title: "changed", shelf: 2 };
  assert.equal((await good(client.upsert({ ...NAME, fields_data: [changed] }))).upsert_cnt, "1");
  const [other] = found.data.slice(1);
  await good(client.deleteEntities({ ...NAME, expr: `id in [${other.id}]` }));
  await good(client.createPartition({ ...NAME, partition_name: "later" }));
  const partitions = await good(client.showPartitions(NAME));
  assert.deepEqual(partitions.data.map((each) => each.name), ["_default", "later"]);
  const statistics = await good(
    client.getPartitionStatistics({ ...NAME, partition_name: "later" }),
  );
  assert.equal(statistics.data.row_count, "0");
  await good(client.releasePartitions({ ...NAME, partition_names: ["later"] }));
  await good(client.dropPartition({ ...NAME, partition_name: "later" }));
  const stored = await good(client.getPersistentSegmentInfo({ collectionName: "things" }));
  assert.ok(stored.infos.length > 0);
  const queried = await good(client.getQuerySegmentInfo({ collectionName: "things" }));
  assert.ok(queried.infos.every((each) => each.collectionID === stored.infos[0].collectionID));
  const compaction = await good(client.compact(NAME));
  await good(client.getCompactionState({ compactionID: compaction.compactionID }));
  await good(
    client.alterCollectionProperties({ ...NAME, properties: { "collection.ttl.seconds": 3600 } }),
  );
  const described = await good(client.describeCollection(NAME));
  const ttl = described.properties.find((each) => each.key === "collection.ttl.seconds");
  assert.equal(ttl.value, "3600");
  await good(client.dropCollectionProperties({ ...NAME, properties: ["collection.ttl.seconds"] }));
  await good(client.createAlias({ ...NAME, alias: "shelves" }));
  await good(client.alterAlias({ ...NAME, alias: "shelves" }));
  assert.deepEqual((await good(client.describeCollection(NAME))).aliases, ["shelves"]);
  await good(client.dropAlias({ alias: "shelves" }));
}

/** The pages of users, roles and privilege groups. */
async function access(client) {
  await good(client.createUser({ username: "ann", password: "Secret12" }));
  await good(
    client.updateUser({ username: "ann", oldPassword: "Secret12", newPassword: "Secret34" }),
  );
  await good(client.createRole({ roleName: "readers" }));
  await good(client.addUserToRole({ username: "ann", roleName: "readers" }));
  assert.ok((await good(client.listUsers())).usernames.includes("ann"));
  const roles = await good(client.listRoles());
  assert.ok(roles.results.some((each) => each.role.name === "readers"));
  const selected = await good(client.selectUser({ username: "ann", includeRoleInfo: true }));
  assert.deepEqual(selected.results[0].roles.map((each) => each.name), ["readers"]);
  assert.equal((await good(client.hasRole({ roleName: "readers" }))).hasRole, true);
  const groups = await good(client.listPrivilegeGroups());
  for (const level of ["Cluster", "Database", "Collection"]) {
    for (const kind of ["Admin", "ReadOnly", "ReadWrite"]) {
      assert.ok(groups.privilege_groups.some((each) => each.group_name === `${level}${kind}`));
    }
  }
  const older = { roleName: "readers", object: "Collection", objectName: "things" };
  await good(client.grantRolePrivilege({ ...older, privilegeName: "Search" }));
  const granted = await good(client.listGrants({ roleName: "readers" }));
  assert.deepEqual(granted.entities.map((each) => each.grantor.privilege.name), ["Search"]);
  await good(client.revokeRolePrivilege({ ...older, privilegeName: "Search" }));
  const newer = { role: "readers", collection_name: "*", db_name: "*", privilege: "Query" };
  await good(client.grantPrivilegeV2(newer));
  await good(client.revokePrivilegeV2(newer));
  const group = { group_name: "lookers" };
  await good(client.createPrivilegeGroup(group));
  await good(client.addPrivilegesToGroup({ ...group, privileges: ["Search", "Query"] }));
  await good(client.removePrivilegesFromGroup({ ...group, privileges: ["Query"] }));
  const made = await good(client.listPrivilegeGroups());
  const own = made.privilege_groups.find((each) => each.group_name === "lookers");
  assert.deepEqual(own.privileges.map((each) => each.name), ["Search"]);
  await good(client.dropPrivilegeGroup(group));
  await good(client.removeUserFromRole({ username: "ann", roleName: "readers" }));
  await good(client.dropRole({ roleName: "readers" }));
  await good(client.deleteUser({ username: "ann" }));
}

/** The page of the system, and the databases in the side bar. */
async function system(client) {
  const told = await good(client.getMetric({ request: { metric_type: "system_info" } }));
  const { nodes_info: nodes } = told.response;
  assert.ok(nodes.length > 0);
  for (const node of nodes) {
    assert.ok(node.infos.name);
    const machine = node.infos.hardware_infos;
    assert.ok(machine.cpu_core_count > 0);
    assert.ok(machine.memory > machine.memory_usage);
    assert.ok(machine.memory_usage > 0);
    assert.ok(machine.cpu_core_usage >= 0);
    assert.ok(node.infos.system_info.system_version);
  }
  await good(client.createDatabase({ db_name: "second" }));
  await good(client.describeDatabase({ db_name: "second" }));
  await client.use({ db_name: "second" });
  assert.deepEqual((await good(client.showCollections())).data, []);
  await client.use({ db_name: "default" });
  await good(client.dropDatabase({ db_name: "second" }));
}

/** The last dialogues: rename, release, drop. */
async function leave(client) {
  await good(client.renameCollection({ ...NAME, new_collection_name: "others" }));
  await good(client.releaseCollection({ collection_name: "others" }));
  await good(client.dropIndex({ collection_name: "others", index_name: "by_vector" }));
  await good(client.dropCollection({ collection_name: "others" }));
  assert.equal((await client.hasCollection({ collection_name: "others" })).value, false);
  await client.closeConnection();
}

async function main() {
  const client = await connect(process.argv[2]);
  for (const page of [create, overview, collection, access, system, leave]) await page(client);
  console.log("done");
}

main().then(
  () => process.exit(0),
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
