// Positions of nodes by dagre. It runs in a worker, because a large drawing
// takes longer than a page may stand still.
import { graphlib, layout } from "@dagrejs/dagre";
import { edges, outlets, type Graph, type Layout } from "./model";
import { heightOf, width } from "./view";

/** Where every node is drawn: along the ways from left to right. */
export function arrange(g: Graph): Layout {
  const d = new graphlib.Graph();
  d.setGraph({ rankdir: "LR", nodesep: 28, ranksep: 90 });
  d.setDefaultEdgeLabel(() => ({}));
  for (const [id, n] of Object.entries(g.nodes)) d.setNode(id, { width, height: heightOf(outlets(n).length) });
  for (const e of edges(g)) if (g.nodes[e.to] !== undefined && e.from !== e.to) d.setEdge(e.from, e.to);
  layout(d);
  const out: Layout = {};
  for (const id of d.nodes()) {
    const at = d.node(id);
    out[id] = { x: Math.round(at.x - width / 2), y: Math.round(at.y - at.height / 2) };
  }
  return out;
}
