// A workflow graph as api.md 6.3 writes it, and the pure functions that change
// it. Nothing here knows the page; every function gives a new graph.

export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
export type Bag = { [name: string]: Json };
export type Nodes = Record<string, Bag>;
export interface Graph { entry: string; nodes: Nodes }
export interface Point { x: number; y: number }
export type Layout = Record<string, Point>;

/** One way out of a node, taken or not. label is as the engine names it: next, on_pass, routes/0, default … */
export interface Outlet { label: string; to: string; name: string; needed: boolean }

const plain: Record<string, [label: string, name: string, needed: boolean][]> = {
  start: [["next", "next", true]],
  set: [["next", "next", true]],
  score: [["next", "next", true]],
  join: [["next", "next", true]],
  policy: [["on_pass", "pass", true], ["on_fail", "fail", true], ["on_review", "review", false], ["on_error", "error", false], ["on_skip", "skip", false]],
  wait: [["on_continue", "continue", true], ["on_fail", "fail", false], ["on_reject", "reject", false], ["on_timeout", "timeout", false]],
  subworkflow: [["on_approved", "approved", true], ["on_rejected", "rejected", false], ["on_needs_review", "review", false]],
};
plain["http"] = plain["policy"] ?? [];

/** The node types, as the palette offers them. */
export const kinds: { type: string; title: string; help: string }[] = [
  { type: "conditional", title: "Condition", help: "Goes the first way whose conditions hold." },
  { type: "wait", title: "Gate", help: "Waits for a decision from outside." },
  { type: "parallel", title: "Parallel", help: "Begins several branches at once." },
  { type: "join", title: "Join", help: "Where branches meet." },
  { type: "score", title: "Score", help: "Adds weighted factors to risk.score." },
  { type: "set", title: "Set", help: "Writes values to vars." },
  { type: "split", title: "Split", help: "Sends shares of people different ways." },
  { type: "subworkflow", title: "Subworkflow", help: "Runs another published workflow." },
];

/** The ends of a workflow. */
export const ends: { outcome: string; title: string; help: string }[] = [
  { outcome: "approved", title: "Approved", help: "The person is approved." },
  { outcome: "needs_review", title: "Needs review", help: "Opens a case for a reviewer." },
  { outcome: "rejected", title: "Rejected", help: "The person is rejected." },
];

export const isBag = (v: Json | undefined): v is Bag => typeof v === "object" && v !== null && !Array.isArray(v);
export const str = (v: Json | undefined): string => (typeof v === "string" ? v : "");
export const list = (v: Json | undefined): Json[] => (Array.isArray(v) ? v : []);
const bag = (v: Json | undefined): Bag => (isBag(v) ? v : {});

/** Reads a graph out of any JSON; what is no graph is an empty one. */
export function readGraph(v: Json | undefined): Graph {
  const raw = bag(v);
  const nodes: Nodes = {};
  for (const [id, n] of Object.entries(bag(raw["nodes"]))) nodes[id] = bag(n);
  return { entry: str(raw["entry"]) || "start", nodes };
}

/** Reads positions; what is no position is left out. */
export function readLayout(v: Json | undefined): Layout {
  const out: Layout = {};
  for (const [id, p] of Object.entries(bag(v))) {
    const { x, y } = bag(p);
    if (typeof x === "number" && typeof y === "number") out[id] = { x, y };
  }
  return out;
}

/** All ways out of a node in the order an author reads them. */
export function outlets(n: Bag): Outlet[] {
  switch (str(n["type"])) {
    case "conditional": {
      const ways = list(n["routes"]).map((r, i) => ({ label: `routes/${i}`, to: str(bag(r)["next"]), name: conditionText(bag(r)) || `route ${i + 1}`, needed: true }));
      return [...ways, { label: "default", to: str(n["default"]), name: "otherwise", needed: true }];
    }
    case "split":
      return list(n["arms"]).map((a, i) => ({ label: `arms/${i}`, to: str(bag(a)["next"]), name: str(bag(a)["name"]) || `arm ${i + 1}`, needed: true }));
    case "parallel": {
      const branches = list(n["branches"]).map((b, i) => ({ label: `branches/${i}`, to: str(b), name: `branch ${i + 1}`, needed: true }));
      return [...branches, { label: `branches/${branches.length}`, to: "", name: "new branch", needed: branches.length < 2 }];
    }
  }
  return (plain[str(n["type"])] ?? []).map(([label, name, needed]) => ({ label, to: str(n[label]), name, needed }));
}

/** Where a way leads that nobody drew, as the engine fills it in (flow/defaults.go). */
export function otherwise(n: Bag, label: string): string {
  switch (label) {
    case "on_skip": return n["required"] === false ? "as when it passes (default)" : "as when it fails (default)";
    case "on_reject": case "on_rejected": return "to Rejected (default)";
  }
  return "to a reviewer (default)";
}

/** The conditions of a route in one short line. */
export function conditionText(route: Bag): string {
  const parts = list(route["conditions"]).map((c) => {
    const { field, operator, value } = bag(c);
    return `${str(field).replace(/^(extracted|session\.fields)\./, "")} ${str(operator)} ${typeof value === "string" ? value : JSON.stringify(value ?? null)}`;
  });
  return parts.join(route["match"] === "any" ? " or " : " and ");
}

/** Where a route stands below its node, as a JSON Pointer. */
export function outletPointer(label: string): string {
  return /^(routes|arms)\//.test(label) ? `/${label}/next` : `/${label}`;
}

/** Leads one way out of a node to another node; "" takes the way away. */
export function connect(g: Graph, from: string, label: string, to: string): Graph {
  const n = g.nodes[from];
  if (n === undefined) return g;
  const [field, at] = label.split("/");
  const i = Number(at);
  let next: Bag;
  if (field === "routes" || field === "arms") {
    next = { ...n, [field]: list(n[field]).map((r, k) => (k === i ? put(bag(r), "next", to) : r)) };
  } else if (field === "branches") {
    const all = list(n["branches"]).slice();
    if (to === "") all.splice(i, 1);
    else if (!all.includes(to)) all[Math.min(i, all.length)] = to;
    next = { ...n, branches: all };
  } else {
    next = put(n, label, to);
  }
  return { ...g, nodes: { ...g.nodes, [from]: next } };
}

/** Sets a member, or removes it when the value is empty. */
export function put(n: Bag, name: string, value: Json | undefined): Bag {
  const out = { ...n };
  if (value === undefined || value === "") delete out[name];
  else out[name] = value;
  return out;
}

/** Sets the value at a JSON Pointer below a bag; undefined removes it. Empty objects stay. */
export function setAt(root: Bag, pointer: string, value: Json | undefined): Bag {
  const parts = pointer.split("/").slice(1).map((p) => p.replace(/~1/g, "/").replace(/~0/g, "~"));
  const set = (v: Json | undefined, depth: number): Json => {
    const key = parts[depth] ?? "";
    const last = depth === parts.length - 1;
    if (Array.isArray(v)) {
      const out = v.slice();
      const i = Number(key);
      if (!last) out[i] = set(v[i], depth + 1);
      else if (value === undefined) out.splice(i, 1);
      else out[i] = value;
      return out;
    }
    const out: Bag = { ...bag(v) };
    if (!last) out[key] = set(out[key], depth + 1);
    else if (value === undefined) delete out[key];
    else out[key] = value;
    return out;
  };
  return parts.length === 0 ? bag(value) : bag(set(root, 0));
}

/** The value at a JSON Pointer; undefined where there is none. */
export function getAt(root: Json | undefined, pointer: string): Json | undefined {
  let v = root;
  for (const part of pointer.split("/").slice(1)) {
    const key = part.replace(/~1/g, "/").replace(/~0/g, "~");
    if (Array.isArray(v)) v = v[Number(key)];
    else if (isBag(v)) v = v[key];
    else return undefined;
  }
  return v;
}

/** An id that no node has yet. */
export function freeID(g: Graph, wish: string): string {
  const base = wish.replace(/[^A-Za-z0-9_-]/g, "_").slice(0, 58) || "node";
  if (g.nodes[base] === undefined) return base;
  for (let i = 2; ; i++) if (g.nodes[`${base}_${i}`] === undefined) return `${base}_${i}`;
}

/** A new node of a kind. */
export function blank(kind: { type: string; policy?: string; outcome?: string }): Bag {
  switch (kind.type) {
    case "policy": return { type: "policy", policy: kind.policy ?? "" };
    case "terminal": return { type: "terminal", outcome: kind.outcome ?? "needs_review" };
    case "conditional": return { type: "conditional", routes: [{ conditions: [{ field: "extracted.age", operator: "<", value: 18 }] }] };
    case "wait": return { type: "wait", gate: "decision", timeout_seconds: 86400 };
    case "parallel": return { type: "parallel", branches: [] };
    case "split": return { type: "split", arms: [{ name: "a", weight: 50 }, { name: "b", weight: 50 }] };
    case "score": return { type: "score", factors: [{ name: "base", weight: 10, conditions: [{ field: "session.country", operator: "exists", value: true }] }] };
    case "set": return { type: "set", assign: [{ to: "vars.note", value: "" }] };
    case "subworkflow": return { type: "subworkflow", workflow_id: "" };
  }
  return { type: kind.type };
}

/** The way out that a node following this one would take first: an open one that is needed, or next/pass. */
export function wayOn(n: Bag): Outlet | undefined {
  const all = outlets(n);
  return all.find((o) => o.to === "" && o.needed) ?? all.find((o) => o.label === "next" || o.label === "on_pass" || o.label === "on_continue");
}

/** Adds a node. With after it follows that node: it takes an open way out, or stands between the node and what followed it. */
export function add(g: Graph, id: string, node: Bag, after: string | null): Graph {
  let out: Graph = { ...g, nodes: { ...g.nodes, [id]: node } };
  const before = after === null ? undefined : g.nodes[after];
  if (after === null || before === undefined) return out;
  const way = wayOn(before);
  if (way === undefined) return out;
  if (way.to !== "") {
    const own = wayOn(node);
    if (own === undefined) return out; // an end cannot stand between two nodes
    out = connect(out, id, own.label, way.to);
  }
  return connect(out, after, way.label, id);
}

/** Removes nodes and every way that leads to them. */
export function remove(g: Graph, ids: string[]): Graph {
  const gone = new Set(ids.filter((id) => id !== g.entry));
  const nodes: Nodes = {};
  for (const [id, n] of Object.entries(g.nodes)) if (!gone.has(id)) nodes[id] = redirect(n, (to) => (gone.has(to) ? "" : to));
  return { ...g, nodes };
}

/** Gives a node another id everywhere it is named. */
export function rename(g: Graph, from: string, to: string): Graph {
  const nodes: Nodes = {};
  for (const [id, n] of Object.entries(g.nodes)) nodes[id === from ? to : id] = redirect(n, (t) => (t === from ? to : t));
  return { entry: g.entry === from ? to : g.entry, nodes };
}

/** Changes where the ways out of a node lead; the node itself when nothing changes. */
function redirect(n: Bag, where: (to: string) => string): Bag {
  let g: Graph = { entry: "", nodes: { n } };
  for (const o of outlets(n).reverse()) if (o.to !== "" && where(o.to) !== o.to) g = connect(g, "n", o.label, where(o.to));
  let out = g.nodes["n"] ?? n;
  const join = str(n["join"]);
  if (join !== "" && where(join) !== join) out = put(out, "join", where(join));
  return out;
}

/** Every edge that is drawn; several of one node to another keep their own. */
export function edges(g: Graph): { from: string; label: string; to: string; name: string }[] {
  return Object.entries(g.nodes).flatMap(([from, n]) => outlets(n).filter((o) => o.to !== "").map((o) => ({ from, label: o.label, to: o.to, name: o.name })));
}

/** The nodes as a reader meets them: along the ways from the entry, then what no way leads to. */
export function reading(g: Graph): string[] {
  const seen = new Set<string>();
  const out: string[] = [];
  const visit = (start: string): void => {
    const todo = [start];
    for (let id = todo.pop(); id !== undefined; id = todo.pop()) {
      const n = g.nodes[id];
      if (n === undefined || seen.has(id)) continue;
      seen.add(id);
      out.push(id);
      for (const o of outlets(n).reverse()) if (o.to !== "") todo.push(o.to);
    }
  };
  visit(g.entry);
  for (const id of Object.keys(g.nodes)) visit(id);
  return out;
}

/** What a node is called on the drawing: its own name, or what it does. */
export function caption(n: Bag, titles: Record<string, string> = {}): string {
  if (str(n["name"]) !== "") return str(n["name"]);
  switch (str(n["type"])) {
    case "policy": return titles[str(n["policy"])] ?? (str(n["policy"]) || "check");
    case "http": return titles["http"] ?? "Own check";
    case "terminal": return ends.find((e) => e.outcome === n["outcome"])?.title ?? "End";
    case "start": return "Start";
    case "wait": return `Gate ${str(n["gate"])}`;
  }
  return kinds.find((k) => k.type === n["type"])?.title ?? str(n["type"]);
}
