// When the camera takes a picture by itself. Time is what the caller says, so
// that nothing here waits.

/** How long the viewfinder stands in view before steadiness counts, in milliseconds. */
export const settle = 2000;

/** Good frames in a row before the automatic shot. */
export const steady = 5;

/** What to do after a frame: show how to begin, say what is to be done better or to hold still, or take the picture. */
export type Turn = "ready" | "hint" | "shoot";

/** Counts good frames, but only once the viewfinder was in view for a while: whoever has not seen it is not photographed. */
export class Patience {
  private since: number | undefined;
  private good = 0;

  constructor(private readonly wait = settle) {}

  /** Takes one frame at a time in milliseconds. */
  frame(now: number, inView: boolean, good: boolean): Turn {
    if (!inView) {
      this.since = undefined;
      this.good = 0;
      return "ready";
    }
    this.since ??= now;
    if (now - this.since < this.wait) return "ready";
    this.good = good ? this.good + 1 : 0;
    return this.good >= steady ? "shoot" : "hint";
  }
}
