// The editor of the other surfaces: an ordered list of steps with a form each,
// and the graph they compile to beside it. What is saved is in force at once, so
// nothing is saved unasked.
import { ReactFlowProvider } from "@xyflow/react";
import { useCallback, useEffect, useMemo, useReducer, useState, type ReactNode } from "react";
import { say } from "../page";
import { ask, Refusal } from "./api";
import { arrange } from "./arrange";
import { Canvas } from "./canvas";
import { DryRun, type Rehearsal } from "./dryrun";
import { Badge, type Place } from "./editor";
import { SchemaFields, World } from "./form";
import { getAt, isBag, list, readGraph, setAt, str, type Bag, type Graph, type Json, type Layout } from "./model";
import { light, none } from "./path";
import { locate, type Finding, type Problem } from "./problems";
import { field, label, resolve, showAny } from "./schema";

/** How a surface writes and keeps its workflows. */
interface Tongue {
  title: string; read: string; type: string; name: string;
  unpack: (b: Bag) => Bag;
  types: (schemas: Record<string, Bag>) => string[];
  fresh: (type: string, n: number, taken: string[]) => Bag;
}

const checklist = ["ID_VERIFICATION", "FACE_LIVENESS", "AGE_ESTIMATION", "PEP_SANCTIONS", "ADVERSE_MEDIA", "CONSENT", "DOCUMENT_UPLOAD"];
const free = (wish: string, taken: string[]): string => {
  for (let i = 1; ; i++) if (!taken.includes(i === 1 ? wish : `${wish}_${i}`)) return i === 1 ? wish : `${wish}_${i}`;
};
const words = (schemas: Record<string, Bag>, name: string): string[] => list(getAt(schemas[name], "/properties/type/enum")).map(String);

export const tongues: Record<string, Tongue> = {
  steps: {
    title: "Steps of the applicant", read: "/kyc/workflows/", type: "type", name: "name", unpack: (b) => b, types: (s) => words(s, "StepsStep"),
    fresh: (type, n, taken) => ({ step_id: free(type, taken), order: n, name: label(type), type,
      ...(type === "form_fill" ? { custom_fields: [{ field_id: `question_${n}`, name: "Question", type: "text", required: true }] } : {}),
      ...(type === "document_upload" ? { document_requirements: [{ document_type: "id" }] } : {}), ...(type === "validation" ? { validation_tasks: ["run_sanction_check"] } : {}) }),
  },
  checks: { title: "Checks in their order", read: "/v1/workflows/", type: "id", name: "id", unpack: (b) => (isBag(b["workflow"]) ? b["workflow"] : {}), types: () => checklist, fresh: (type) => ({ id: type }) },
  entities: { title: "Steps of the procedure", read: "/v2/admin/workflows/", type: "type", name: "name", unpack: (b) => (isBag(b["workflow"]) ? b["workflow"] : {}), types: (s) => words(s, "EntitiesStep"),
    fresh: (type, _, taken) => ({ name: free(type, taken), type }) },
};

export interface Written { definition: Bag; etag: string; root: string; schemas: Record<string, Bag>; titles: Record<string, string> }

/** The workflow's definition and the schema that describes one. */
export async function loadSteps(p: Place): Promise<Written> {
  const t = tongues[p.surface] as Tongue;
  const [w, s, checks] = await Promise.all([ask("GET", `${p.api}${t.read}${p.id}`), ask("GET", `${p.own}/schema?surface=${p.surface}`), ask("GET", `${p.api}/api/v1/workflows/policies`)]);
  const titles = Object.fromEntries(list(checks.body["data"]).flatMap((c) => (isBag(c) ? [[str(c["name"]), str(c["title"])]] : [])));
  const schemas = s.body["schemas"] as unknown as Record<string, Bag>, root = str(s.body["root"]);
  const known = Object.keys(isBag(schemas[root]?.["properties"]) ? (schemas[root]["properties"] as Bag) : {});
  const all = t.unpack(w.body);
  const definition = Object.fromEntries(known.filter((k) => all[k] !== undefined && all[k] !== null && k !== "change_note").map((k) => [k, all[k] as Json]));
  return { definition, etag: w.etag, root, schemas, titles };
}

/** A JSON merge patch (RFC 7396) that makes one value of another. */
export function patchOf(was: Bag, next: Bag): Bag {
  const out: Bag = {};
  for (const k of Object.keys(was)) if (next[k] === undefined) out[k] = null;
  for (const [k, v] of Object.entries(next)) {
    const old = was[k];
    if (isBag(old) && isBag(v)) {
      const inner = patchOf(old, v);
      if (Object.keys(inner).length > 0) out[k] = inner;
    } else if (JSON.stringify(old) !== JSON.stringify(v)) out[k] = v;
  }
  return out;
}

interface Story { now: Bag; past: Bag[]; future: Bag[]; mark: string }
type Turn = { do: "to"; next: Bag; mark?: string } | { do: "undo" } | { do: "redo" };

export function turn(s: Story, a: Turn): Story {
  if (a.do === "to") return { now: a.next, past: a.mark !== undefined && a.mark === s.mark ? s.past : [...s.past.slice(-199), s.now], future: [], mark: a.mark ?? "" };
  const [from, to] = a.do === "undo" ? [s.past.at(-1), "undo"] : [s.future[0], "redo"];
  if (from === undefined) return s;
  return to === "undo" ? { now: from, past: s.past.slice(0, -1), future: [s.now, ...s.future], mark: "" } : { now: from, past: [...s.past, s.now], future: s.future.slice(1), mark: "" };
}

/** Steps in a new order; onboarding counts them. */
export function ordered(surface: string, steps: Json[]): Json[] {
  return surface === "steps" ? steps.map((s, i) => (isBag(s) ? { ...s, order: i + 1 } : s)) : steps;
}

export function StepsEditor({ place, start }: { place: Place; start: Written }): ReactNode {
  const t = tongues[place.surface] as Tongue;
  const [story, go] = useReducer(turn, { now: start.definition, past: [], future: [], mark: "" });
  const [saved, setSaved] = useState({ definition: start.definition, etag: start.etag });
  const [said, setSaid] = useState<{ bad: boolean; text: string } | null>(null);
  const [json, setJSON] = useState<string | null>(null);
  const [kind, setKind] = useState("");
  const [rehearsal, setRehearsal] = useState<Rehearsal | null>(null), [shown, setShown] = useState(false);
  const d = story.now, steps = list(d["steps"]), types = t.types(start.schemas), frozen = place.frozen;
  const { problems, graph, checking } = useCompiled(place, d);
  const lookup = useCallback((name: string) => start.schemas[name], [start.schemas]);
  const set = useCallback((at: string, value: Json | undefined) => go({ do: "to", next: setAt(d, at, value === "" ? undefined : value), mark: at }), [d]);
  const world = useMemo(() => ({ set, problems, lookup, facts: [], nodes: () => [], frozen }), [set, problems, lookup, frozen]);
  const changed = JSON.stringify(saved.definition) !== JSON.stringify(d);
  const errors = problems.filter((p) => p.level === "error").length;
  const put = (next: Json[], what: string): void => { go({ do: "to", next: { ...d, steps: ordered(place.surface, next) } }); say(what); };
  const root = start.schemas[start.root] ?? {};

  useEffect(() => {
    const stay = (e: BeforeUnloadEvent): void => { if (changed && !frozen) e.preventDefault(); };
    window.addEventListener("beforeunload", stay);
    return () => window.removeEventListener("beforeunload", stay);
  }, [changed, frozen]);

  const save = async (): Promise<void> => {
    setSaid(null);
    try {
      const etag = await keepSteps(place, saved, d);
      if (etag === "") return; // another workflow was made and is being opened
      setSaved({ definition: d, etag });
      setSaid({ bad: false, text: "Saved. This is in force for new sessions." });
    } catch (e) {
      const clash = e instanceof Refusal && e.status === 412;
      setSaid({ bad: true, text: clash ? "Somebody else changed this workflow while it was open here. Reload to see theirs; nothing was overwritten." : [e instanceof Error ? e.message : String(e), ...(e instanceof Refusal ? e.findings.map((f) => `${f.path}: ${f.message}`) : [])].join(" ") });
    }
  };

  return (
    <World.Provider value={world}>
      <div className="studio studio-steps">
        <div className="studio-bar" role="toolbar" aria-label="Editing">
          {!frozen && <><button type="button" data-save disabled={!changed} onClick={() => void save()}>{place.surface === "checks" && !sameSteps(saved.definition, d) ? "Save as a new workflow" : "Save and put in force"}</button>
            <button type="button" className="plain" disabled={story.past.length === 0} onClick={() => go({ do: "undo" })}>Undo</button><button type="button" className="plain" disabled={story.future.length === 0} onClick={() => go({ do: "redo" })}>Redo</button></>}
          <button type="button" className="plain" aria-pressed={json !== null} onClick={() => setJSON(json === null ? JSON.stringify(d, null, 2) : null)}>JSON</button>
          <span className="studio-state" data-saving={changed ? "waiting" : "saved"}>{frozen ? "You may look, not change." : changed ? "Not saved yet; what was saved before is in force." : "Saved and in force for all new sessions."}</span>
          <Badge errors={errors} warnings={problems.length - errors} checking={checking} />
        </div>
        {said !== null && <p className={`note ${said.bad ? "warn" : "good"}`} role="status">{said.text}</p>}
        <div className="steps-form">
          {json !== null ? <section className="json-view"><label htmlFor="steps-json">Definition</label>
            <textarea id="steps-json" className="mono" rows={28} spellCheck={false} readOnly={frozen} value={json} onChange={(e) => setJSON(e.target.value)} />
            <p className="actions">{!frozen && <button type="button" onClick={() => { try { const v = JSON.parse(json) as Json; if (isBag(v)) { go({ do: "to", next: v }); setJSON(null); setSaid(null); } else setSaid({ bad: true, text: "A definition is an object." }); } catch (e) { setSaid({ bad: true, text: `This is no JSON: ${String(e)}` }); } }}>Apply</button>}
              <button type="button" className="plain" onClick={() => setJSON(null)}>Back to the form</button></p></section> : <>
            <ProblemList problems={problems} />
            <h2>{t.title}</h2>
            <ol className="entries steps">{steps.map((s, i) => isBag(s) && <StepRow key={i} {...{ s, i, t, place, steps, put, frozen }} schema={stepSchema(place.surface, start, s)} problems={problems} />)}</ol>
            {!frozen && <form className="adder" onSubmit={(e) => { e.preventDefault(); const type = kind || types[0] || ""; put([...steps, t.fresh(type, steps.length + 1, steps.flatMap((x) => (isBag(x) ? [str(x["step_id"]), str(x["name"])] : [])))], `Added ${type}`); }}>
              <label htmlFor="new-step">Add a step</label><select id="new-step" value={kind || types[0]} onChange={(e) => setKind(e.target.value)}>{types.map((x) => <option key={x}>{x}</option>)}</select><button type="submit" className="plain">Add</button></form>}
            <h2>The workflow</h2><section aria-label="The workflow"><SchemaFields schema={root} value={d} at="" skip={["steps", "change_note"]} /></section>
          </>}
        </div>
        <div className="steps-graph">
          <DryRun place={place} doc={null} definition={d} titles={start.titles} rehearsal={rehearsal} shown={shown} valid={errors === 0 && !checking} done={(r) => { setRehearsal(r ?? rehearsal); setShown(r !== null); }} />
          <h2>The way through it</h2>
          <p className="hint">The drawing that these steps make, with the checks that are run and where each result leads. It is changed by the steps, not here.</p>
          <Beside graph={shown && rehearsal !== null ? rehearsal.graph : graph} place={place} titles={start.titles} rehearsal={shown ? rehearsal : null} />
        </div>
      </div>
    </World.Provider>
  );
}

function StepRow({ s, i, t, steps, put, frozen, schema, problems }: { s: Bag; i: number; t: Tongue; steps: Json[]; put: (next: Json[], what: string) => void; frozen: boolean; schema: Bag; problems: Problem[]; place: Place }): ReactNode {
  const own = problems.filter((p) => p.at === `/steps/${i}` || p.at.startsWith(`/steps/${i}/`));
  const [open, setOpen] = useState(own.length > 0);
  const name = str(s[t.name]) || str(s["step_id"]) || `step ${i + 1}`;
  const move = (to: number): void => { const next = steps.slice(); const [x] = next.splice(i, 1); next.splice(to, 0, x ?? null); put(next, `${name} is now step ${to + 1}`); };
  const off = hidden(schema, str(s[t.type]));
  return (
    <li>
      <details open={open} onToggle={(e) => setOpen(e.currentTarget.open)}><summary>{i + 1}. {name} {str(s[t.type]) !== name && <span className="soft">{str(s[t.type])}</span>} {own.some((p) => p.level === "error") && <span className="tag bad">{own.length} to mend</span>}</summary>
        {open && <>{own.filter((p) => p.at === `/steps/${i}`).map((p) => <p key={p.code} className="problem">{p.message}</p>)}
          <SchemaFields schema={schema} value={s} at={`/steps/${i}`} skip={[...off, "order", ...(t.type === "id" ? ["id"] : [])]} /></>}
        <p className="tools"><button type="button" className="plain small" disabled={frozen || i === 0} aria-label={`Move ${name} up`} onClick={() => move(i - 1)}>Up</button>
          <button type="button" className="plain small" disabled={frozen || i === steps.length - 1} aria-label={`Move ${name} down`} onClick={() => move(i + 1)}>Down</button>
          <button type="button" className="plain small" disabled={frozen} aria-label={`Remove ${name}`} onClick={() => put(steps.filter((_, k) => k !== i), `Removed ${name}`)}>Remove</button></p>
      </details>
    </li>
  );
}

/** Members whose description says that they belong to other types ("Of selfie: …"). */
export function hidden(schema: Bag, type: string): string[] {
  const props = isBag(schema["properties"]) ? schema["properties"] : {};
  return Object.entries(props).filter(([, p]) => {
    const of = /^Of ([A-Za-z_, ]+?)[:.]/.exec(isBag(p) ? str(p["description"]) : "");
    return of !== null && !(of[1] ?? "").split(/,\s*|\s+and\s+/).includes(type);
  }).map(([name]) => name);
}

/** The schema of one step: its configuration is narrowed to what its type takes. */
function stepSchema(surface: string, w: Written, s: Bag): Bag {
  const lookup = (name: string): Bag | undefined => w.schemas[name];
  const step = field("", (resolve({ $ref: w.root }, lookup)["properties"] as Bag | undefined)?.["steps"], true, lookup).schema;
  const item = resolve(step["items"], lookup), props = isBag(item["properties"]) ? item["properties"] : {};
  if (surface === "checks") {
    const wanted = str(s["id"]).replace(/_/g, "").toLowerCase() + "config";
    const name = Object.keys(w.schemas).find((n) => n.toLowerCase().endsWith(wanted)) ?? "ChecksNoConfig";
    return { ...item, properties: { ...props, config: w.schemas[name] ?? {} } };
  }
  if (surface === "entities") {
    const config = resolve(props["configuration"], lookup), all = isBag(config["properties"]) ? config["properties"] : {}, off = hidden(config, str(s["type"]));
    return { ...item, properties: { ...props, configuration: { ...config, properties: Object.fromEntries(Object.entries(all).filter(([n]) => !off.includes(n))) } } };
  }
  return item;
}

function ProblemList({ problems }: { problems: Problem[] }): ReactNode {
  return problems.length === 0 ? null : <section className="problems" aria-label="Problems"><ul>{problems.map((p, i) => <li key={p.path + p.code + i} className={p.level}><span className={`tag ${p.level === "error" ? "bad" : "warn"}`}>{p.level === "error" ? "mend" : "look"}</span> <code>{p.path}</code> {p.message}</li>)}</ul></section>;
}

/** A graph beside a list, drawn without being editable. */
export function Beside({ graph, place, titles, rehearsal }: { graph: Graph | null; place: Pick<Place, "layout">; titles: Record<string, string>; rehearsal: Rehearsal | null }): ReactNode {
  const [layout, setLayout] = useState<Layout>({});
  useEffect(() => {
    let gone = false;
    if (graph !== null) void arrange(place.layout, graph).then((l) => { if (!gone) setLayout(l); });
    return () => { gone = true; };
  }, [graph, place.layout]);
  const marks = useMemo(() => (rehearsal === null ? none : light(rehearsal.graph, rehearsal.edges, rehearsal.results)), [rehearsal]);
  if (graph === null) return <p className="soft">It is drawn once nothing is left to mend.</p>;
  return <ReactFlowProvider><Canvas graph={graph} layout={layout} titles={titles} problems={nothing} selected={null} marks={marks} dim={rehearsal !== null} frozen whole={rehearsal !== null} label="Drawing of the way through the steps" /></ReactFlowProvider>;
}

const nothing = new Map<string, Problem[]>();

function useCompiled(p: Place, d: Bag): { problems: Problem[]; graph: Graph | null; checking: boolean } {
  const [now, setNow] = useState<{ problems: Problem[]; graph: Graph | null; checking: boolean }>({ problems: [], graph: null, checking: true });
  useEffect(() => {
    const stop = new AbortController();
    setNow((n) => ({ ...n, checking: true }));
    const timer = setTimeout(() => {
      ask("POST", `${p.own}/compile`, { surface: p.surface, definition: d }, undefined, stop.signal).then(({ body: b }) => {
        const found = (name: string, level: Problem["level"]): Problem[] => ((b[name] ?? []) as unknown as Finding[]).map((f) => ({ ...locate(f, level), at: f.path }));
        setNow({ problems: [...found("errors", "error"), ...found("warnings", "warning")], graph: isBag(b["graph"]) ? readGraph(b["graph"]) : null, checking: false });
      }).catch((e: unknown) => {
        if (!stop.signal.aborted) setNow({ problems: [locate({ path: "", code: "not_checked", message: showAny(String(e)) }, "error")], graph: null, checking: false });
      });
    }, 300);
    return () => { clearTimeout(timer); stop.abort(); };
  }, [d, p.own, p.surface]);
  return now;
}

const idsOf = (d: Bag): string[] => list(d["steps"]).map((s) => (isBag(s) ? str(s["id"]) : ""));
/** Whether two checklists have the same steps, in any order: the API changes no others. */
export const sameSteps = (a: Bag, b: Bag): boolean => idsOf(a).sort().join() === idsOf(b).sort().join();

/** Saves through the public API; gives the new revision, or "" when another workflow was made. */
async function keepSteps(p: Place, saved: { definition: Bag; etag: string }, d: Bag): Promise<string> {
  const address = `${p.api}${(tongues[p.surface] as Tongue).read}${p.id}`;
  if (p.surface === "steps") return (await ask("PUT", address, patchOf(saved.definition, d), saved.etag)).etag;
  if (p.surface === "entities") return (await ask("PUT", address, d, saved.etag)).etag;
  if (!sameSteps(saved.definition, d)) {
    const made = await ask("POST", `${p.api}/v1/workflows`, d);
    location.assign(`${p.own}/${str(isBag(made.body["workflow"]) ? made.body["workflow"]["id"] : "")}`);
    return "";
  }
  let etag = saved.etag;
  const change: Bag = {};
  if (d["name"] !== saved.definition["name"]) change["name"] = d["name"] ?? "";
  if (idsOf(d).join() !== idsOf(saved.definition).join()) change["steps"] = idsOf(d);
  if (Object.keys(change).length > 0) etag = (await ask("PATCH", address, change, etag)).etag;
  for (const s of list(d["steps"])) {
    const was = list(saved.definition["steps"]).find((x) => isBag(x) && isBag(s) && x["id"] === s["id"]);
    if (!isBag(s) || !isBag(was)) continue;
    const config = patchOf(isBag(was["config"]) ? was["config"] : {}, isBag(s["config"]) ? s["config"] : {});
    if (Object.keys(config).length > 0) etag = (await ask("PATCH", `${address}/steps/${str(s["id"])}/config`, { config }, etag)).etag;
  }
  return etag;
}
