// The form of the selected node: its name, its options, the config of its
// check, and its ways out as choices, so that nothing needs dragging.
import { memo, useContext, useId, useState, type ReactNode } from "react";
import { Row, SchemaFields, Text, World } from "./form";
import { caption, isBag, otherwise, outletPointer, outlets, reading, setAt, str, type Bag, type Graph, type Json } from "./model";
import { at as exactly, type Problem } from "./problems";
import { nodeSchemas, requirementSchema } from "./schema";
import type { Action, Doc } from "./state";

/** What a check says of itself (GET /api/v1/workflows/policies). */
export interface Policy {
  name: string; title: string; description: string; config_schema: Bag;
  needs: string[]; provides: string[]; identity: boolean; available: boolean;
  missing: { name: string; needed: boolean; reason: string | null; install: string | null }[];
}

export const NodeForm = memo(function NodeForm({ id, graph, policies, problems, send, titles, frozen }: {
  id: string; graph: Graph; policies: Map<string, Policy>; problems: Problem[]; send: (a: Action) => void; titles: Record<string, string>; frozen: boolean;
}): ReactNode {
  const key = useId();
  const n = graph.nodes[id];
  if (n === undefined) return null;
  const type = str(n["type"]);
  const policy = type === "http" ? "http" : str(n["policy"]);
  const spec = policies.get(policy);
  const isCheck = type === "policy" || type === "http";
  return (
    <section aria-labelledby={`${key}t`} className="node-form">
      <h2 id={`${key}t`} tabIndex={-1} data-form-head>{caption(n, titles)}</h2>
      <Mine problems={problems} />
      {isCheck && spec !== undefined && <p className="hint">{spec.description}</p>}
      {isCheck && spec !== undefined && <Lacking spec={spec} />}
      <div className="row"><label htmlFor={`${key}n`}>Name</label><Text id={`${key}n`} disabled={frozen} value={str(n["name"])} placeholder={caption({ ...n, name: "" }, titles)} onText={(t) => send({ do: "set", id, at: "/name", value: t })} /></div>
      {isCheck && type !== "http" && <div className="row"><label htmlFor={`${key}c`}>Check</label>
        <select id={`${key}c`} disabled={frozen} value={policy} onChange={(e) => send({ do: "set", id, at: "/policy", value: e.target.value })}>
          {spec === undefined && <option value={policy}>{policy || "choose a check"}</option>}{[...policies.values()].map((p) => <option key={p.name} value={p.name}>{p.title}</option>)}</select>
        {exactly(problems, "/policy").map((p) => <p key={p.code} className="problem">{p.message}</p>)}</div>}
      <Ways id={id} node={n} graph={graph} problems={problems} send={send} titles={titles} frozen={frozen} />
      {nodeSchemas[type] !== undefined && !isCheck && <SchemaFields schema={nodeSchemas[type] ?? {}} value={n} at="" />}
      {isCheck && spec !== undefined && isBag(spec.config_schema["properties"]) && Object.keys(spec.config_schema["properties"]).length > 0 &&
        <><h3>Options of the check</h3><SchemaFields schema={spec.config_schema} value={isBag(n["config"]) ? n["config"] : {}} at="/config" /></>}
      {isCheck && <details className="group"><summary>Retries and limits</summary><SchemaFields schema={nodeSchemas["policy"] ?? {}} value={n} at="" /></details>}
      <details className="group"><summary>Id and description</summary>
        <Rename key={id} id={id} send={send} frozen={frozen} />
        <Row field={{ kind: "text", schema: { maxLength: 2000 }, label: "Description", help: "For whoever reads this workflow.", needed: false, words: [], otherwise: "" }} value={n["description"]} at="/description" />
      </details>
      {!frozen && <p className="tools">
        <button type="button" className="plain" disabled={id === graph.entry} onClick={() => send({ do: "duplicate", id })}>Copy</button>
        <button type="button" className="plain" disabled={id === graph.entry} onClick={() => send({ do: "remove", ids: [id] })}>Delete</button>
        {(["Left", "Right", "Up", "Down"] as const).map((d) => <button key={d} type="button" className="plain small" aria-label={`Move ${d.toLowerCase()} on the drawing`} onClick={() => send({ do: "nudge", id, by: { x: d === "Left" ? -40 : d === "Right" ? 40 : 0, y: d === "Up" ? -40 : d === "Down" ? 40 : 0 } })}>{d}</button>)}
      </p>}
    </section>
  );
});

/** What this machine lacks for a check, each with how to get it. */
function Lacking({ spec }: { spec: Policy }): ReactNode {
  if (spec.missing.length === 0) return null;
  return (
    <div className={spec.available ? "note" : "note warn"} data-lacking={spec.name}>
      <p>{spec.available ? "This machine answers this check, but sees less than it could. It lacks:" : "This machine cannot answer this check by itself. The sandbox answers it all the same. It lacks:"}</p>
      <ul>{spec.missing.map((m) => <li key={m.name}>{m.name}{m.reason !== null && `: ${m.reason}`}{m.install !== null && <>. To get it: <code>{m.install}</code></>}</li>)}</ul>
    </div>
  );
}

/** The same in a line, for the list of checks; "" where nothing is lacking. */
export function lacking(spec: Policy): string {
  return spec.missing.map((m) => (m.install === null ? m.name : `${m.name} (${m.install})`)).join(", ");
}

/** Problems of the node that stand at no field of the form. */
function Mine({ problems }: { problems: Problem[] }): ReactNode {
  const own = problems.filter((p) => p.at === "");
  return own.length === 0 ? null : <ul className="node-problems">{own.map((p) => <li key={p.code + p.message} className={p.level}>{p.message}</li>)}</ul>;
}

function Rename({ id, send, frozen }: { id: string; send: (a: Action) => void; frozen: boolean }): ReactNode {
  const key = useId();
  return (
    <form className="row" onSubmit={(e) => { e.preventDefault(); send({ do: "rename", from: id, to: String(new FormData(e.currentTarget).get("id") ?? "").trim() }); }}>
      <label htmlFor={key}>Id</label><p className="hint" id={`${key}h`}>Results and problems name it. Letters, digits, _ and -.</p>
      <input id={key} name="id" type="text" disabled={frozen} defaultValue={id} aria-describedby={`${key}h`} autoComplete="off" spellCheck={false} maxLength={64} />
      <button type="submit" className="plain small" disabled={frozen}>Rename</button>
    </form>
  );
}

function Ways({ id, node, graph, problems, send, titles, frozen }: { id: string; node: Bag; graph: Graph; problems: Problem[]; send: (a: Action) => void; titles: Record<string, string>; frozen: boolean }): ReactNode {
  const key = useId();
  const all = outlets(node);
  if (all.length === 0) return null;
  return (
    <fieldset className="ways"><legend>Leads to</legend>
      {all.map((o) => {
        const wrong = exactly(problems, outletPointer(o.label)).concat(o.label.startsWith("branches/") ? exactly(problems, "/branches") : []);
        const field = `${key}${o.label}`;
        return (
          <div className="way" key={o.label}>
            <label htmlFor={field}>{o.name}</label>
            <Targets id={field} label={o.label} to={o.to} open={o.needed ? "nowhere yet" : otherwise(node, o.label)} frozen={frozen} wrong={wrong.some((p) => p.level === "error")} described={wrong.length > 0 ? `${field}p` : undefined} from={id} graph={graph} titles={titles} send={send} />
            {wrong.length > 0 && <ul className="problem" id={`${field}p`}>{wrong.map((p) => <li key={p.code + p.message}>{p.message}</li>)}</ul>}
          </div>
        );
      })}
    </fieldset>
  );
}

/** The nodes that a way can lead to. They are listed once somebody comes near: a form with five ways in a graph of hundreds has thousands otherwise. */
function Targets({ id, label, to, open, frozen, wrong, described, from, graph, titles, send }: {
  id: string; label: string; to: string; open: string; frozen: boolean; wrong: boolean; described: string | undefined; from: string; graph: Graph; titles: Record<string, string>; send: (a: Action) => void;
}): ReactNode {
  const [near, setNear] = useState(false);
  const others = near ? reading(graph).filter((t) => t !== from && t !== graph.entry) : to !== "" && graph.nodes[to] !== undefined ? [to] : [];
  return (
    <select id={id} data-way={label} disabled={frozen} value={to} aria-invalid={wrong || undefined} aria-describedby={described} onFocus={() => setNear(true)} onPointerEnter={() => setNear(true)} onBlur={() => setNear(false)}
      onChange={(e) => send({ do: "connect", from, label, to: e.target.value })}>
      <option value="">{open}</option>
      {to !== "" && graph.nodes[to] === undefined && <option value={to}>{to} (missing)</option>}
      {others.map((t) => <option key={t} value={t}>{caption(graph.nodes[t] ?? {}, titles)} · {t}</option>)}
    </select>
  );
}

/** The form of the workflow itself, shown while no node is selected. */
export function AboutForm({ doc, send, frozen }: { doc: Doc; send: (a: Action) => void; frozen: boolean }): ReactNode {
  const key = useId();
  const world = useContext(World);
  const part = (at: "requirements" | "screening", schema: Bag, value: Bag | null, pointer: string): ReactNode => (
    <World.Provider value={{ ...world, set: (where, v) => send({ do: "part", at, value: edit(value, where.slice(pointer.length), v) }) }}>
      <SchemaFields schema={schema} value={value ?? {}} at={pointer} />
    </World.Provider>
  );
  return (
    <section aria-labelledby={`${key}t`} className="node-form">
      <h2 id={`${key}t`} tabIndex={-1} data-form-head>The workflow</h2>
      <div className="row"><label htmlFor={`${key}n`}>Name</label><Text id={`${key}n`} disabled={frozen} value={doc.name} maxLength={200} onText={(t) => send({ do: "about", at: "name", value: t })} /></div>
      <div className="row"><label htmlFor={`${key}d`}>Description</label><Text id={`${key}d`} disabled={frozen} value={doc.description} maxLength={4000} onText={(t) => send({ do: "about", at: "description", value: t })} /></div>
      <details className="group"><summary>What applicants are asked for</summary>
        <p className="hint">Nothing said: what the checks need. Once something is said, every check&apos;s needs must be among it.</p>
        {part("requirements", requirementSchema, doc.requirements, "/data_requirements")}
      </details>
      <p className="hint">Choose a node on the drawing or in the outline to edit it.</p>
    </section>
  );
}

function edit(root: Bag | null, at: string, value: Json | undefined): Bag | null {
  const next = setAt(root ?? {}, at, value === "" ? undefined : value);
  return Object.keys(next).length === 0 ? null : next;
}
