// Single-key shortcuts. A page marks what a key does with data-key; the list
// behind "?" is read from the page, so it is never wrong. A person can switch
// all of them off: then the list's dialog is not on the page (WCAG 2.1.4).

/** What a key does to an element: fields and sections take the focus, everything else is pressed. */
export function act(el: HTMLElement): void {
  if (el instanceof HTMLTextAreaElement || el instanceof HTMLInputElement || el.tagName === "SECTION") {
    el.scrollIntoView({ block: "nearest" });
    el.focus();
    return;
  }
  el.click();
  if (el.tagName === "SUMMARY") el.parentElement?.querySelector<HTMLElement>("select, input:not([type=hidden]), textarea")?.focus();
}

/** What an element is called in the list. */
export function nameOf(el: HTMLElement): string {
  const label = el instanceof HTMLTextAreaElement || el instanceof HTMLInputElement ? el.labels?.[0]?.textContent : undefined;
  return (label ?? el.getAttribute("aria-label") ?? el.textContent ?? "").trim();
}

function writing(el: EventTarget | null): boolean {
  return el instanceof HTMLElement && (el.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(el.tagName));
}

function rows(): HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>("[data-row] a[href]:first-of-type")];
}

function step(by: number): void {
  const all = rows();
  if (all.length === 0) return;
  const at = all.findIndex((a) => a === document.activeElement);
  all[at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(Math.max(at + by, 0), all.length - 1)]?.focus();
}

function list(dialog: HTMLDialogElement): void {
  const dl = dialog.querySelector("[data-keys]");
  if (dl === null) return;
  dl.replaceChildren();
  const add = (key: string, what: string): void => {
    const dt = document.createElement("dt"), kbd = document.createElement("kbd"), dd = document.createElement("dd");
    kbd.textContent = key;
    dt.append(kbd);
    dd.textContent = what;
    dl.append(dt, dd);
  };
  if (rows().length > 0) {
    add("j", "next row");
    add("k", "row before");
    add("Enter", "open the row");
  }
  for (const el of document.querySelectorAll<HTMLElement>("[data-key]")) if (el.dataset.key) add(el.dataset.key, nameOf(el));
  add("Esc", "close");
  add("?", "this list");
  dialog.showModal();
}

/** Listens for the keys of a page. */
export function keys(): void {
  for (const b of document.querySelectorAll<HTMLElement>("details.act [data-close]")) {
    b.hidden = false;
    b.addEventListener("click", () => {
      const open = b.closest("details");
      if (open === null) return;
      open.open = false;
      open.querySelector("summary")?.focus();
    });
  }
  document.addEventListener("keydown", (e) => {
    if (e.key === "Escape") {
      const open = document.querySelector<HTMLDetailsElement>("details.act[open], details.menu[open]");
      if (open) {
        open.open = false;
        open.querySelector("summary")?.focus();
      }
      return;
    }
    const dialog = document.querySelector<HTMLDialogElement>("dialog#keys");
    if (dialog === null || dialog.open || e.ctrlKey || e.metaKey || e.altKey || e.isComposing || writing(e.target)) return;
    if (e.key === "?") list(dialog);
    else if (e.key === "j" && rows().length > 0) step(1);
    else if (e.key === "k" && rows().length > 0) step(-1);
    else {
      const el = [...document.querySelectorAll<HTMLElement>("[data-key]")].find((x) => x.dataset.key === e.key && x.checkVisibility());
      if (el === undefined) return;
      act(el);
    }
    e.preventDefault();
  });
}
