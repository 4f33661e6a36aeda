// The studio: the editor of workflows, and the same drawing read-only wherever a
// page has an element [data-drawing].
import "@xyflow/react/dist/base.css";
import "./studio/studio.css";
import { ReactFlowProvider } from "@xyflow/react";
import { StrictMode, useEffect, useState, type ReactNode } from "react";
import { createRoot } from "react-dom/client";
import { begin } from "./page";
import { Canvas } from "./studio/canvas";
import type { Person } from "./studio/dryrun";
import { Editor, load, type Loaded, type Place } from "./studio/editor";
import { page } from "./studio/api";
import { arrange } from "./studio/arrange";
import { isBag, readGraph, readLayout, str, type Bag, type Json, type Layout } from "./studio/model";
import { changed, light, none, type Move, type Result } from "./studio/path";
import { tieShares } from "./studio/share";
import { loadSteps, StepsEditor, type Written } from "./studio/steps";

begin();
tieShares();
for (const at of document.querySelectorAll<HTMLElement>("[data-studio]")) {
  const d = at.dataset;
  page.env = d["env"] ?? "";
  const place: Place = { id: d["workflow"] ?? "", surface: d["surface"] ?? "", api: d["api"] ?? "", own: d["own"] ?? "", layout: d["layout"] ?? "", frozen: d["frozen"] === "true", people: JSON.parse(d["people"] ?? "[]") as Person[] };
  createRoot(at).render(<StrictMode><Studio place={place} /></StrictMode>);
}
for (const at of document.querySelectorAll<HTMLElement>("[data-drawing]")) {
  const what = JSON.parse(at.querySelector("script")?.textContent ?? "{}") as Json;
  const to = document.createElement("div");
  at.append(to);
  createRoot(to).render(<Drawing what={isBag(what) ? what : {}} worker={at.dataset["layout"] ?? ""} small={() => at.closest(".compare")?.classList.add("stacked")} label={at.dataset["drawing"] ?? ""} />);
}

function Studio({ place }: { place: Place }): ReactNode {
  const [start, setStart] = useState<Loaded | Written | string | null>(null);
  useEffect(() => {
    const read: Promise<Loaded | Written> = place.surface === "graph" ? load(place) : loadSteps(place);
    read.then(setStart, (e: unknown) => setStart(e instanceof Error ? e.message : String(e)));
  }, [place]);
  if (start === null) return <p role="status">Opening …</p>;
  if (typeof start === "string") return <p className="note warn" role="alert">{start}</p>;
  return "doc" in start ? <Editor place={place} start={start} /> : <StepsEditor place={place} start={start} />;
}

/** A drawing that nobody edits: {graph, layout?, edges?, node_results?} of a run, or {graph, layout?, difference, side}. */
function Drawing({ what, worker, label, small }: { what: Bag; worker: string; label: string; small: () => void }): ReactNode {
  const [graph] = useState(() => readGraph(what["graph"]));
  const given = readLayout(what["layout"]);
  const whole = Object.keys(graph.nodes).every((id) => given[id] !== undefined);
  const [layout, setLayout] = useState<Layout>(whole ? given : {});
  useEffect(() => {
    if (!whole) void arrange(worker, graph).then(setLayout);
  }, [graph, worker, whole]);
  const [titles] = useState(() => Object.fromEntries(Object.entries(isBag(what["titles"]) ? what["titles"] : {}).map(([k, v]) => [k, str(v)])));
  const [marks] = useState(() => (isBag(what["difference"]) ? changed(what["difference"], str(what["side"]) === "old" ? "old" : "new")
    : Array.isArray(what["edges"]) ? light(graph, what["edges"] as unknown as Move[], (what["node_results"] ?? {}) as unknown as Record<string, Result>) : none));
  return <ReactFlowProvider><Canvas graph={graph} layout={layout} titles={titles} problems={new Map()} selected={null} marks={marks} dim={Array.isArray(what["edges"])} frozen whole onSmall={small} label={label} /></ReactFlowProvider>;
}
