// The definition as text: what the API would be sent.
import { useId, useState, type ReactNode } from "react";
import { isBag, readGraph, readLayout, str, type Json } from "./model";
import { body } from "./saving";
import type { Doc } from "./state";

/** Reads a definition out of text; what is no graph is said in a sentence. */
export function readDoc(text: string, old: Doc): Doc | string {
  let v: Json;
  try {
    v = JSON.parse(text) as Json;
  } catch (e) {
    return `This is no JSON: ${e instanceof Error ? e.message : String(e)}`;
  }
  if (!isBag(v)) return "A definition is an object.";
  const bare = isBag(v["nodes"]);
  const graph = bare ? v : v["graph"];
  if (!isBag(graph) || !isBag(graph["nodes"])) return "There is no graph: {\"entry\": …, \"nodes\": {…}}, alone or as the member graph.";
  const part = (name: string, was: Doc["requirements"]): Doc["requirements"] => (bare || !(name in v) ? (bare ? was : null) : isBag(v[name]) ? (v[name] as Doc["requirements"]) : null);
  return {
    name: str(v["name"]) || old.name, description: bare ? old.description : str(v["description"]), graph: { ...readGraph(graph) },
    layout: isBag(v["graph_layout"]) ? readLayout(v["graph_layout"]) : old.layout, requirements: part("data_requirements", old.requirements), screening: part("screening_settings", old.screening),
  };
}

export function JSONView({ doc, apply, close, frozen }: { doc: Doc; apply: (d: Doc) => void; close: () => void; frozen: boolean }): ReactNode {
  const id = useId();
  const [text, setText] = useState(() => JSON.stringify(body(doc), null, 2));
  const [wrong, setWrong] = useState("");
  return (
    <section className="json-view">
      <label htmlFor={id}>Definition</label>
      <textarea id={id} className="mono" rows={28} spellCheck={false} readOnly={frozen} value={text} aria-invalid={wrong !== "" || undefined} aria-describedby={wrong === "" ? undefined : `${id}p`} onChange={(e) => setText(e.target.value)} />
      {wrong !== "" && <p className="problem" id={`${id}p`} role="alert">{wrong}</p>}
      <p className="actions">{!frozen && <button type="button" onClick={() => { const d = readDoc(text, doc); if (typeof d === "string") setWrong(d); else apply(d); }}>Apply</button>}
        <button type="button" className="plain" onClick={close}>Back to the drawing</button></p>
    </section>
  );
}
