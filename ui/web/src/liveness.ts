// The liveness try: opens it, prompts in words and with an arrow, films a few
// pictures a second, sends them while it goes on, and shows the verdict.

import { part } from "./camera";
import { closeCamera, lack, openCamera, still } from "./device";
import { say } from "./page";
import { fit } from "./quality";
import { pause, post, problems, type Reply } from "./send";

/** One instruction and how long it stands, in milliseconds. */
export interface Scene {
  action: string;
  ms: number;
}

interface Try {
  try: string;
  nonce: string;
  actions: string[];
  colours: string[] | null; // none of a film without light
  max: number;
  film: boolean;
}

/** What the server says of a film that it does not take. */
class Refused extends Error {}

/** The script of a film: a straight look first and after each movement. slow doubles the times. */
export function scenes(actions: string[], slow: boolean): Scene[] {
  const k = slow ? 2 : 1;
  const out: Scene[] = [{ action: "look_ahead", ms: 1500 * k }];
  for (const action of actions) out.push({ action, ms: 2500 * k }, { action: "look_ahead", ms: 1000 * k });
  return out;
}

/** How long between two pictures, so that a film of ms has fewer than max; at most three a second. */
export function interval(ms: number, max: number): number {
  return Math.max(330, Math.ceil(ms / (max - 4)));
}

/** The colour at a time: each has the same share, and none less than a second (WCAG 2.3.1). */
export function colourAt(colours: string[], at: number, ms: number): string {
  if (!colours.length) return "";
  const share = Math.max(1000, ms / colours.length);
  return colours[Math.min(colours.length - 1, Math.floor(at / share))]!;
}

export function beginLiveness(root: HTMLElement): void {
  const base = root.dataset["liveness"]!;
  const video = part<HTMLVideoElement>(root, "video"), live = part(root, "[data-live]"), hint = part(root, "[data-hint]");
  const light = part(root, "[data-light]"), arrow = part(root, "[data-arrow]") as unknown as SVGElement;
  const start = part<HTMLButtonElement>(root, "[data-start]"), sorry = part(root, "[data-sorry]"), words = part(root, "[data-words]");
  const slow = part<HTMLInputElement>(root, "[data-slow]"), sound = part<HTMLInputElement>(root, "[data-sound]");
  const fade = root.querySelector<HTMLInputElement>("[data-fade]");
  const left = document.querySelector("[data-left]");
  root.hidden = false;
  if (fade) fade.checked = window.matchMedia("(prefers-reduced-motion: reduce)").matches;

  const named = (action: string): string => root.dataset[action.replace(/_(.)/g, (_, c: string) => c.toUpperCase())] ?? action;

  function fail(text: string): void {
    sorry.hidden = false;
    sorry.textContent = text;
    say(text);
    start.disabled = false;
  }

  async function json(path: string, body: object): Promise<Reply> {
    return post(base + path, JSON.stringify(body));
  }

  async function run(): Promise<void> {
    start.disabled = true;
    sorry.hidden = true;
    words.textContent = "";
    let stream: MediaStream | undefined;
    try {
      const r = await json("/open", {});
      if (!r.ok) return fail(problems(r));
      const t = r.body as unknown as Try;
      if (t.film) {
        live.hidden = false;
        stream = await openCamera(video, "user");
        live.scrollIntoView({ block: "nearest" });
        await film(t);
      }
      words.textContent = root.dataset["sending"] ?? "";
      const v = await json("/judge", { try: t.try });
      if (!v.ok) return fail(problems(v));
      told(v.body as { words: string; next: string; left: number });
    } catch (e) {
      fail(e instanceof Refused ? e.message : e instanceof DOMException ? (root.dataset[lack(e)] ?? "") : (root.dataset[e instanceof Error && e.message === "lost" ? "lost" : "failed"] ?? ""));
    } finally {
      closeCamera(stream);
      live.hidden = true;
      light.className = "";
    }
  }

  function told(v: { words: string; next: string; left: number }): void {
    words.textContent = v.words;
    say(v.words);
    if (v.next) {
      const on = part<HTMLAnchorElement>(root, "[data-onward]");
      on.href = v.next;
      on.hidden = false;
      start.hidden = true;
      left?.remove();
      on.focus();
      return;
    }
    start.disabled = false;
    words.focus();
  }

  async function film(t: Try): Promise<void> {
    const list = scenes(t.actions, slow.checked);
    const total = list.reduce((n, s) => n + s.ms, 0), beat = interval(total, t.max);
    const size = fit(video.videoWidth || 640, video.videoHeight || 480, 640);
    const begun = performance.now();
    let batch: { at: number; action: string; image: string }[] = [], sending: Promise<void> = Promise.resolve(), wrong: unknown;
    const flush = (): void => {
      if (!batch.length) return;
      const frames = batch;
      batch = [];
      sending = sending.then(async () => {
        const r = await json("/frames", { try: t.try, nonce: t.nonce, frames });
        if (!r.ok) throw new Refused(problems(r));
      }).catch((e: unknown) => { wrong ??= e; });
    };
    let end = 0, next = 0;
    for (const scene of list) {
      end += scene.ms;
      prompt(scene.action);
      while (performance.now() - begun < end) {
        if (document.hidden) throw new Error("lost");
        if (wrong) throw wrong; // the rest need not be filmed
        const at = Math.round(performance.now() - begun);
        const colour = colourAt(t.colours ?? [], at, total);
        light.className = colour + (fade?.checked ? " fade" : "");
        if (at >= next) {
          batch.push({ at, action: scene.action, image: still(video, size).toDataURL("image/jpeg", 0.85).split(",")[1]! });
          next = at + beat;
          if (batch.length >= 6) flush();
        }
        await pause(50);
      }
    }
    flush();
    await sending;
    if (wrong) throw wrong;
  }

  function prompt(action: string): void {
    hint.textContent = named(action);
    say(hint.textContent);
    arrow.setAttribute("class", "arrow " + action);
    if (sound.checked) beep();
  }

  start.addEventListener("click", () => void run());
}

function beep(): void {
  const a = new AudioContext(), o = a.createOscillator();
  o.frequency.value = 660;
  o.connect(a.destination);
  o.start();
  o.stop(a.currentTime + 0.12);
  o.onended = () => void a.close();
}
