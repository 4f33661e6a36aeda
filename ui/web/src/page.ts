// What every page does: the summary of errors takes the focus, so that the
// keyboard and screen readers begin there, and words can be said politely.

/** Says a sentence through the page's live region, at most every two seconds (WCAG 4.1.3). */
export function say(text: string): void {
  waiting = text;
  if (timer === undefined) tell();
}

let waiting: string | undefined;
let timer: number | undefined;

function tell(): void {
  timer = undefined;
  const live = document.getElementById("live");
  if (waiting === undefined || live === null) return;
  live.textContent = waiting;
  waiting = undefined;
  timer = window.setTimeout(tell, 2000);
}

/** Begins a page. */
export function begin(): void {
  document.querySelector<HTMLElement>("[data-focus]")?.focus();
}
