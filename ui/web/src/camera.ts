// The page that takes a picture of a document or of the applicant: a live view,
// one hint at a time, an automatic shot that can be turned off, a shutter that
// is always there, and a look at the picture before it is sent.

import { closeCamera, jpeg, lack, openCamera, still } from "./device";
import { say } from "./page";
import { Patience } from "./patience";
import { fit, grey, measure, verdict } from "./quality";
import { post, problems } from "./send";

const small = 320; // width of the frame that is measured
const every = 250; // milliseconds between two
const largest = 2000; // pixels of the longer side that is sent

/** Finds an element that the page must have. */
export function part<T extends HTMLElement>(root: ParentNode, css: string): T {
  const e = root.querySelector<T>(css);
  if (!e) throw new Error("the page lacks " + css);
  return e;
}

/** Makes the form for files send by script, so that a lost connection is tried again. */
export function beginUpload(form: HTMLFormElement): void {
  form.addEventListener("submit", (e) => {
    e.preventDefault();
    void upload(form, new FormData(form));
  });
}

async function upload(form: HTMLFormElement, data: FormData): Promise<void> {
  const state = part(form, "[data-state]");
  const tell = (text: string): void => {
    state.textContent = text;
    say(text);
  };
  tell(form.dataset["sending"] ?? "");
  for (const b of document.querySelectorAll<HTMLButtonElement>("main button")) b.disabled = true;
  try {
    const r = await post(form.action, data, () => tell(form.dataset["retry"] ?? ""));
    if (r.ok) {
      location.assign(String(r.body["next"]));
      return;
    }
    tell(problems(r) || form.dataset["failed"] || "");
  } catch {
    tell(form.dataset["failed"] ?? "");
  }
  state.classList.add("problem");
  for (const b of document.querySelectorAll<HTMLButtonElement>("main button")) b.disabled = false;
}

export function beginCamera(root: HTMLElement): void {
  const kind = root.dataset["camera"] ?? "document";
  const form = part<HTMLFormElement>(document, "[data-upload]");
  const video = part<HTMLVideoElement>(root, "video");
  const live = part(root, "[data-live]"), view = part(root, ".camera"), look = part(root, "[data-look]"), hint = part(root, "[data-hint]"), sorry = part(root, "[data-sorry]");
  const torch = part<HTMLButtonElement>(root, "[data-torch]"), auto = part<HTMLInputElement>(root, "[data-auto]");
  const frame = document.createElement("canvas");
  let stream: MediaStream | undefined, timer: number | undefined, before: Uint8Array | undefined, lit = false;
  let patience = new Patience(), inView = false;
  new IntersectionObserver((seen) => { inView = seen.at(-1)!.intersectionRatio >= 0.6; }, { threshold: 0.6 }).observe(video);
  let shot: Blob | undefined, shown = "";

  function tell(key: string): void {
    const text = root.dataset[key] ?? "";
    if (hint.textContent === text) return;
    hint.textContent = text;
    say(text);
  }

  function light(on: boolean): void {
    lit = on;
    torch.setAttribute("aria-pressed", String(on));
  }

  async function start(again: boolean): Promise<void> {
    root.hidden = false;
    look.hidden = true;
    live.hidden = false;
    try {
      stream = await openCamera(video, kind === "selfie" ? "user" : "environment");
    } catch (e) {
      live.hidden = true;
      sorry.hidden = false;
      sorry.textContent = root.dataset[lack(e)] ?? "";
      say(sorry.textContent);
      const pick = document.querySelector<HTMLDetailsElement>("[data-pick]");
      if (pick) pick.open = true;
      return;
    }
    const can = stream.getVideoTracks()[0]?.getCapabilities?.() as { torch?: boolean } | undefined;
    torch.hidden = !can?.torch;
    light(false); // a camera that was just opened has none lit
    before = undefined;
    patience = new Patience();
    // Nothing is photographed before it is in view: a hand that scrolls, or a
    // screen reader, need not find it first.
    view.scrollIntoView({ block: "nearest" });
    if (again) view.focus({ preventScroll: true });
    tell("ready");
    timer = window.setInterval(watch, every);
  }

  function stop(): void {
    window.clearInterval(timer);
    closeCamera(stream);
    stream = undefined;
  }

  function watch(): void {
    if (!video.videoWidth || !stream) return;
    const [w, h] = fit(video.videoWidth, video.videoHeight, small);
    [frame.width, frame.height] = [w, h];
    const pen = frame.getContext("2d", { willReadFrequently: true })!;
    pen.drawImage(video, 0, 0, w, h);
    const g = grey(pen.getImageData(0, 0, w, h).data);
    const v = verdict(measure(g, w, h, before?.length === g.length ? before : undefined), kind);
    before = g;
    root.dataset["verdict"] = v;
    const turn = patience.frame(performance.now(), inView && !document.hidden, v === "good");
    if (turn !== "ready") tell(v);
    if (turn === "shoot" && auto.checked) void shoot();
  }

  async function shoot(): Promise<void> {
    if (!video.videoWidth || !stream) return;
    const picture = still(video, fit(video.videoWidth, video.videoHeight, largest));
    stop();
    shot = await jpeg(picture, 0.92);
    URL.revokeObjectURL(shown);
    shown = URL.createObjectURL(shot);
    part<HTMLImageElement>(look, "[data-shot]").src = shown;
    enlarge(picture, part<HTMLCanvasElement>(look, "[data-strip]"), kind);
    live.hidden = true;
    look.hidden = false;
    part(look, "h2").focus();
    say(root.dataset["taken"] ?? "");
  }

  part(root, "[data-shutter]").addEventListener("click", () => void shoot());
  part(root, "[data-again]").addEventListener("click", () => void start(true));
  part(root, "[data-use]").addEventListener("click", () => {
    if (!shot) return;
    const data = new FormData(form);
    data.set("file", shot, kind + ".jpg");
    void upload(form, data);
  });
  torch.addEventListener("click", () => {
    const on = !lit;
    // The button says what the camera does, not what was wished.
    stream?.getVideoTracks()[0]?.applyConstraints({ advanced: [{ torch: on } as MediaTrackConstraintSet] }).then(() => light(on), () => {});
  });
  void start(false);
}

/** Shows a part of the picture twice as large: the lower edge of a document, where the small print is, or the middle of a face. */
function enlarge(from: HTMLCanvasElement, to: HTMLCanvasElement, kind: string): void {
  const w = from.width * 0.5, h = w * 0.25;
  [to.width, to.height] = [Math.round(w), Math.round(h)];
  const top = kind === "selfie" ? (from.height - h) / 2 : from.height * 0.7 - h / 2;
  to.getContext("2d")!.drawImage(from, (from.width - w) / 2, top, w, h, 0, 0, to.width, to.height);
}
