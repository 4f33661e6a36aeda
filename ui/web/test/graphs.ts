// Graphs that several tests begin with.
import type { Graph } from "../src/studio/model";
import { begin, type Doc, type State } from "../src/studio/state";

/** start, one check, two ends; the way of a failure is open. */
export const small = (): Graph => ({
  entry: "start", nodes: {
    start: { type: "start", next: "lists" },
    lists: { type: "policy", policy: "watchlist_screening", on_pass: "yes" },
    yes: { type: "terminal", outcome: "approved" },
    look: { type: "terminal", outcome: "needs_review" },
  },
});

export const doc = (graph: Graph = small()): Doc => ({
  name: "Opening", description: "", graph, requirements: null, screening: null,
  layout: Object.fromEntries(Object.keys(graph.nodes).map((id, i) => [id, { x: i * 280, y: 0 }])),
});

export const state = (graph?: Graph): State => begin(doc(graph));
