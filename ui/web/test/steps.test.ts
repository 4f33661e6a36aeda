import assert from "node:assert/strict";
import { test } from "node:test";
import { field, label, readAny, showAny } from "../src/studio/schema";
import { hidden, ordered, patchOf, sameSteps, turn } from "../src/studio/steps";

test("a patch holds what differs, and null for what is gone", () => {
  const was = { name: "A", tags: ["x"], config: { a: 1, b: { c: 2, d: 3 } }, gone: true };
  assert.deepEqual(patchOf(was, was), {});
  assert.deepEqual(patchOf(was, { name: "A", tags: ["y"], config: { a: 1, b: { c: 2, d: 4 } }, fresh: 1 }), { tags: ["y"], config: { b: { d: 4 } }, fresh: 1, gone: null });
});

test("steps keep their count where a surface counts them", () => {
  const steps = [{ order: 2, name: "b" }, { order: 1, name: "a" }];
  assert.deepEqual(ordered("steps", steps), [{ order: 1, name: "b" }, { order: 2, name: "a" }]);
  assert.equal(ordered("checks", steps), steps);
});

test("undo and redo of a list of steps", () => {
  const one = { name: "1" }, two = { name: "2" }, three = { name: "3" };
  let s = turn(turn({ now: one, past: [], future: [], mark: "" }, { do: "to", next: two, mark: "/name" }), { do: "to", next: three, mark: "/name" });
  assert.equal(s.past.length, 1, "typing goes on");
  s = turn(s, { do: "undo" });
  assert.equal(s.now, one);
  s = turn(s, { do: "redo" });
  assert.equal(s.now, three);
  assert.equal(turn(s, { do: "redo" }), s);
});

test("a checklist is the same while its checks are, in any order", () => {
  assert.ok(sameSteps({ steps: [{ id: "A" }, { id: "B" }] }, { steps: [{ id: "B" }, { id: "A" }] }));
  assert.ok(!sameSteps({ steps: [{ id: "A" }] }, { steps: [{ id: "A" }, { id: "B" }] }));
});

test("options of other types are hidden", () => {
  const schema = { properties: { a: { description: "Of selfie: light." }, b: { description: "Of selfie and liveness: tries." }, c: { description: "Always." } } };
  assert.deepEqual(hidden(schema, "liveness"), ["a"]);
});

test("a schema becomes the right kind of field, through references", () => {
  const lookup = (name: string): Record<string, string> | undefined => (name === "Mode" ? { type: "string" } : undefined);
  const kind = (schema: Parameters<typeof field>[1]): string => field("x", schema, false, lookup).kind;
  assert.deepEqual([kind({ type: "boolean" }), kind({ type: ["integer", "null"] }), kind({ type: "string", enum: ["a"] }), kind({ $ref: "#/components/schemas/Mode" }), kind({ type: "array", items: { type: "string" } }), kind({})],
    ["flag", "number", "choice", "text", "lines", "any"]);
  assert.equal(label("maxAgeHours"), "Max age hours");
  assert.equal(label("workflow_id"), "Workflow ID");
});

test("what is shown reads back as it was", () => {
  for (const v of ["plain", "12", "true", 12, true, null, ["DE", "FR"], { a: [1] }]) assert.deepEqual(readAny(showAny(v)), v);
});
