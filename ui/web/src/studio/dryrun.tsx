// A dry run: the draft as it stands walks with the answers that the sandbox
// gives a person of a magic name. Nothing is stored and nobody is asked.
import { useId, useState, type ReactNode } from "react";
import { ask, Refusal } from "./api";
import { arrange } from "./arrange";
import type { Place } from "./editor";
import { caption, readGraph, str, type Bag, type Graph, type Layout } from "./model";
import type { Move, Result } from "./path";
import { body } from "./saving";
import type { Doc } from "./state";

/** A magic family name of the sandbox and what it does. */
export interface Person { name: string; effect: string }

export interface Rehearsal {
  person: string; graph: Graph; layout: Layout; edges: Move[]; results: Record<string, Result>;
  outcome: string; status: string; reason: string; path: string[];
}

export function DryRun({ place, doc, titles, rehearsal, shown, valid, done, definition }: {
  place: Place; doc: Doc | null; titles: Record<string, string>; rehearsal: Rehearsal | null; shown: boolean; valid: boolean; done: (r: Rehearsal | null) => void;
  /** Of other surfaces than the graph: what is run in place of doc. */
  definition?: Bag;
}): ReactNode {
  const id = useId();
  const [person, setPerson] = useState("APPROVE"), [country, setCountry] = useState(""), [born, setBorn] = useState(""), [busy, setBusy] = useState(false), [wrong, setWrong] = useState("");
  const run = async (): Promise<void> => {
    setBusy(true);
    setWrong("");
    try {
      const { body: b } = await ask("POST", `${place.own}/dry-run`, { surface: place.surface, workflow: place.id, definition: definition ?? body(doc as Doc), person, born, country: country.trim().toUpperCase() });
      const graph = readGraph(b["graph"]);
      const known = doc?.layout ?? {};
      const layout = Object.keys(graph.nodes).every((n) => known[n] !== undefined) ? known : await arrange(place.layout, graph);
      done({ person, graph, layout, edges: (b["edges"] ?? []) as unknown as Move[], results: (b["node_results"] ?? {}) as unknown as Record<string, Result>, outcome: str(b["outcome"]), status: str(b["status"]), reason: str(b["reason_code"]), path: (b["path"] ?? []) as string[] });
    } catch (e) {
      setWrong([e instanceof Error ? e.message : String(e), ...(e instanceof Refusal ? e.findings.map((f) => f.message) : [])].join(" "));
    } finally {
      setBusy(false);
    }
  };
  return (
    <section className="dry-run" aria-labelledby={`${id}t`}>
      <h2 id={`${id}t`}>Dry run</h2>
      <form onSubmit={(e) => { e.preventDefault(); void run(); }}>
        <div className="row"><label htmlFor={`${id}p`}>Sandbox person</label>
          <select id={`${id}p`} data-person value={person} aria-describedby={`${id}h`} onChange={(e) => setPerson(e.target.value)}>{place.people.map((p) => <option key={p.name} value={p.name}>{p.name}</option>)}</select>
          <p className="hint" id={`${id}h`}>{place.people.find((p) => p.name === person)?.effect}</p></div>
        <div className="row pair"><div><label htmlFor={`${id}a`}>Age <span className="soft">(years)</span></label><input id={`${id}a`} data-age type="number" min={0} max={120} step={1} inputMode="numeric" value={ageOn(born, new Date())} onChange={(e) => setBorn(bornFor(e.target.value, new Date()))} /></div>
          <div><label htmlFor={`${id}b`}>Born on</label><input id={`${id}b`} data-born type="date" value={born} aria-describedby={`${id}bh`} onChange={(e) => setBorn(e.target.value)} /></div></div>
        <p className="hint" id={`${id}bh`}>Empty: born on 15 January 1990. UNDERAGE is always 16.</p>
        <div className="row"><label htmlFor={`${id}c`}>Country <span className="soft">(two letters, may be empty)</span></label><input id={`${id}c`} type="text" maxLength={2} autoComplete="off" value={country} onChange={(e) => setCountry(e.target.value)} /></div>
        <p className="tools"><button type="submit" data-run disabled={busy || !valid} aria-describedby={valid ? undefined : `${id}v`}>{busy ? "Running …" : "Run"}</button>
          {rehearsal !== null && <button type="button" className="plain" onClick={() => done(shown ? null : rehearsal)}>{shown ? "Back to editing" : "Show the path again"}</button>}</p>
        {!valid && <p className="hint" id={`${id}v`}>What is to be mended comes first.</p>}
      </form>
      {wrong !== "" && <p className="problem" role="alert">{wrong}</p>}
      {shown && rehearsal !== null && <div role="status" data-outcome={rehearsal.outcome || rehearsal.status}>
        <p>{rehearsal.person}: <b>{rehearsal.outcome.replace(/_/g, " ") || rehearsal.status}</b>{rehearsal.reason !== "" && ` (${rehearsal.reason})`}</p>
        <ol className="path">{rehearsal.path.map((n, i) => { const r = rehearsal.results[n]; const called = caption(rehearsal.graph.nodes[n] ?? {}, titles); return <li key={`${n}${i}`} data-stop={n}>{called}{called !== n && <> <span className="soft">{n}</span></>}{r !== undefined && <> <span className={`tag ${tone(r.status)}`}>{r.status.replace(/_/g, " ")}</span><Reasons result={r.result} /></>}</li>; })}</ol>
      </div>}
    </section>
  );
}

/** Full years on a day; "" for no date. */
export function ageOn(born: string, day: Date): string {
  const m = /^(\d{4})-(\d\d)-(\d\d)$/.exec(born);
  if (m === null) return "";
  const [y, mo, d] = [Number(m[1]), Number(m[2]), Number(m[3])];
  const years = day.getFullYear() - y - (day.getMonth() + 1 < mo || (day.getMonth() + 1 === mo && day.getDate() < d) ? 1 : 0);
  return years < 0 ? "" : String(years);
}

/** A date of birth for an age: the birthday was in January, so that it holds all year long. */
export function bornFor(age: string, day: Date): string {
  const n = Number(age);
  return age.trim() === "" || !Number.isInteger(n) || n < 0 || n > 120 ? "" : `${String(day.getFullYear() - n).padStart(4, "0")}-01-01`;
}

const tone = (status: string): string => ({ passed: "good", approved: "good", failed: "bad", rejected: "bad", error: "bad" })[status] ?? (status === "review" || status === "needs_review" ? "warn" : "soft");

function Reasons({ result }: { result: Bag | undefined }): ReactNode {
  const all = Array.isArray(result?.["reasons"]) ? result["reasons"] : [];
  const texts = all.map((r) => str((r as Bag)["message"])).filter((t) => t !== "");
  return texts.length === 0 ? null : <span className="soft"> {texts.join("; ")}</span>;
}
