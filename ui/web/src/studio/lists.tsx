// Palette and outline: everything that dragging does is a button here.
import { memo, useState, type ReactNode } from "react";
import { dragType } from "./canvas";
import { caption, ends, kinds, outlets, reading, str, type Bag, type Graph } from "./model";
import { lacking, type Policy } from "./node_form";
import type { Problem } from "./problems";
import type { Action } from "./state";

export type Wish = { type: string; policy?: string; outcome?: string };

/** What a piece of the palette says while it is dragged. */
export const packed = (w: Wish): string => JSON.stringify(w);
export const unpacked = (text: string): Wish => JSON.parse(text) as Wish;

interface Piece { wish: Wish; title: string; help: string; note: string; lacking: string }

/** Every piece, by group. Checks come from the Specs of the program that answers. */
export function pieces(policies: Policy[]): [group: string, pieces: Piece[]][] {
  return [
    ["Ends", ends.map((e) => ({ wish: { type: "terminal", outcome: e.outcome }, title: e.title, help: e.help, note: "", lacking: "" }))],
    ["Checks", policies.map((p) => ({ wish: p.name === "http" ? { type: "http" } : { type: "policy", policy: p.name }, title: p.title, help: p.description, note: p.available ? "" : "not set up here", lacking: lacking(p) }))],
    ["Flow", kinds.map((k) => ({ wish: { type: k.type }, title: k.title, help: k.help, note: "", lacking: "" }))],
  ];
}

/** Whether each word that is looked for begins a word of a text: "age" is not in "pages". */
export function begins(text: string, wanted: string): boolean {
  const all = words(text);
  return words(wanted).every((w) => all.some((x) => x.startsWith(w)));
}

const words = (text: string): string[] => text.toLowerCase().split(/[^\p{L}\p{N}]+/u).filter((w) => w !== "");

export const Palette = memo(function Palette({ policies, add, after }: { policies: Policy[]; add: (w: Wish) => void; after: string }): ReactNode {
  const [wanted, setWanted] = useState("");
  const match = (p: Piece): boolean => begins(`${p.title} ${p.wish.policy ?? ""} ${p.help}`, wanted);
  return (
    <section className="palette" aria-labelledby="palette-title">
      <h2 id="palette-title">Add</h2>
      <p className="hint">{after === "" ? "Drag onto the drawing, or press." : `Drag, or press to add after ${after}.`}</p>
      <label className="quiet" htmlFor="palette-find">Find a piece</label>
      <input id="palette-find" type="search" placeholder="Find a piece" value={wanted} onChange={(e) => setWanted(e.target.value)} />
      {pieces(policies).map(([group, all]) => {
        const shown = all.filter(match);
        return shown.length === 0 ? null : (
          <div key={group}><h3>{group}</h3><ul className="pieces">{shown.map((p) => (
            <li key={packed(p.wish)}><button type="button" className="plain piece" draggable title={p.lacking === "" ? p.help : `${p.help} This machine lacks ${p.lacking}.`} data-piece={p.wish.policy ?? p.wish.outcome ?? p.wish.type}
              onDragStart={(e) => { e.dataTransfer.setData(dragType, packed(p.wish)); e.dataTransfer.effectAllowed = "copy"; }} onClick={() => add(p.wish)}>
              {p.title}{p.note !== "" && <small> {p.note}</small>}</button></li>))}</ul></div>
        );
      })}
    </section>
  );
});

const none: Bag = {};

/** One node of the outline. It is drawn again only when something of it changed. */
const Entry = memo(function Entry({ id, node, titles, wrong, all, lone, selected, fixed, send }: { id: string; node: Bag; titles: Record<string, string>; wrong: number; all: number; lone: boolean; selected: boolean; fixed: boolean; send: (a: Action) => void }): ReactNode {
  const to = (e: React.KeyboardEvent): void => {
    const rows = [...(e.currentTarget.closest("ol")?.querySelectorAll<HTMLElement>("button") ?? [])];
    const i = rows.indexOf(e.currentTarget as HTMLElement);
    if (e.key === "ArrowDown" || e.key === "ArrowUp") {
      e.preventDefault();
      rows[i + (e.key === "ArrowDown" ? 1 : -1)]?.focus();
    } else if (e.key === "Delete" && !fixed) {
      e.preventDefault();
      (rows[i + 1] ?? rows[i - 1])?.focus();
      send({ do: "remove", ids: [id] });
    }
  };
  return (
    <li><button type="button" className="plain" aria-current={selected ? "true" : undefined} data-node={id} onKeyDown={to} onClick={() => send({ do: "select", id })}>
      <span className="outline-name">{caption(node, titles)}</span> <span className="soft">{id}</span>
      {lone ? <span className="tag warn">nothing leads here</span> : wrong > 0 ? <span className="tag bad">{wrong} to mend</span> : all > 0 && <span className="tag warn">{all} to look at</span>}
      <span className="outline-ways">{outlets(node).filter((o) => o.to !== "").map((o) => `${o.name} → ${o.to}`).join(", ") || (str(node["type"]) === "terminal" ? "" : "leads nowhere yet")}</span>
    </button></li>
  );
});

export const Outline = memo(function Outline({ graph, titles, problems, selected, send }: { graph: Graph; titles: Record<string, string>; problems: Map<string, Problem[]>; selected: string | null; send: (a: Action) => void }): ReactNode {
  const order = reading(graph);
  return (
    <section className="outline" aria-labelledby="outline-title">
      <h2 id="outline-title">Outline</h2>
      <p className="hint">Arrow keys move, Enter edits, Delete deletes.</p>
      <ol>{order.map((id) => {
        const own = problems.get(id) ?? [];
        return <Entry key={id} id={id} node={graph.nodes[id] ?? none} titles={titles} wrong={own.filter((p) => p.level === "error").length} all={own.length} lone={own.some((p) => p.code === "unreachable_node" && p.nodeID === id)} selected={selected === id} fixed={id === graph.entry} send={send} />;
      })}</ol>
    </section>
  );
});
