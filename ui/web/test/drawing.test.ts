import assert from "node:assert/strict";
import { test } from "node:test";
import { arrange, heightOf, width } from "../src/studio/layout";
import { outlets, type Graph, type Nodes } from "../src/studio/model";
import { changed, light } from "../src/studio/path";
import { byNode, locate, under } from "../src/studio/problems";
import { small } from "./graphs";

test("150 nodes are laid out side by side, with every way to the right but those that go back", () => {
  const nodes: Nodes = { s: { type: "start", next: "n0" }, yes: { type: "terminal", outcome: "approved" }, no: { type: "terminal", outcome: "rejected" } };
  for (let i = 0; i < 147; i++) nodes[`n${i}`] = { type: "policy", policy: "x", on_pass: i === 146 ? "yes" : `n${i + 1}`, on_fail: i % 7 === 0 ? "no" : "yes" };
  const g: Graph = { entry: "s", nodes }, at = arrange(g), ids = Object.keys(nodes);
  assert.deepEqual(Object.keys(at).sort(), ids.slice().sort());
  const box = (id: string): [number, number, number] => [at[id]?.x ?? NaN, at[id]?.y ?? NaN, heightOf(outlets(nodes[id] ?? {}).length)];
  for (const a of ids) {
    for (const b of ids) {
      if (a >= b) continue;
      const [ax, ay, ah] = box(a), [bx, by, bh] = box(b);
      assert.ok(ax + width <= bx || bx + width <= ax || ay + ah <= by || by + bh <= ay, `${a} lies on ${b}`);
    }
  }
  for (let i = 1; i < 147; i++) assert.ok((at[`n${i}`]?.x ?? 0) > (at[`n${i - 1}`]?.x ?? 0));
});

test("only what was recorded lights up", () => {
  const g: Graph = { ...small(), nodes: { ...small().nodes, lists: { type: "policy", policy: "x", on_pass: "yes", on_fail: "yes" } } };
  const m = light(g, [{ from: "start", to: "lists", why: "next" }, { from: "lists", to: "yes", why: "fail" }], { lists: { status: "failed" } });
  assert.deepEqual([...m.edges].sort(), ["lists on_fail", "start next"]);
  assert.equal(m.nodes["lists"], "failed");
  assert.equal(m.nodes["look"], undefined);
  assert.deepEqual(light(g, [], {}).nodes, {});
});

test("a difference marks what is new in the one drawing and what is gone in the other", () => {
  const d = { nodes_added: ["aml"], nodes_removed: ["old"], nodes_changed: [{ id: "lists" }], routes: [{ node: "lists", label: "on_pass", old: "yes", new: "aml" }, { node: "aml", label: "on_pass", old: "", new: "yes" }] };
  assert.deepEqual(changed(d, "new").nodes, { aml: "added", lists: "changed" });
  assert.deepEqual(changed(d, "old").nodes, { old: "removed", lists: "changed" });
  assert.deepEqual([...changed(d, "old").edges], ["lists on_pass"]);
  assert.equal(changed(d, "new").edges.size, 2);
});

test("problems come to their node and their field", () => {
  const p = locate({ path: "/graph/nodes/a~1b/config/threshold", code: "x", message: "m" }, "error");
  assert.deepEqual([p.nodeID, p.at], ["a/b", "/config/threshold"]);
  const loop = locate({ path: "/graph", code: "cycle", message: "m", nodes: ["a", "b"] }, "error");
  assert.deepEqual([...byNode([p, loop]).keys()].sort(), ["a", "a/b", "b"]);
  assert.equal(under([p], "/config").length, 1);
  assert.equal(under([p], "/conf").length, 0);
});
