// The viewer of documents: one picture at a time (or side by side), zoomed,
// turned, inverted; a value lights its region and a region its value. Without
// scripts all pictures stand below each other.

/** The next zoom after a press: steps of a quarter, between one and six times. */
export function zoomed(now: number, way: 1 | -1): number {
  return Math.min(Math.max(now + way * 0.25 * Math.max(1, Math.floor(now)), 1), 6);
}

/** Makes a viewer of its element. */
export function viewer(root: HTMLElement): void {
  const docs = [...root.querySelectorAll<HTMLElement>("[data-doc]")];
  const tools = root.querySelector<HTMLElement>(".tools");
  const sheets = root.querySelector<HTMLElement>(".sheets");
  if (docs.length === 0 || tools === null || sheets === null) return;
  let at = 0, zoom = 1, turn = 0, inverted = false, compare = false;

  const draw = (): void => {
    docs.forEach((d, i) => {
      d.hidden = !compare && i !== at;
      const sheet = d.querySelector<HTMLElement>(".sheet");
      if (sheet === null) return;
      sheet.style.width = `${zoom * 100}%`;
      sheet.style.transform = turn === 0 ? "" : `rotate(${turn}deg)`;
      sheet.classList.toggle("inverted", inverted);
    });
    sheets.classList.toggle("compare", compare);
    for (const [name, on] of [["invert", inverted], ["compare", compare]] as const)
      tools.querySelector(`[data-view=${name}]`)?.setAttribute("aria-pressed", String(on));
  };
  const move = (by: number): void => {
    at = (at + by + docs.length) % docs.length;
    draw();
    if (root.contains(document.activeElement)) return;
    docs[at]?.scrollIntoView({ block: "nearest" });
  };
  tools.addEventListener("click", (e) => {
    const what = e.target instanceof HTMLElement ? e.target.dataset.view : undefined;
    if (what === "prev") move(-1);
    else if (what === "next") move(1);
    else if (what === "in") zoom = zoomed(zoom, 1);
    else if (what === "out") zoom = zoomed(zoom, -1);
    else if (what === "turn") turn = (turn + 90) % 360;
    else if (what === "invert") inverted = !inverted;
    else if (what === "compare") compare = !compare;
    draw();
  });

  const light = (id: string | undefined, on: boolean): void => {
    if (!id) return;
    for (const el of document.querySelectorAll(`[data-region="${CSS.escape(id)}"], tr[data-lights="${CSS.escape(id)}"], li[data-lights="${CSS.escape(id)}"]`))
      el.classList.toggle("lit", on);
    if (!on || compare) return;
    const doc = docs.findIndex((d) => d.querySelector(`[data-region="${CSS.escape(id)}"]`) !== null);
    if (doc >= 0 && doc !== at) {
      at = doc;
      draw();
    }
  };
  const idOf = (e: Event): string | undefined => {
    const el = e.target instanceof Element ? e.target.closest<HTMLElement | SVGElement>("[data-lights], [data-region]") : null;
    return el?.dataset.lights ?? el?.dataset.region;
  };
  for (const [on, off] of [["pointerover", "pointerout"], ["focusin", "focusout"]] as const) {
    document.addEventListener(on, (e) => light(idOf(e), true));
    document.addEventListener(off, (e) => light(idOf(e), false));
  }
  tools.hidden = false;
  draw();
}
