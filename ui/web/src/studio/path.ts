// What a run recorded, as marks on a drawing. Only what was recorded lights up:
// an edge whose two ends were visited is not taken for that.
import type { Marks } from "./canvas";
import { list, outlets, str, type Bag, type Graph } from "./model";

export interface Move { from: string; to: string; why: string }
export interface Result { status: string; policy?: string; result?: Bag; duration_ms?: number }

export const none: Marks = { nodes: {}, edges: new Set() };

/** The way out that a recorded move took; nothing when it fits none. */
export function wayOf(n: Bag, m: Move): string | undefined {
  const [kind, rest] = [m.why.split(" ")[0] ?? "", m.why.slice(m.why.indexOf(" ") + 1)];
  const label = kind === "route" ? `routes/${rest}` : kind === "branch" ? `branches/${rest}` : kind === "arm" ? `arms/${list(n["arms"]).findIndex((a) => str((a as Bag)["name"]) === rest)}` : undefined;
  return outlets(n).find((o) => o.to === m.to && (label === undefined ? o.label === m.why || o.label === `on_${m.why}` : o.label === label))?.label;
}

/** Marks of a run on the graph it walked. */
export function light(g: Graph, moves: Move[], results: Record<string, Result>): Marks {
  const marks: Marks = { nodes: {}, edges: new Set() };
  if (moves.length > 0) marks.nodes[g.entry] = "taken";
  for (const m of moves) {
    const label = g.nodes[m.from] === undefined ? undefined : wayOf(g.nodes[m.from] ?? {}, m);
    if (label !== undefined) marks.edges.add(`${m.from} ${label}`);
    marks.nodes[m.to] = results[m.to]?.status || "taken";
    marks.nodes[m.from] = results[m.from]?.status || "taken";
  }
  return marks;
}

/** Marks of a difference: what is new, gone or changed in one of its two drawings. */
export function changed(d: Bag, side: "old" | "new"): Marks {
  const marks: Marks = { nodes: {}, edges: new Set() };
  for (const id of list(d[side === "new" ? "nodes_added" : "nodes_removed"]).map(str)) marks.nodes[id] = side === "new" ? "added" : "removed";
  for (const n of list(d["nodes_changed"])) marks.nodes[str((n as Bag)["id"])] = "changed";
  for (const r of list(d["routes"])) {
    const e = r as Bag;
    if (str(e[side]) !== "") marks.edges.add(`${str(e["node"])} ${str(e["label"])}`);
  }
  return marks;
}
