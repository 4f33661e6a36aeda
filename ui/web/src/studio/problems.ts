// What the server says is wrong, brought to the node and the field it speaks of,
// in the words of the drawing.
import { caption, outlets, type Graph } from "./model";

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

const ways: Record<string, string> = { on_pass: "passes", on_fail: "fails", on_continue: "is told to continue" };

/** A problem as the author of a drawing reads it. What has no words of its own keeps the server's. */
export function inWords(p: Problem, g: Graph, titles: Record<string, string>): Problem {
  const n = g.nodes[p.nodeID];
  if (n === undefined) return p;
  const name = (id: string): string => `“${caption(g.nodes[id] ?? {}, titles)}”`;
  const own = name(p.nodeID), field = p.at.slice(1).split("/");
  const route = outlets(n).find((o) => /^(routes|arms)/.test(o.label) && o.label === field.slice(0, 2).join("/"))?.name ?? "";
  switch (p.code) {
    case "policy_route_missing":
      return { ...p, message: `Say where the applicant goes when ${own} ${ways[field[0] ?? ""] ?? "ends"}.` };
    case "conditional_default_missing":
      return { ...p, message: `Say where the applicant goes when nothing of ${own} holds (otherwise).` };
    case "conditional_routes_missing":
      return { ...p, message: `Add what ${own} asks for and say where that leads.` };
    case "path_without_terminal":
      return { ...p, message: field[0] === "" ? `No way from ${own} reaches an end: Approved, Needs review or Rejected.` : route !== "" ? `Say where the applicant goes when ${own} finds: ${route}.` : `Say what comes after ${own}.` };
    case "node_not_found":
      return { ...p, message: `A way of ${own} leads to a piece that is gone; choose another.` };
    case "unreachable_node":
      return { ...p, message: `Nothing leads here: no applicant ever comes to ${own}. Lead a way to it, or delete it.` };
    case "cycle":
      return { ...p, message: `The ways lead in a circle: ${(p.nodes ?? []).map(name).join(", then ")}.` };
    case "wait_without_timeout":
      return { ...p, message: `Say how long ${own} waits; without a limit an applicant may wait for ever.` };
  }
  return p;
}
