import assert from "node:assert/strict";
import { test } from "node:test";
import { add, blank, connect, edges, freeID, getAt, outlets, readGraph, reading, remove, rename, setAt, type Graph } from "../src/studio/model";
import { small } from "./graphs";

const wide: Graph = {
  entry: "s", nodes: {
    s: { type: "start", next: "c" },
    c: { type: "conditional", routes: [{ conditions: [{ field: "extracted.age", operator: "<", value: 18 }], next: "no" }, { conditions: [], match: "any", next: "p" }], default: "p" },
    p: { type: "parallel", branches: ["a", "b"], join: "j" }, a: { type: "policy", policy: "x", on_pass: "j", on_fail: "no" }, b: { type: "split", arms: [{ name: "old", weight: 1, next: "j" }, { name: "new", weight: 1, next: "no" }] },
    j: { type: "join", next: "yes" }, yes: { type: "terminal", outcome: "approved" }, no: { type: "terminal", outcome: "rejected" },
  },
};

test("every way of every kind of node is known and can be drawn anew", () => {
  for (const [id, n] of Object.entries(wide.nodes)) {
    for (const o of outlets(n)) {
      const g = connect(wide, id, o.label, "yes");
      assert.ok(outlets(g.nodes[id] ?? {}).some((x) => x.to === "yes"), `${id} ${o.label}`);
    }
  }
  assert.equal(edges(wide).length, 11);
});

test("renaming changes every mention and nothing else", () => {
  const there = rename(wide, "j", "meeting"), back = rename(there, "meeting", "j");
  assert.equal(there.nodes["p"]?.["join"], "meeting");
  assert.deepEqual(back.nodes, wide.nodes);
  assert.ok(!JSON.stringify(there).includes('"j"'));
});

test("removing leaves no way to what is gone", () => {
  const g = remove(wide, ["no", "a"]);
  assert.ok(edges(g).every((e) => g.nodes[e.to] !== undefined));
  assert.deepEqual(g.nodes["p"]?.["branches"], ["b"]);
});

test("a node that is added after another takes its open way, or stands between", () => {
  const open = add(small(), "no", blank({ type: "terminal", outcome: "rejected" }), "lists");
  assert.equal(open.nodes["lists"]?.["on_fail"], "no");
  const between = add(small(), "age", blank({ type: "policy", policy: "age_check" }), "start");
  assert.equal(between.nodes["start"]?.["next"], "age");
  assert.equal(between.nodes["age"]?.["on_pass"], "lists");
});

test("pointers write and read the same place, with escapes and in lists", () => {
  for (const at of ["/a/b", "/x~1y/z~0", "/list/1/name"]) {
    const v = setAt({ list: [{ name: "one" }, { name: "two" }] }, at, "here");
    assert.equal(getAt(v, at), "here", at);
    assert.equal(getAt(setAt(v, at, undefined), at), undefined);
  }
});

test("what is no graph is an empty one, and ids are free", () => {
  assert.deepEqual(readGraph("nonsense"), { entry: "start", nodes: {} });
  assert.equal(freeID(wide, "a"), "a_2");
  assert.equal(freeID(wide, "größe 1"), "gr__e_1");
});

test("the outline names every node once, the entry first", () => {
  const order = reading(wide);
  assert.equal(order[0], "s");
  assert.deepEqual([...order].sort(), Object.keys(wide.nodes).sort());
});
