import assert from "node:assert/strict";
import { test } from "node:test";
import { Patience } from "../src/patience";

/** Feeds frames of 250 ms and says at which of them the picture was taken. */
function film(frames: { inView?: boolean; good?: boolean }[]): number {
  const p = new Patience();
  return frames.findIndex((f, i) => p.frame(i * 250, f.inView ?? true, f.good ?? true) === "shoot");
}
const of = (n: number, f: { inView?: boolean; good?: boolean } = {}): { inView?: boolean; good?: boolean }[] => Array.from({ length: n }, () => f);

test("the first good frames of a viewfinder that just came do not count", () => {
  assert.equal(film(of(20)), 12); // two seconds are 8 frames, the fifth good one after them is the 13th
});

test("a viewfinder out of view takes nothing, and begins anew when it comes back", () => {
  assert.equal(film(of(40, { inView: false })), -1);
  assert.equal(film([...of(10), ...of(1, { inView: false }), ...of(20)]), 11 + 12);
});

test("a frame that is not good begins the count anew, not the wait", () => {
  assert.equal(film([...of(11), ...of(1, { good: false }), ...of(10)]), 16);
});
