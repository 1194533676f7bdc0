// Milvus' SDK for Node on a server: each kind of call that it has for our features.
//
//     node node_story.js HOST:PORT
"use strict";

const assert = require("node:assert/strict");
const {
  DataType,
  FunctionType,
  MilvusClient,
  RRFRanker,
  WeightedRanker,
} = require("@zilliz/milvus2-sdk-node");

const DIM = 8;
const ROWS = [...Array(500).keys()].map((i) => ({
  id: i,
  dense: [...Array(DIM).keys()].map((j) => Math.sin(i * (j + 1) + 1)),
  sparse: { [i % 50]: 0.5 + i / 1000, 100: 0.2 },
  half: [...Array(DIM).keys()].map((j) => Math.cos(i + j)),
  bits: [i % 256, (i * 7) % 256],
  text: i % 5 ? `text ${i}` : null,
  facts: { n: i, tag: `x${i % 3}` },
  numbers: [i % 3, i % 7],
  even: i % 2 === 0,
  dynamic: `d${i}`,
}));

/** Return an answer whose status says that all went well. */
async function good(promise) {
  const answer = await promise;
  const status = answer.status ?? answer;
  assert.equal(status.error_code, "Success", JSON.stringify(status));
  return answer;
}

async function fill(client) {
  await good(
    client.createCollection({
      collection_name: "things",
      consistency_level: "Strong",
      enable_dynamic_field: true,
      fields: [
        { name: "id", data_type: DataType.Int64, is_primary_key: true, autoID: false },
        { name: "dense", data_type: DataType.FloatVector, dim: DIM },
        { name: "sparse", data_type: DataType.SparseFloatVector },
        { name: "half", data_type: DataType.Float16Vector, dim: DIM },
        { name: "bits", data_type: DataType.BinaryVector, dim: 16 },
        { name: "text", data_type: DataType.VarChar, max_length: 200, nullable: true },
        { name: "facts", data_type: DataType.JSON },
        { name: "price", data_type: DataType.Float, default_value: 1.5 },
        {
          name: "numbers",
          data_type: DataType.Array,
          element_type: DataType.Int32,
          max_capacity: 8,
        },
        { name: "even", data_type: DataType.Bool },
      ],
    }),
  );
  const described = await good(client.describeCollection({ collection_name: "things" }));
  assert.equal(described.schema.fields.length, 10);
  const inserted = await good(client.insert({ collection_name: "things", data: ROWS }));
  assert.equal(inserted.insert_cnt, "500");
  await good(client.flushSync({ collection_names: ["things"] }));
  await good(
    client.createIndex([
      {
        collection_name: "things",
        field_name: "dense",
        index_type: "HNSW",
        metric_type: "COSINE",
        params: { M: 8, efConstruction: 64 },
      },
      {
        collection_name: "things",
        field_name: "sparse",
        index_type: "SPARSE_INVERTED_INDEX",
        metric_type: "IP",
      },
      { collection_name: "things", field_name: "half", index_type: "FLAT", metric_type: "L2" },
      {
        collection_name: "things",
        field_name: "bits",
        index_type: "BIN_FLAT",
        metric_type: "HAMMING",
      },
      {
        collection_name: "things",
        field_name: "text",
        index_name: "by_text",
        index_type: "INVERTED",
      },
    ]),
  );
  const indexes = await good(client.listIndexes({ collection_name: "things" }));
  // They are made at once, in no order.
  assert.deepEqual(indexes.indexes.sort(), ["bits", "by_text", "dense", "half", "sparse"]);
  await good(client.loadCollectionSync({ collection_name: "things" }));
  const state = await good(client.getLoadState({ collection_name: "things" }));
  assert.equal(state.state, "LoadStateLoaded");
}

/** Nulls of each kind, and arrays of structs. */
async function nullsAndStructs(client) {
  const name = { collection_name: "parts" };
  await good(
    client.createCollection({
      ...name,
      consistency_level: "Strong",
      fields: [
        { name: "id", data_type: DataType.Int64, is_primary_key: true, autoID: false },
        { name: "dense", data_type: DataType.FloatVector, dim: 2 },
        { name: "facts", data_type: DataType.JSON, nullable: true },
        {
          name: "chunks",
          data_type: DataType.Array,
          element_type: DataType.Struct,
          max_capacity: 4,
          fields: [
            { name: "page", data_type: DataType.Int64 },
            { name: "vector", data_type: DataType.FloatVector, dim: 2 },
          ],
        },
      ],
    }),
  );
  const chunks = (page) => [
    { page, vector: [page, 1] },
    { page: page + 1, vector: [1, page] },
  ];
  const rows = [{ a: 1 }, null, undefined].map((facts, id) => ({
    id,
    dense: [id, 1],
    ...(facts === undefined ? {} : { facts }),
    chunks: chunks(id),
  }));
  await good(client.insert({ ...name, data: rows }));
  await good(
    client.createIndex([
      { ...name, field_name: "dense", index_type: "FLAT", metric_type: "L2" },
      {
        ...name,
        field_name: "chunks[vector]",
        index_type: "HNSW",
        metric_type: "MAX_SIM_COSINE",
      },
    ]),
  );
  await good(client.loadCollectionSync(name));
  const nulls = await good(
    client.query({ ...name, filter: "facts is null", output_fields: ["id", "facts", "chunks"] }),
  );
  assert.deepEqual(
    nulls.data.map((row) => [Number(row.id), row.facts]),
    [
      [1, null],
      [2, null],
    ],
  );
  assert.deepEqual(
    nulls.data[0].chunks.map((chunk) => [Number(chunk.page), chunk.vector]),
    [
      [1, [1, 1]],
      [2, [1, 1]],
    ],
  );
}

async function search(client) {
  const things = { collection_name: "things", limit: 3, output_fields: ["id"] };
  const ids = async (given) => {
    const found = await good(client.search({ ...things, ...given }));
    return found.results.map((hit) => Number(hit.id));
  };
  const row = ROWS[33];
  assert.equal((await ids({ anns_field: "dense", data: row.dense }))[0], 33);
  assert.equal((await ids({ anns_field: "half", data: row.half }))[0], 33);
  assert.equal((await ids({ anns_field: "bits", data: row.bits }))[0], 33);
  assert.deepEqual(await ids({ anns_field: "sparse", data: { 3: 1.0 } }), [453, 403, 353]);
  const whole = await good(
    client.search({
      ...things,
      anns_field: "dense",
      data: row.dense,
      limit: 1,
      output_fields: ["text", "facts", "numbers", "price", "even", "dynamic", "sparse", "bits"],
    }),
  );
  const [hit] = whole.results;
  assert.equal(hit.text, "text 33");
  assert.deepEqual(hit.facts, { n: 33, tag: "x0" });
  assert.deepEqual(hit.numbers, [0, 5]);
  assert.deepEqual([hit.price, hit.even, hit.dynamic], [1.5, false, "d33"]);
  assert.deepEqual(Object.keys(hit.sparse), ["33", "100"]);
  assert.deepEqual(hit.bits, row.bits);
  const [first, second] = (
    await good(
      client.search({
        ...things,
        anns_field: "dense",
        data: [ROWS[6].dense, ROWS[7].dense],
        filter: 'id > 5 and text like "text%"',
        params: { ef: 64 },
      }),
    )
  ).results;
  assert.deepEqual([first[0].id, second[0].id], ["6", "7"]);
  const grouped = await good(
    client.search({
      ...things,
      anns_field: "dense",
      data: row.dense,
      group_by_field: "even",
      output_fields: ["even"],
    }),
  );
  assert.deepEqual(grouped.results.map((each) => each.even).sort(), [false, true]);
  for (const rerank of [RRFRanker(60), WeightedRanker([0.9, 0.1])]) {
    const hybrid = await good(
      client.hybridSearch({
        ...things,
        data: [
          { anns_field: "dense", data: row.dense },
          { anns_field: "sparse", data: { 33: 1.0 } },
        ],
        rerank,
      }),
    );
    assert.equal(hybrid.results.length, 3);
    assert.ok(hybrid.results[0].score >= hybrid.results[1].score);
  }
}

async function read(client) {
  const things = { collection_name: "things" };
  const rows = await good(
    client.query({ ...things, filter: "id in {ids}", exprValues: { ids: [1, 2] } }),
  );
  assert.deepEqual(rows.data.map((each) => each.id), ["1", "2"]);
  const got = await good(client.get({ ...things, ids: [1, 5], output_fields: ["text"] }));
  assert.deepEqual(got.data.map((each) => each.text), ["text 1", null]);
  let seen = 0;
  const iterator = await client.queryIterator({
    ...things,
    batchSize: 100,
    expr: "id >= 0",
    output_fields: ["id"],
  });
  for await (const batch of iterator) seen += batch.length;
  assert.equal(seen, 500);
  seen = 0;
  const hits = await client.searchIterator({
    ...things,
    batchSize: 50,
    limit: 200,
    data: ROWS[3].dense,
    anns_field: "dense",
    output_fields: ["id"],
  });
  for await (const batch of hits) seen += batch.length;
  assert.equal(seen, 200);
}

async function change(client) {
  const things = { collection_name: "things" };
  const upserted = await good(
    client.upsert({ ...things, data: [{ ...ROWS[1], text: "changed" }] }),
  );
  assert.equal(upserted.upsert_cnt, "1");
  await good(client.delete({ ...things, ids: [2] }));
  await good(client.deleteEntities({ ...things, filter: "id in [7, 8]" }));
  assert.equal((await good(client.count(things))).data, 497);
  const got = await good(client.get({ ...things, ids: [1, 2], output_fields: ["text"] }));
  assert.deepEqual(got.data.map((each) => each.text), ["changed"]);
  await good(client.createPartition({ ...things, partition_name: "part" }));
  await good(
    client.insert({ ...things, partition_name: "part", data: [{ ...ROWS[0], id: 1000 }] }),
  );
  const counted = await good(
    client.getPartitionStatistics({ ...things, partition_name: "part" }),
  );
  assert.equal(counted.data.row_count, "1");
  await good(client.releasePartitions({ ...things, partition_names: ["part"] }));
  await good(client.dropPartition({ ...things, partition_name: "part" }));
  await good(client.createAlias({ ...things, alias: "other" }));
  assert.deepEqual((await good(client.listAliases(things))).aliases, ["other"]);
  assert.equal((await good(client.count({ collection_name: "other" }))).data, 497);
  await good(client.dropAlias({ alias: "other" }));
  await good(client.compact(things));
  const segments = await good(client.getPersistentSegmentInfo({ collectionName: "things" }));
  assert.ok(segments.infos.every((each) => each.level === "L1"));
  await good(client.renameCollection({ ...things, new_collection_name: "renamed" }));
  await good(client.releaseCollection({ collection_name: "renamed" }));
  await good(client.dropIndex({ collection_name: "renamed", field_name: "dense" }));
  await good(client.dropCollection({ collection_name: "renamed" }));
  assert.equal((await good(client.hasCollection(things))).value, false);
}

async function administer(client) {
  await good(client.createDatabase({ db_name: "nodes" }));
  assert.deepEqual((await good(client.listDatabases())).db_names, ["default", "nodes"]);
  await good(client.dropDatabase({ db_name: "nodes" }));
  await good(client.createUser({ username: "reader", password: "Passw0rd" }));
  await good(client.createRole({ roleName: "readers" }));
  await good(client.addUserToRole({ username: "reader", roleName: "readers" }));
  const grant = { role: "readers", collection_name: "*", db_name: "*", privilege: "Search" };
  await good(client.grantPrivilegeV2(grant));
  const grants = await good(client.listGrants({ roleName: "readers" }));
  assert.deepEqual(grants.entities.map((each) => each.grantor.privilege.name), ["Search"]);
  await good(client.revokePrivilegeV2(grant));
  await good(client.removeUserFromRole({ username: "reader", roleName: "readers" }));
  await good(client.dropRole({ roleName: "readers" }));
  await good(client.deleteUser({ username: "reader" }));
  await good(client.checkHealth());
  await good(client.getVersion());
  await good(client.getMetric({ request: { metric_type: "system_info" } }));
}

async function searchText(client) {
  await good(
    client.createCollection({
      collection_name: "notes",
      fields: [
        { name: "id", data_type: DataType.Int64, is_primary_key: true, autoID: true },
        {
          name: "text",
          data_type: DataType.VarChar,
          max_length: 500,
          enable_analyzer: true,
          enable_match: true,
          analyzer_params: { type: "english" },
        },
        { name: "terms", data_type: DataType.SparseFloatVector },
      ],
      functions: [
        {
          name: "bm25",
          type: FunctionType.BM25,
          input_field_names: ["text"],
          output_field_names: ["terms"],
          params: {},
        },
      ],
      index_params: [
        { field_name: "terms", index_type: "SPARSE_INVERTED_INDEX", metric_type: "BM25" },
      ],
    }),
  );
  const data = [{ text: "the quick brown fox" }, { text: "lazy dogs sleep" }];
  await good(client.insert({ collection_name: "notes", data }));
  await good(client.loadCollectionSync({ collection_name: "notes" }));
  const found = await good(
    client.search({
      collection_name: "notes",
      anns_field: "terms",
      data: "dog",
      limit: 2,
      output_fields: ["text"],
      consistency_level: "Strong",
    }),
  );
  assert.deepEqual(found.results.map((hit) => hit.text), ["lazy dogs sleep"]);
  const analysed = await good(
    client.runAnalyzer({ text: ["Running dogs"], analyzer_params: { type: "english" } }),
  );
  assert.deepEqual(analysed.results[0].tokens.map((each) => each.token), ["run", "dog"]);
}

async function main() {
  const client = new MilvusClient({ address: process.argv[2] });
  await client.connectPromise;
  for (const step of [fill, nullsAndStructs, search, read, change, administer, searchText]) await step(client);
  await client.closeConnection();
  console.log("done");
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
