import assert from "node:assert/strict";
import { test } from "node:test";
import { again, beat, notice, Stay } from "../src/stay";

const minute = 60_000;
const fresh = { idle: 1800, all: 43200 };

test("a page that nobody touches asks and says nothing until two minutes before the end", () => {
  const s = new Stay(0, fresh);
  for (let now = 0, looks = 0; now < 28 * minute; now += s.next(now), looks++) {
    assert.equal(s.turn(now), "");
    assert.equal(s.word(now).word, "");
    assert.ok(looks < 10);
  }
  assert.equal(s.turn(28 * minute), "ask");
  assert.deepEqual(s.word(28 * minute), { word: "idle", minutes: 2 });
  assert.equal(s.next(28 * minute), again);
});

test("another window that was used takes the words back", () => {
  const s = new Stay(0, fresh);
  s.hear(28 * minute, { idle: 1500, all: 41520 });
  assert.equal(s.word(28 * minute).word, "");
  assert.equal(s.next(28 * minute), beat);
});

test("who writes is there, but says so every five minutes only", () => {
  const s = new Stay(0, fresh);
  s.act();
  assert.equal(s.turn(beat - 1), "");
  assert.equal(s.turn(beat), "here");
  s.hear(beat, { idle: 1800, all: 42900 });
  assert.equal(s.turn(2 * beat), "", "nothing was done since");
  s.act();
  assert.equal(s.turn(2 * beat), "here");
});

test("the end of the day is said as what it is, and nothing puts it off", () => {
  const s = new Stay(0, { idle: 1800, all: 90 });
  assert.deepEqual(s.word(0), { word: "end", minutes: 2 });
  s.hear(30_000, { idle: 1800, all: 60 });
  assert.deepEqual(s.word(30_000), { word: "end", minutes: 1 });
});

test("who is signed out is told, and told no more after signing in elsewhere", () => {
  const s = new Stay(0, fresh);
  s.act();
  s.hear(40 * minute, undefined);
  assert.equal(s.word(40 * minute).word, "over");
  assert.equal(s.turn(40 * minute), "ask", "being there makes nobody signed in");
  s.hear(41 * minute, fresh);
  assert.equal(s.word(41 * minute).word, "");
});

test("a page that was drawn shortly before the end speaks at once", () => {
  const s = new Stay(0, { idle: notice / 1000, all: 43200 });
  assert.equal(s.word(0).word, "idle");
});
