// Which part of a drawing is shown when it opens. Pure: sizes are those that
// studio.css draws, so nothing has to be measured first.
import { outlets, type Graph, type Layout } from "./model";

export const width = 220;
export const heightOf = (ways: number): number => 52 + ways * 22;

/** The smallest scale at which the text of a node can be read. */
export const readable = 0.65;
const margin = 24; // pixels around the drawing

export interface View { x: number; y: number; zoom: number }

/** The smallest scale that is drawn at all. */
export const smallest = 0.05;

/** The whole drawing in the middle of its frame when its text can be read so, or when all of it is to be seen; otherwise readable, beginning at the entry. */
export function opening(g: Graph, at: Layout, frame: { width: number; height: number }, all = false): View | null {
  const boxes = Object.entries(g.nodes).flatMap(([id, n]) => {
    const p = at[id];
    return p === undefined ? [] : [{ id, x: p.x, y: p.y, h: heightOf(outlets(n).length) }];
  });
  if (boxes.length === 0 || frame.width <= 0 || frame.height <= 0) return null;
  const left = Math.min(...boxes.map((b) => b.x)), top = Math.min(...boxes.map((b) => b.y));
  const w = Math.max(...boxes.map((b) => b.x)) + width - left, h = Math.max(...boxes.map((b) => b.y + b.h)) - top;
  const whole = Math.min(1, (frame.width - 2 * margin) / w, (frame.height - 2 * margin) / h);
  const zoom = Math.max(whole, all ? smallest : readable);
  const start = boxes.find((b) => b.id === g.entry) ?? { x: left, y: top, h };
  const middle = (size: number, of: number, from: number): number => (of - size * zoom) / 2 - from * zoom;
  return {
    zoom,
    x: w * zoom <= frame.width - margin ? middle(w, frame.width, left) : margin - start.x * zoom,
    y: h * zoom <= frame.height - margin ? middle(h, frame.height, top) : frame.height / 2 - (start.y + start.h / 2) * zoom,
  };
}
