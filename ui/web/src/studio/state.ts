// The editor's state and the one function that changes it. Undo and redo are
// lists of whole documents: they share what did not change.
import { add, blank, connect, freeID, type Bag, type Graph, type Layout, type Point, put, remove, rename, setAt, type Json } from "./model";

/** What is edited and saved. */
export interface Doc {
  name: string;
  description: string;
  graph: Graph;
  layout: Layout;
  /** Other parts of the definition; null where nothing is said. */
  requirements: Bag | null;
  screening: Bag | null;
}

export interface State {
  doc: Doc;
  past: Doc[];
  future: Doc[];
  /** The selected node; null shows the workflow itself. */
  selected: string | null;
  /** The last change's place, so that typing in one field is one step of undo. */
  mark: string;
  /** Counts changes of the document, for whoever saves and checks it. */
  turn: number;
  /** What was done, for the live region. */
  said: string;
}

export type Action =
  | { do: "add"; kind: { type: string; policy?: string; outcome?: string }; at?: Point; after?: string | null }
  | { do: "remove"; ids: string[] }
  | { do: "connect"; from: string; label: string; to: string }
  | { do: "set"; id: string; at: string; value: Json | undefined }
  | { do: "rename"; from: string; to: string }
  | { do: "move"; to: Layout }
  | { do: "nudge"; id: string; by: Point }
  | { do: "arrange"; layout: Layout; quiet?: boolean }
  | { do: "about"; at: "name" | "description"; value: string }
  | { do: "part"; at: "requirements" | "screening"; value: Bag | null }
  | { do: "replace"; doc: Doc }
  | { do: "duplicate"; id: string }
  | { do: "select"; id: string | null }
  | { do: "undo" }
  | { do: "redo" };

const keep = 200; // steps of undo

export const begin = (doc: Doc): State => ({ doc, past: [], future: [], selected: null, mark: "", turn: 0, said: "" });

export function reduce(s: State, a: Action): State {
  const g = s.doc.graph;
  switch (a.do) {
    case "select":
      return s.selected === a.id ? s : { ...s, selected: a.id, mark: "" };
    case "undo": {
      const doc = s.past.at(-1);
      return doc === undefined ? s : tidy({ ...s, doc, past: s.past.slice(0, -1), future: [s.doc, ...s.future], mark: "", turn: s.turn + 1, said: "Undone" });
    }
    case "redo": {
      const doc = s.future[0];
      return doc === undefined ? s : tidy({ ...s, doc, past: [...s.past, s.doc], future: s.future.slice(1), mark: "", turn: s.turn + 1, said: "Redone" });
    }
    case "add": {
      const id = freeID(g, a.kind.policy ?? a.kind.outcome ?? a.kind.type);
      const after = a.after ?? null;
      const at = a.at ?? place(s.doc, after);
      return { ...step(s, { graph: add(g, id, blank(a.kind), after), layout: { ...s.doc.layout, [id]: at } }, `Added ${id}`), selected: id };
    }
    case "duplicate": {
      const n = g.nodes[a.id];
      if (n === undefined || a.id === g.entry) return s;
      const id = freeID(g, a.id);
      return { ...step(s, { graph: { ...g, nodes: { ...g.nodes, [id]: n } }, layout: { ...s.doc.layout, [id]: place(s.doc, a.id) } }, `Copied ${a.id} to ${id}`), selected: id };
    }
    case "remove": {
      const ids = a.ids.filter((id) => id !== g.entry && g.nodes[id] !== undefined);
      return ids.length === 0 ? s : tidy(step(s, { graph: remove(g, ids) }, `Deleted ${ids.join(", ")}`));
    }
    case "connect": {
      if (a.from === a.to) return { ...s, said: "A node cannot lead to itself" };
      const graph = connect(g, a.from, a.label, a.to);
      return step(s, { graph }, a.to === "" ? `${a.from} leads nowhere on ${a.label}` : `${a.from} leads to ${a.to} on ${a.label}`);
    }
    case "set": {
      const n = g.nodes[a.id];
      if (n === undefined) return s;
      const next = a.value === "" || a.value === undefined ? emptied(n, a.at) : setAt(n, a.at, a.value);
      return step(s, { graph: { ...g, nodes: { ...g.nodes, [a.id]: next } } }, "", `${a.id}${a.at}`);
    }
    case "rename": {
      if (a.from === a.to || g.nodes[a.from] === undefined || !/^[A-Za-z0-9_-]{1,64}$/.test(a.to)) return { ...s, said: "An id has letters, digits, _ and -" };
      if (g.nodes[a.to] !== undefined) return { ...s, said: `There is a node ${a.to} already` };
      const { [a.from]: at, ...rest } = s.doc.layout;
      return { ...step(s, { graph: rename(g, a.from, a.to), layout: at === undefined ? rest : { ...rest, [a.to]: at } }, `Renamed to ${a.to}`), selected: a.to };
    }
    case "move":
      return step(s, { layout: { ...s.doc.layout, ...a.to } }, "");
    case "nudge": {
      const at = s.doc.layout[a.id];
      return at === undefined ? s : step(s, { layout: { ...s.doc.layout, [a.id]: { x: at.x + a.by.x, y: at.y + a.by.y } } }, `Moved ${a.id}`, `nudge ${a.id}`);
    }
    case "arrange": // a first drawing is nobody's change
      return a.quiet ? { ...s, doc: { ...s.doc, layout: a.layout } } : step(s, { layout: a.layout }, "Tidied up");
    case "about":
      return step(s, { [a.at]: a.value }, "", a.at);
    case "part":
      return step(s, { [a.at]: a.value }, "", a.at);
    case "replace":
      return tidy(step(s, a.doc, "Replaced by the JSON"));
  }
}

/** One change: what was before can be undone, unless it goes on at the same mark. */
function step(s: State, change: Partial<Doc>, said: string, mark = ""): State {
  const doc = { ...s.doc, ...change };
  const goesOn = mark !== "" && mark === s.mark;
  return { ...s, doc, past: goesOn ? s.past : [...s.past.slice(-keep + 1), s.doc], future: [], mark, turn: s.turn + 1, said };
}

/** A selection that is gone is none, and positions of gone nodes are dropped. */
function tidy(s: State): State {
  const selected = s.selected !== null && s.doc.graph.nodes[s.selected] === undefined ? null : s.selected;
  const layout = Object.fromEntries(Object.entries(s.doc.layout).filter(([id]) => s.doc.graph.nodes[id] !== undefined));
  return { ...s, selected, doc: Object.keys(layout).length === Object.keys(s.doc.layout).length ? s.doc : { ...s.doc, layout } };
}

/** Removes a member, and the object around it when that is left empty. */
function emptied(n: Bag, at: string): Bag {
  const out = setAt(n, at, undefined);
  const [, top = "", ...rest] = at.split("/");
  return rest.length === 1 && JSON.stringify(out[top]) === "{}" ? put(out, top, undefined) : out;
}

/** Where a new node is drawn: right of the one it follows, below what stands there. */
export function place(doc: Doc, after: string | null): Point {
  const all = Object.values(doc.layout);
  const base = after === null ? undefined : doc.layout[after];
  const p = base ? { x: base.x + 280, y: base.y } : { x: Math.min(0, ...all.map((q) => q.x)), y: Math.max(-160, ...all.map((q) => q.y)) + 160 };
  while (all.some((q) => Math.abs(q.x - p.x) < 230 && Math.abs(q.y - p.y) < 120)) p.y += 140;
  return p;
}
