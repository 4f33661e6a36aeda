// Asks the worker for positions.
import type { Graph, Layout } from "./model";

/** Positions of every node; nothing when the worker cannot be started. */
export function arrange(address: string, g: Graph): Promise<Layout> {
  return new Promise((done) => {
    const w = new Worker(address, { type: "module" });
    const end = (l: Layout): void => {
      w.terminate();
      done(l);
    };
    w.onmessage = (e: MessageEvent<Layout>) => end(e.data);
    w.onerror = () => end(rough(g));
    w.postMessage(g);
  });
}

/** Nodes in rows, where there is nothing better. */
function rough(g: Graph): Layout {
  return Object.fromEntries(Object.keys(g.nodes).map((id, i) => [id, { x: (i % 5) * 280, y: Math.floor(i / 5) * 180 }]));
}
