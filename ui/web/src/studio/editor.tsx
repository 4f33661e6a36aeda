// The editor of a workflow graph.
import { ReactFlowProvider } from "@xyflow/react";
import { memo, useCallback, useEffect, useMemo, useReducer, useRef, useState, type ReactNode } from "react";
import { say } from "../page";
import { ask, Refusal } from "./api";
import { arrange } from "./arrange";
import { Canvas } from "./canvas";
import { DryRun, type Person, type Rehearsal } from "./dryrun";
import { World } from "./form";
import { JSONView } from "./jsonview";
import { Keys, useKeys } from "./keys";
import { Outline, Palette, unpacked, type Wish } from "./lists";
import { caption, isBag, readGraph, readLayout, reading, str, type Json, type Layout, type Point } from "./model";
import { AboutForm, NodeForm, type Policy } from "./node_form";
import { light, none } from "./path";
import { byNode, inWords, locate, type Finding, type Problem } from "./problems";
import { forceOf, standing, useSaving, type Force } from "./saving";
import { begin, reduce, type Action, type Doc } from "./state";

export interface Place {
  id: string; surface: string;
  /** Bases of the public API and of the studio's own requests. */
  api: string; own: string;
  layout: string; frozen: boolean; people: Person[];
}

export interface Loaded { doc: Doc; etag: string; version: number; force: Force; policies: Policy[]; note: string }

/** The workflow and the checks, read through the public API. */
export async function load(p: Place): Promise<Loaded> {
  const [w, checks] = await Promise.all([ask("GET", `${p.api}/api/v1/workflows/workflow_${p.id}`), ask("GET", `${p.api}/api/v1/workflows/policies`)]);
  const b = w.body;
  let graph = readGraph(b["graph"]), note = "";
  if (!isBag(b["graph"]) && b["steps"] !== null) {
    const c = await ask("POST", `${p.own}/compile`, { surface: "graph", definition: { steps: b["steps"] } });
    graph = readGraph(c.body["source"]);
    note = "This workflow was written as a list of checks. It is shown as the graph that it is; the first change saves it as one.";
  }
  return {
    doc: { name: str(b["name"]), description: str(b["description"]), graph, layout: readLayout(b["graph_layout"]), requirements: isBag(b["data_requirements"]) ? b["data_requirements"] : null, screening: isBag(b["screening_settings"]) ? b["screening_settings"] : null },
    etag: w.etag, version: Number(b["version"]), force: forceOf(b), note, policies: (checks.body["data"] ?? []) as unknown as Policy[],
  };
}

/** Facts that conditions may read: what the checks of this build provide, and the session's own. */
function factsOf(policies: Policy[]): string[] {
  const all = policies.flatMap((p) => [`checks.${p.name}.status`, ...p.provides.map((f) => (/^(extracted|risk)\./.test(f) ? f : `checks.${p.name}.${f}`))]);
  return [...new Set([...all.filter((f) => f.startsWith("extracted.")), "session.country", "session.fields.", "session.metadata.", "session.tags", "risk.score", ...all])];
}

export function Editor({ place, start }: { place: Place; start: Loaded }): ReactNode {
  const [s, send] = useReducer(reduce, start.doc, begin);
  const [found, checking] = useProblems(place, s.doc, s.turn);
  const [tidied, setTidied] = useState(0);
  const [view, setView] = useState<"drawing" | "json" | "rehearsal">("drawing");
  const [rehearsal, setRehearsal] = useState<Rehearsal | null>(null);
  const saving = useSaving(`${place.api}/api/v1/workflows/workflow_${place.id}`, s.doc, s.turn, start, place.frozen);
  const { policies } = start;
  const titles = useMemo(() => Object.fromEntries(policies.map((p) => [p.name, p.title])), [policies]);
  const specs = useMemo(() => new Map(policies.map((p) => [p.name, p])), [policies]);
  const facts = useMemo(() => factsOf(policies), [policies]);
  const problems = useMemo(() => found.map((p) => inWords(p, s.doc.graph, titles)), [found, s.doc.graph, titles]);
  const nodesWith = useMemo(() => byNode(problems), [problems]);
  const frozen = place.frozen;
  const { graph, layout } = s.doc;

  useEffect(() => {
    if (s.said !== "") say(s.said);
  }, [s.said, s.turn]);
  const missing = useRef(false);
  useEffect(() => { // the first drawing, and whatever the JSON view brought along without a place
    if (missing.current || Object.keys(graph.nodes).every((id) => layout[id] !== undefined)) return;
    missing.current = true;
    void arrange(place.layout, graph).then((l) => {
      missing.current = false;
      send({ do: "arrange", layout: { ...l, ...(Object.keys(layout).length > 0 ? layout : {}) }, quiet: true });
    });
  }, [graph, layout, place.layout]);

  const addAfter = s.selected !== null && graph.nodes[s.selected]?.["type"] !== "terminal" ? s.selected : null;
  const moveTo = useCallback((to: Layout) => send({ do: "move", to }), []);
  const pick = useCallback((id: string | null) => send({ do: "select", id }), []);
  const join = useCallback((from: string, label: string, to: string) => send({ do: "connect", from, label, to }), []);
  const drop = useCallback((kind: string, at: Point) => send({ do: "add", kind: unpacked(kind), at }), []);
  const cut = useCallback((ids: string[]) => send({ do: "remove", ids }), []);
  const addPiece = useCallback((kind: Wish) => { send({ do: "add", kind, after: addAfter }); focusForm(); }, [addAfter]);
  const outlined = useCallback((a: Action) => { send(a); if (a.do === "select") focusForm(); }, []);
  const goTo = useCallback((id: string) => { setView("drawing"); send({ do: "select", id: id === "" ? null : id }); focusForm(); }, []);
  const own = useMemo(() => (s.selected === null ? [] : (nodesWith.get(s.selected) ?? [])), [nodesWith, s.selected]);
  const set = useCallback((at: string, value: Json | undefined) => {
    if (s.selected !== null) send({ do: "set", id: s.selected, at, value });
  }, [s.selected]);
  const world = useMemo(() => ({
    set, problems: s.selected === null ? problems.filter((p) => p.nodeID === "") : own, lookup: () => undefined, facts, frozen,
    nodes: (type: string) => reading(graph).filter((id) => graph.nodes[id]?.["type"] === type),
  }), [set, own, problems, facts, frozen, graph, s.selected]);
  const called = useCallback((id: string) => (graph.nodes[id] === undefined ? id : caption(graph.nodes[id], titles)), [graph, titles]);
  const keys = useKeys({ undo: () => send({ do: "undo" }), redo: () => send({ do: "redo" }), save: () => void saving.now(), close: () => setView("drawing") }, frozen);
  const seen = view === "rehearsal" ? rehearsal : null;
  const marks = useMemo(() => (seen === null ? none : light(seen.graph, seen.edges, seen.results)), [seen]);
  const errors = useMemo(() => problems.filter((p) => p.level === "error"), [problems]), warnings = useMemo(() => problems.filter((p) => p.level === "warning"), [problems]);

  return (
    <World.Provider value={world}>
      <div className="studio" ref={keys.root}>
        <Toolbar {...{ s, send, saving, frozen, view, setView, checking }} errors={errors.length} warnings={warnings.length} publish={`${place.own}/${place.id}/publish`} tidy={() => void arrange(place.layout, graph).then((l) => { send({ do: "arrange", layout: l }); setTidied((n) => n + 1); })} />
        {start.note !== "" && <p className="note">{start.note}</p>}
        {saving.as === "conflict" && <div className="note warn" role="alert"><p>Somebody else changed this workflow while it was open here.</p>
          <p className="actions"><button type="button" className="plain" onClick={() => location.reload()}>Show theirs</button><button type="button" className="plain" onClick={() => void saving.overwrite()}>Save mine over it</button></p></div>}
        {saving.as === "failed" && <div className="note warn" role="alert"><p>Not saved: {saving.message}</p><button type="button" className="plain" onClick={() => void saving.now()}>Try again</button></div>}
        <div className="studio-left">{!frozen && <Palette policies={policies} after={addAfter ?? ""} add={addPiece} />}
          <Outline {...{ graph, titles, problems: nodesWith, selected: s.selected }} send={outlined} /></div>
        <div className="studio-middle">
          {view === "json" ? <JSONView doc={s.doc} frozen={frozen} apply={(doc) => { send({ do: "replace", doc }); setView("drawing"); }} close={() => setView("drawing")} />
            : <ReactFlowProvider key={seen === null ? "edit" : "seen"}>
              <Canvas graph={seen?.graph ?? graph} layout={seen?.layout ?? layout} titles={titles} problems={seen === null ? nodesWith : empty} selected={seen === null ? s.selected : null} marks={marks} dim={seen !== null} frozen={frozen || seen !== null} whole={seen !== null} tidied={tidied}
                label={seen === null ? "Drawing of the workflow" : "Drawing of the path that the dry run took"} {...(seen === null ? { onSelect: pick, onMove: moveTo, onConnect: join, onDrop: drop, onRemove: cut } : {})} />
            </ReactFlowProvider>}
          <Problems errors={errors} warnings={warnings} checking={checking} go={goTo} called={called} />
          <Keys />
        </div>
        <div className="studio-right">
          <DryRun {...{ place, doc: s.doc, titles, rehearsal }} valid={errors.length === 0 && !checking} shown={view === "rehearsal"} done={(r) => { setRehearsal(r ?? rehearsal); setView(r === null ? "drawing" : "rehearsal"); }} />
          {s.selected === null ? <AboutForm doc={s.doc} send={send} frozen={frozen} /> : <NodeForm id={s.selected} graph={graph} policies={specs} problems={own} send={send} titles={titles} frozen={frozen} />}
        </div>
      </div>
    </World.Provider>
  );
}

const empty = new Map<string, Problem[]>();

/** After a node was chosen by keyboard its form is next. */
function focusForm(): void {
  requestAnimationFrame(() => document.querySelector<HTMLElement>("[data-form-head]")?.focus());
}

/** The server's word on the document, some moments after the last change. */
function useProblems(p: Place, doc: Doc, turn: number): [Problem[], boolean] {
  const [problems, setProblems] = useState<Problem[]>([]);
  const [checking, setChecking] = useState(true);
  useEffect(() => {
    const stop = new AbortController();
    setChecking(true);
    const timer = setTimeout(() => {
      const sent = { graph: doc.graph, ...(doc.requirements === null ? {} : { data_requirements: doc.requirements }), ...(doc.screening === null ? {} : { screening_settings: doc.screening }) };
      ask("POST", `${p.api}/api/v1/workflows/validate`, sent, undefined, stop.signal).then(({ body }) => {
        const found = (name: string, level: Problem["level"]): Problem[] => ((body[name] ?? []) as unknown as Finding[]).map((f) => locate(f, level));
        setProblems([...found("errors", "error"), ...found("warnings", "warning")]);
        setChecking(false);
      }).catch((e: unknown) => {
        if (stop.signal.aborted) return;
        setProblems(e instanceof Refusal && e.findings.length > 0 ? e.findings.map((f) => locate(f, "error")) : [locate({ path: "", code: "not_checked", message: e instanceof Error ? e.message : String(e) }, "error")]);
        setChecking(false);
      });
    }, turn === 0 ? 0 : 300);
    return () => { clearTimeout(timer); stop.abort(); };
    // Positions and names are nobody's problem: only what is compiled is checked again.
  }, [doc.graph, doc.requirements, doc.screening, p.api]);
  return [problems, checking];
}

function Toolbar({ s, send, saving, frozen, view, setView, tidy, errors, warnings, publish, checking }: {
  s: ReturnType<typeof begin>; send: (a: Action) => void; saving: ReturnType<typeof useSaving>; frozen: boolean; view: string; setView: (v: "drawing" | "json") => void; tidy: () => void; errors: number; warnings: number; publish: string; checking: boolean;
}): ReactNode {
  const [draft, force] = standing(saving);
  return (
    <div className="studio-bar" role="toolbar" aria-label="Editing">
      {!frozen && <><button type="button" className="plain" disabled={s.past.length === 0} onClick={() => send({ do: "undo" })}>Undo</button>
        <button type="button" className="plain" disabled={s.future.length === 0} onClick={() => send({ do: "redo" })}>Redo</button>
        <button type="button" className="plain" onClick={tidy}>Tidy up</button></>}
      <button type="button" className="plain" aria-pressed={view === "json"} onClick={() => setView(view === "json" ? "drawing" : "json")}>JSON</button>
      <button type="button" className="plain" aria-pressed={s.selected === null} onClick={() => { send({ do: "select", id: null }); focusForm(); }}>Workflow</button>
      <span className="studio-state"><span data-saving={saving.as}>{frozen ? "You may look, not change." : draft}</span> <b data-in-force>{force}</b></span>
      <Badge errors={errors} warnings={warnings} checking={checking} />
      {!frozen && <a className="button" href={publish} data-publish onClick={(e) => { e.preventDefault(); void saving.now().then((ok) => { if (ok) location.assign(publish); }); }}>Publish …</a>}
    </div>
  );
}

/** How many problems there are; only what nobody has to look at is green. */
export function Badge({ errors, warnings, checking }: { errors: number; warnings: number; checking: boolean }): ReactNode {
  const words = checking ? "checking …" : errors > 0 ? `${errors} to mend` : warnings > 0 ? `${warnings} to look at` : "nothing to mend";
  return <span className={`tag ${errors > 0 ? "bad" : warnings > 0 ? "warn" : checking ? "soft" : "good"}`} data-problems={checking ? "" : errors}>{words}</span>;
}

const Problems = memo(function Problems({ errors, warnings, checking, go, called }: { errors: Problem[]; warnings: Problem[]; checking: boolean; go: (id: string) => void; called: (id: string) => string }): ReactNode {
  const all: Problem[] = [...errors, ...warnings];
  return (
    <section className="problems" aria-labelledby="problems-title" aria-busy={checking}>
      <h2 id="problems-title">Problems</h2>
      {all.length === 0 ? <p className="soft">{checking ? "Checking …" : "None. This can be published."}</p>
        : <ul>{all.map((p, i) => <li key={p.path + p.code + i}><button type="button" className={`plain ${p.level}`} data-problem={p.code} onClick={() => go(p.nodeID)}>
          <span className={`tag ${p.level === "error" ? "bad" : "warn"}`}>{p.level === "error" ? "mend" : "look"}</span> <b title={p.nodeID}>{p.nodeID === "" ? "The workflow" : called(p.nodeID)}:</b> {p.message}</button></li>)}</ul>}
    </section>
  );
});
