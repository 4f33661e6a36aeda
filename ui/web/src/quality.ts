// What a picture of the camera is like, measured on a small grey frame. Pure
// functions: the server repeats every measurement on the picture that is sent,
// so what is found here is a hint for the applicant and never evidence.

/** Measures of one frame. */
export interface Measures {
  light: number; // mean grey, 0-255
  glare: number; // share of pixels that are blown out, 0-1
  sharp: number; // variance of the Laplacian; 0 is flat
  change: number; // mean change of grey since the frame before, 0-255
  filled: number; // share of the middle's cells that hold edges, 0-1
}

/** What to tell: one thing at a time. */
export type Verdict = "dark" | "glare" | "moving" | "blurred" | "empty" | "good";

/** Grey values of RGBA pixels (ITU-R BT.601 luma, in whole numbers). */
export function grey(rgba: Uint8ClampedArray): Uint8Array {
  const out = new Uint8Array(rgba.length / 4);
  for (let i = 0, p = 0; i < out.length; i++, p += 4) {
    out[i] = (299 * rgba[p]! + 587 * rgba[p + 1]! + 114 * rgba[p + 2]!) / 1000;
  }
  return out;
}

/** Measures a grey frame of w x h; before is the frame before it, if there was one. */
export function measure(g: Uint8Array, w: number, h: number, before?: Uint8Array): Measures {
  let sum = 0, blown = 0, change = 0;
  for (let i = 0; i < g.length; i++) {
    const v = g[i]!;
    sum += v;
    if (v >= 250) blown++;
    if (before) change += Math.abs(v - before[i]!);
  }
  const cells = 8, seen = new Float64Array(cells * cells);
  let n = 0, total = 0, squares = 0;
  for (let y = 1; y < h - 1; y++) {
    for (let x = 1; x < w - 1; x++) {
      const i = y * w + x;
      const l = 4 * g[i]! - g[i - 1]! - g[i + 1]! - g[i - w]! - g[i + w]!;
      n++;
      total += l;
      squares += l * l;
      const c = Math.floor((y * cells) / h) * cells + Math.floor((x * cells) / w);
      if (Math.abs(l) > 40) seen[c]!++;
    }
  }
  const mean = total / n;
  let filled = 0, middle = 0;
  const enough = ((w * h) / (cells * cells)) * 0.005;
  for (let y = 1; y < cells - 1; y++) {
    for (let x = 1; x < cells - 1; x++) {
      middle++;
      if (seen[y * cells + x]! > enough) filled++;
    }
  }
  return { light: sum / g.length, glare: blown / g.length, sharp: squares / n - mean * mean, change: before ? change / g.length : 255, filled: filled / middle };
}

/** The thresholds; a synthetic crisp pattern is thousands, a soft ramp below 1. */
export const limits = { dark: 45, glare: 0.1, change: 8, sharp: 40, filled: 0.4 };

/** Says the first thing to do better. A face need not fill the frame with edges. */
export function verdict(m: Measures, kind: string): Verdict {
  if (m.light < limits.dark) return "dark";
  if (m.glare > limits.glare) return "glare";
  if (m.change > limits.change) return "moving";
  if (m.sharp < limits.sharp) return "blurred";
  if (kind === "document" && m.filled < limits.filled) return "empty";
  return "good";
}

/** The size that fits into most on the longer side, never enlarged. */
export function fit(w: number, h: number, most: number): [number, number] {
  const scale = Math.min(1, most / Math.max(w, h));
  return [Math.round(w * scale), Math.round(h * scale)];
}
