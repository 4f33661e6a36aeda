import assert from "node:assert/strict";
import { test } from "node:test";
import { place, reduce, type Action, type State } from "../src/studio/state";
import { doc, state } from "./graphs";

const all = (s: State, ...actions: Action[]): State => actions.reduce(reduce, s);

test("undo and redo lead through the same documents, to the byte", () => {
  const changes: Action[] = [
    { do: "add", kind: { type: "terminal", outcome: "rejected" }, after: "lists" }, { do: "connect", from: "lists", label: "on_review", to: "look" },
    { do: "set", id: "lists", at: "/config/threshold", value: 0.7 }, { do: "rename", from: "look", to: "person" }, { do: "remove", ids: ["person"] },
    { do: "duplicate", id: "lists" }, { do: "move", to: { yes: { x: 1, y: 2 } } }, { do: "about", at: "name", value: "Another" },
  ];
  const met = [JSON.stringify(state().doc)];
  let s = state();
  for (const c of changes) {
    s = reduce(s, c);
    met.push(JSON.stringify(s.doc));
  }
  assert.equal(new Set(met).size, met.length, "each change changes something");
  for (let i = met.length - 2; i >= 0; i--) {
    s = reduce(s, { do: "undo" });
    assert.equal(JSON.stringify(s.doc), met[i], `undo to ${i}`);
  }
  assert.equal(reduce(s, { do: "undo" }), s, "before the first change there is nothing");
  for (let i = 1; i < met.length; i++) {
    s = reduce(s, { do: "redo" });
    assert.equal(JSON.stringify(s.doc), met[i], `redo to ${i}`);
  }
  assert.equal(reduce(s, { do: "redo" }), s);
});

test("typing in one field is one step of undo, another field or a look elsewhere begins the next", () => {
  const typed = (at: string, value: string): Action => ({ do: "set", id: "lists", at, value });
  let s = all(state(), typed("/name", "L"), typed("/name", "Li"), typed("/name", "Lists"), typed("/config/mode", "fast"));
  assert.equal(s.past.length, 2);
  s = all(s, { do: "select", id: "yes" }, { do: "select", id: "lists" }, typed("/config/mode", "faster"));
  assert.equal(s.past.length, 3);
  s = all(s, { do: "undo" }, { do: "undo" });
  assert.equal(s.doc.graph.nodes["lists"]?.["name"], "Lists");
});

test("a change after an undo forgets what was undone", () => {
  const s = all(state(), { do: "about", at: "name", value: "A" }, { do: "undo" }, { do: "about", at: "name", value: "B" });
  assert.deepEqual(s.future, []);
  assert.equal(reduce(s, { do: "redo" }).doc.name, "B");
});

test("200 steps are kept", () => {
  let s = state();
  for (let i = 0; i < 250; i++) s = reduce(s, { do: "move", to: { yes: { x: i, y: 0 } } });
  assert.equal(s.past.length, 200);
});

test("the entry stays, and what is deleted leaves no way, no place and no selection", () => {
  const s = all(state(), { do: "select", id: "yes" }, { do: "remove", ids: ["start", "yes"] });
  assert.ok(s.doc.graph.nodes["start"]);
  assert.equal(s.doc.graph.nodes["lists"]?.["on_pass"], undefined);
  assert.equal(s.doc.layout["yes"], undefined);
  assert.equal(s.selected, null);
});

test("a name that is taken or no name changes nothing and says why", () => {
  for (const to of ["yes", "two words", ""]) {
    const s = reduce(state(), { do: "rename", from: "lists", to });
    assert.deepEqual(s.doc, doc());
    assert.notEqual(s.said, "");
  }
});

test("an emptied option leaves no empty object behind", () => {
  const s = all(state(), { do: "set", id: "lists", at: "/config/threshold", value: 0.7 }, { do: "set", id: "lists", at: "/config/threshold", value: "" });
  assert.deepEqual(s.doc.graph, doc().graph);
});

test("a first drawing is nobody's change", () => {
  const s = reduce(state(), { do: "arrange", layout: { start: { x: 5, y: 5 } }, quiet: true });
  assert.equal(s.turn, 0);
  assert.equal(s.past.length, 0);
});

test("new nodes are drawn where none stands", () => {
  let d = doc();
  for (let i = 0; i < 20; i++) {
    const at = place(d, i % 2 === 0 ? "start" : null);
    for (const p of Object.values(d.layout)) assert.ok(Math.abs(p.x - at.x) >= 230 || Math.abs(p.y - at.y) >= 120, `${at.x},${at.y} lies on ${p.x},${p.y}`);
    d = { ...d, layout: { ...d.layout, [`n${i}`]: at } };
  }
});
