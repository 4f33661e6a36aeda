import assert from "node:assert/strict";
import { test } from "node:test";
import { arrange } from "../src/studio/layout";
import { heightOf, opening, readable, width } from "../src/studio/view";
import { otherwise, outlets, type Bag, type Graph, type Nodes } from "../src/studio/model";
import { changed, light } from "../src/studio/path";
import { byNode, inWords, locate, under } from "../src/studio/problems";
import { ageOn, bornFor } from "../src/studio/dryrun";
import { begins } from "../src/studio/lists";
import { forceOf, standing } from "../src/studio/saving";
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

test("a drawing opens whole where it can be read, and readable at its beginning where it cannot", () => {
  const g: Graph = { entry: "s", nodes: { s: { type: "start", next: "n0" } } };
  for (let i = 0; i < 12; i++) g.nodes[`n${i}`] = { type: "policy", policy: "x", on_pass: i === 11 ? "" : `n${i + 1}`, on_fail: "" };
  const at = arrange(g), frame = { width: 580, height: 500 };
  const none = { x: NaN, y: NaN, zoom: NaN }, v = opening(g, at, frame) ?? none;
  assert.equal(v.zoom, readable);
  const left = (at["s"]?.x ?? 0) * v.zoom + v.x, top = (at["s"]?.y ?? 0) * v.zoom + v.y;
  assert.ok(left >= 0 && left + width * v.zoom <= frame.width && top >= 0 && top + heightOf(1) * v.zoom <= frame.height, "the entry is in view");
  const few = opening(small(), arrange(small()), { width: 1200, height: 500 }) ?? none;
  assert.ok(few.zoom > readable && few.zoom <= 1);
  for (const [id, p] of Object.entries(arrange(small()))) {
    const x = p.x * few.zoom + few.x, y = p.y * few.zoom + few.y;
    assert.ok(x >= 0 && x + width * few.zoom <= 1200 && y >= 0 && y <= 500, `${id} is in view`);
  }
  assert.equal(opening(g, {}, frame), null);
});

test("a drawing that is looked at as a whole is in view to its last node", () => {
  const g: Graph = { entry: "s", nodes: { s: { type: "start", next: "n0" } } };
  for (let i = 0; i < 12; i++) g.nodes[`n${i}`] = { type: "policy", policy: "x", on_pass: i === 11 ? "" : `n${i + 1}`, on_fail: "" };
  const at = arrange(g), frame = { width: 480, height: 480 }, v = opening(g, at, frame, true) ?? { x: NaN, y: NaN, zoom: NaN };
  assert.ok(v.zoom < readable);
  for (const [id, p] of Object.entries(at)) {
    const x = p.x * v.zoom + v.x, y = p.y * v.zoom + v.y;
    assert.ok(x >= 0 && x + width * v.zoom <= frame.width && y >= 0 && y + heightOf(2) * v.zoom <= frame.height, `${id} is in view`);
  }
});

test("problems speak of the drawing, not of its JSON", () => {
  const g = small(), titles = { watchlist_screening: "Watchlists" };
  const say = (path: string, code: string): string => inWords(locate({ path, code, message: "a policy node needs on_fail" }, "error"), g, titles).message;
  assert.equal(say("/graph/nodes/lists/on_fail", "policy_route_missing"), "Say where the applicant goes when “Watchlists” fails.");
  assert.ok(say("/graph/nodes/look", "unreachable_node").startsWith("Nothing leads here"));
  assert.equal(say("/graph/nodes/start/next", "path_without_terminal"), "Say what comes after “Start”.");
  assert.equal(say("/graph/nodes/lists/config/threshold", "config_invalid"), "a policy node needs on_fail");
});

test("ways that nobody drew say where they lead", () => {
  assert.equal(otherwise({ type: "policy" }, "on_review"), "to a reviewer (default)");
  assert.equal(otherwise({ type: "policy" }, "on_skip"), "as when it fails (default)");
  assert.equal(otherwise({ type: "policy", required: false }, "on_skip"), "as when it passes (default)");
  assert.equal(otherwise({ type: "wait" }, "on_reject"), "to Rejected (default)");
});

test("a draft is told apart from what is in force", () => {
  const at = (b: Bag, version: number): string => standing({ as: "saved", version, message: "", force: forceOf(b) }).join(" ");
  assert.equal(at({ status: "draft", published_version: null, rollout: null }, 1), "Draft saved (no. 1). Nothing is in force yet.");
  assert.equal(at({ status: "published", published_version: 1, rollout: null }, 7), "Draft saved (no. 7). In force: version 1 for everyone.");
  assert.equal(at({ status: "published", published_version: 7, rollout: { version: 7, previous_version: 1, percentage: 25 } }, 7), "Draft saved (no. 7). In force: version 1, and version 7 for 25 % of new sessions.");
  assert.equal(at({ status: "published", published_version: 7, rollout: null }, 7), "No changes. In force: version 7 for everyone.");
});

test("pieces are found by the beginnings of their words", () => {
  assert.ok(begins("Age Compares the age", "age"));
  assert.ok(!begins("Own check Asks an address, which answers a message; pages are not read", "age"));
  assert.ok(begins("Age estimate", "estim ag"));
});

test("an age is a date of birth", () => {
  const day = new Date(2026, 10, 22);
  assert.equal(ageOn(bornFor("19", day), day), "19");
  assert.equal(ageOn("2005-11-23", day), "20");
  assert.equal(bornFor("x", day), "");
});
