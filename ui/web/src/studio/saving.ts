// Saving as one goes: some seconds after the last change the document goes to
// the server with the revision it was read at. Somebody else's change in between
// is a conflict that a person settles; nothing is overwritten unasked.
import { useCallback, useEffect, useRef, useState } from "react";
import { ask, Refusal } from "./api";
import { isBag, str, type Bag } from "./model";
import type { Doc } from "./state";

export type Saving = { as: "saved" | "waiting" | "saving" | "conflict" | "failed"; version: number; message: string; force: Force };

/** What new sessions run, as the API says it. */
export interface Force { published: number; previous: number; share: number; inactive: boolean }

/** Reads it from an answer about the workflow. */
export function forceOf(b: Bag): Force {
  const r = isBag(b["rollout"]) ? b["rollout"] : null;
  return { published: Number(b["published_version"] ?? 0), previous: Number(r?.["previous_version"] ?? 0), share: r === null ? 100 : Number(r["percentage"] ?? 0), inactive: str(b["status"]) === "inactive" };
}

/** Where the draft and what is in force stand, in words: saving puts nothing into force. */
export function standing(s: Saving): [draft: string, force: string] {
  const f = s.force;
  const draft = { saved: `Draft saved (no. ${s.version}).`, waiting: "Not saved yet (draft).", saving: "Saving the draft …", conflict: "Draft not saved: changed elsewhere.", failed: "Draft not saved." }[s.as];
  if (f.published === 0) return [draft, "Nothing is in force yet."];
  if (f.inactive) return [draft, "In force: nothing, its use was stopped."];
  if (f.previous > 0) return [draft, `In force: version ${f.previous}, and version ${f.published} for ${f.share} % of new sessions.`];
  return [s.as === "saved" && s.version === f.published ? "No changes." : draft, `In force: version ${f.published} for everyone.`];
}

const idle = 2000; // milliseconds after the last change

/** What is sent for a document. */
export function body(d: Doc): Record<string, unknown> {
  return { name: d.name, description: d.description, graph: d.graph, graph_layout: d.layout, data_requirements: d.requirements, screening_settings: d.screening };
}

export function useSaving(address: string, doc: Doc, turn: number, begin: { etag: string; version: number; force: Force }, frozen: boolean): Saving & { now: () => Promise<boolean>; overwrite: () => Promise<void> } {
  const [state, setState] = useState<Saving>({ as: "saved", version: begin.version, message: "", force: begin.force });
  const etag = useRef(begin.etag), saved = useRef(turn), newest = useRef({ doc, turn }), busy = useRef<Promise<boolean> | null>(null), conflict = useRef(false);
  newest.current = { doc, turn };

  const send = useCallback(async (): Promise<boolean> => {
    while (saved.current !== newest.current.turn && !conflict.current) {
      const { doc: what, turn: at } = newest.current;
      setState((s) => ({ ...s, as: "saving" }));
      try {
        const a = await ask("PATCH", address, body(what), etag.current);
        etag.current = a.etag;
        saved.current = at;
        setState({ as: at === newest.current.turn ? "saved" : "waiting", version: Number(a.body["version"] ?? 0), message: "", force: forceOf(a.body) });
      } catch (e) {
        conflict.current = e instanceof Refusal && e.status === 412;
        setState((s) => ({ ...s, as: conflict.current ? "conflict" : "failed", message: [e instanceof Error ? e.message : String(e), ...(e instanceof Refusal ? e.findings.map((f) => f.message) : [])].join(" ") }));
        return false;
      }
    }
    return !conflict.current;
  }, [address]);
  const now = useCallback((): Promise<boolean> => {
    busy.current ??= send().finally(() => (busy.current = null));
    return busy.current;
  }, [send]);

  useEffect(() => {
    if (frozen || turn === saved.current || conflict.current) return;
    setState((s) => (s.as === "saving" ? s : { ...s, as: "waiting" }));
    const timer = setTimeout(() => void now(), idle);
    return () => clearTimeout(timer);
  }, [turn, frozen, now]);
  useEffect(() => {
    const stay = (e: BeforeUnloadEvent): void => {
      if (saved.current !== newest.current.turn && !frozen) e.preventDefault();
    };
    window.addEventListener("beforeunload", stay);
    return () => window.removeEventListener("beforeunload", stay);
  }, [frozen]);

  /** Saves over somebody else's change, because a person said so. */
  const overwrite = useCallback(async (): Promise<void> => {
    etag.current = (await ask("GET", address)).etag;
    conflict.current = false;
    await now();
  }, [address, now]);
  return { ...state, now, overwrite };
}
