// Forms: questions that a condition hides are hidden here, as the server says;
// it decides again when the answers are sent.

import { post } from "./send";

export function beginForm(form: HTMLFormElement): void {
  const parts = form.querySelectorAll<HTMLElement>("[data-shown]");
  if (!parts.length) return;
  const apply = (hidden: string[]): void => {
    for (const p of parts) p.hidden = hidden.includes(p.dataset["shown"]!);
  };
  apply((form.dataset["hidden"] ?? "").split(" "));
  let timer = 0, asked = 0;
  const ask = async (): Promise<void> => {
    const mine = ++asked;
    const answers = new URLSearchParams();
    for (const [k, v] of new FormData(form)) if (typeof v === "string") answers.append(k, v);
    const r = await post(form.dataset["form"]!, answers);
    if (r.ok && mine === asked) apply(r.body["hidden"] as string[]);
  };
  form.addEventListener("input", () => {
    window.clearTimeout(timer);
    timer = window.setTimeout(() => void ask().catch(() => {}), 200);
  });
}

/** Takes back what was said of a question as soon as its answer was changed into one that can be sent; the server judges all of it again. */
export function beginMending(form: HTMLFormElement): void {
  form.addEventListener("change", (e) => {
    const input = e.target as HTMLInputElement;
    if (!input.checkValidity() || (input.required && input.value.trim() === "")) return;
    let said: Element | null = null;
    for (let at: Element | null = input; at && at !== form && !said; at = at.parentElement) {
      if (!at.matches(".field, fieldset, input, select, textarea")) continue;
      const own = at.querySelectorAll("[data-problem]");
      if (own.length === 1) said = own[0]!;
      else if (own.length) return; // of several questions: not of this one
    }
    if (!said) return;
    const id = said.id.replace(/-problem$/, "");
    said.remove();
    for (const at of form.querySelectorAll("[aria-describedby]")) {
      const left = at.getAttribute("aria-describedby")!.split(" ").filter((x) => x && x !== id + "-problem");
      if (left.length) at.setAttribute("aria-describedby", left.join(" "));
      else at.removeAttribute("aria-describedby");
    }
    document.getElementById(id)?.removeAttribute("aria-invalid");
    const summary = document.getElementById("problems");
    summary?.querySelector(`a[href="#${CSS.escape(id)}"]`)?.closest("li")?.remove();
    if (summary && !summary.querySelector("li")) summary.remove();
  });
}

/** Copies the text of a field; where the browser does not let it, chooses the text. */
export function beginCopy(button: HTMLButtonElement): void {
  const from = document.getElementById(button.dataset["copy"]!) as HTMLInputElement | null;
  if (!from || !navigator.clipboard) return;
  button.hidden = false;
  button.addEventListener("click", () => {
    void navigator.clipboard.writeText(from.value).then(() => (button.textContent = from.dataset["copied"] ?? ""), () => {}).then(() => from.select());
  });
}

/** Chooses a colour by eye for a field that takes it as text (#rrggbb). */
export function beginColour(picker: HTMLInputElement): void {
  const field = document.getElementById(picker.dataset["colour"]!) as HTMLInputElement | null;
  if (!field) return;
  const read = (): void => {
    if (/^#[0-9a-f]{6}$/i.test(field.value)) picker.value = field.value;
  };
  read();
  picker.hidden = false;
  field.addEventListener("input", read);
  picker.addEventListener("input", () => (field.value = picker.value));
}

/** What is said to all steps is needed only while a step that is chosen says nothing of its own. */
export function beginCorrections(form: HTMLFormElement): void {
  const boxes = [...form.querySelectorAll<HTMLElement>("[data-step]")];
  if (boxes.length < 2) return;
  const tick = (b: HTMLElement): HTMLInputElement => b.querySelector<HTMLInputElement>("input[type=checkbox]")!;
  const look = (): void => {
    const chosen = boxes.filter((b) => tick(b).checked);
    for (const part of ["code", "text"]) {
      const all = form.elements.namedItem(part) as HTMLInputElement | HTMLSelectElement;
      all.required = chosen.length === 0 || chosen.some((b) => b.querySelector<HTMLInputElement | HTMLSelectElement>(`[name^="${part}:"]`)!.value.trim() === "");
    }
  };
  form.addEventListener("input", look);
  look();
}

/** Writes a time as the reader's language and place do. */
export function beginTime(t: HTMLTimeElement): void {
  t.textContent = new Date(t.dateTime).toLocaleString(document.documentElement.lang, { dateStyle: "long", timeStyle: "short" });
}
