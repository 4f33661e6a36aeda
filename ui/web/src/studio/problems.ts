// What the server says is wrong, brought to the node and the field it speaks of.

export interface Finding { path: string; code: string; message: string; node?: string; nodes?: string[] }
export interface Problem extends Finding { level: "error" | "warning"; nodeID: string; at: string }

/** The node of a finding and where in it; no node for the workflow itself. */
export function locate(f: Finding, level: Problem["level"]): Problem {
  const parts = f.path.replace(/^\/graph/, "").split("/").slice(1);
  if (parts[0] === "nodes" && parts[1] !== undefined) {
    return { ...f, level, nodeID: parts[1].replace(/~1/g, "/").replace(/~0/g, "~"), at: parts.slice(2).map((p) => `/${p}`).join("") };
  }
  return { ...f, level, nodeID: f.node ?? f.nodes?.[0] ?? "", at: f.node === undefined ? f.path : "" };
}

/** Problems by node. Nodes without one are not in it. */
export function byNode(all: Problem[]): Map<string, Problem[]> {
  const out = new Map<string, Problem[]>();
  for (const p of all) {
    for (const id of new Set([p.nodeID, ...(p.nodes ?? [])])) {
      if (id === "") continue;
      const of = out.get(id);
      if (of === undefined) out.set(id, [p]);
      else of.push(p);
    }
  }
  return out;
}

/** The problems of one field: those at its place or below it, when nothing below shows them. */
export const at = (all: Problem[], pointer: string): Problem[] => all.filter((p) => p.at === pointer);
export const under = (all: Problem[], pointer: string): Problem[] => all.filter((p) => p.at === pointer || p.at.startsWith(`${pointer}/`));
