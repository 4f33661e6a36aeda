// Keyboard shortcuts of the editor. None is the only way, and they can be
// switched off (WCAG 2.1.4).
import { useEffect, useRef, useState, type ReactNode, type RefObject } from "react";

interface Wishes { undo: () => void; redo: () => void; save: () => void; close: () => void }

const off = "bonafide-studio-keys-off";
const switchedOff = (): boolean => localStorage.getItem(off) === "1";

export function useKeys(w: Wishes, frozen: boolean): { root: RefObject<HTMLDivElement | null> } {
  const root = useRef<HTMLDivElement>(null), now = useRef(w);
  now.current = w;
  useEffect(() => {
    const on = (e: KeyboardEvent): void => {
      if (switchedOff() || !(e.target instanceof Element)) return;
      const held = e.ctrlKey || e.metaKey, key = e.key.toLowerCase();
      const typing = e.target.matches("input, textarea");
      if (held && key === "s") now.current.save();
      else if (held && !typing && !frozen && (key === "y" || (key === "z" && e.shiftKey))) now.current.redo();
      else if (held && !typing && !frozen && key === "z") now.current.undo();
      else if (e.altKey && ["a", "o", "e", "p"].includes(key)) focus({ a: "#palette-find", o: ".outline button", e: "[data-form-head]", p: ".problems button" }[key] ?? "");
      else return;
      e.preventDefault();
    };
    document.addEventListener("keydown", on);
    return () => document.removeEventListener("keydown", on);
  }, [frozen]);
  return { root };
}

function focus(css: string): void {
  document.querySelector<HTMLElement>(css)?.focus();
}

export function Keys(): ReactNode {
  const [quiet, setQuiet] = useState(switchedOff());
  return (
    <details className="group"><summary>Keys</summary>
      <dl className="facts"><dt>Ctrl Z, Ctrl Shift Z</dt><dd>undo, redo</dd><dt>Ctrl S</dt><dd>save now</dd><dt>Alt A, O, E, P</dt><dd>to the palette, the outline, the form, the problems</dd><dt>Arrow keys</dt><dd>in the outline: from node to node; on the drawing: move the chosen node</dd><dt>Delete</dt><dd>delete the chosen node or edge</dd></dl>
      <label className="choice"><input type="checkbox" checked={quiet} onChange={(e) => { localStorage.setItem(off, e.target.checked ? "1" : "0"); setQuiet(e.target.checked); }} /> Switch the keys off</label>
    </details>
  );
}
