// A sign-in ends when nobody did anything for half an hour, and at the end of a
// working day. A page says so before, and goes on at one press (WCAG 2.2.1). Who
// writes is doing something, although no request is sent.

/** How long a sign-in lasts yet, in seconds: until nobody did anything for too long, and in all. */
export interface Left {
  idle: number;
  all: number;
}

/** How long before the end the page says so, in milliseconds. */
export const notice = 120_000;

/** How often a page in which somebody writes says that they are there, in milliseconds. */
export const beat = 300_000;

/** How often the page looks again while it says something, in milliseconds. */
export const again = 15_000;

/** What a page says: nothing, that nobody did anything, that the end comes in any case, that it has come. */
export type Word = "" | "idle" | "end" | "over";

/** Knows when a page has to ask and what it has to say. Time is what the caller says. */
export class Stay {
  private told: number;
  private acted = false;
  private idleAt = 0;
  private endAt = 0;
  private over = false;

  constructor(now: number, left: Left) {
    this.told = now;
    this.hear(now, left);
  }

  /** Takes what the server says; undefined when nobody is signed in any more. */
  hear(now: number, left: Left | undefined): void {
    this.over = left === undefined;
    if (left === undefined) return;
    this.idleAt = now + left.idle * 1000;
    this.endAt = now + left.all * 1000;
  }

  /** Somebody pressed a key or pointed at something. */
  act(): void {
    this.acted = true;
  }

  /** What to send: that somebody is there, a question how long there is, or nothing. */
  turn(now: number): "here" | "ask" | "" {
    if (this.acted && !this.over && now - this.told >= beat) {
      this.acted = false;
      this.told = now;
      return "here";
    }
    return this.over || this.ends() - now <= notice ? "ask" : "";
  }

  /** What to say, and for how many minutes there is time yet. */
  word(now: number): { word: Word; minutes: number } {
    const minutes = Math.max(1, Math.ceil((this.ends() - now) / 60_000));
    if (this.over) return { word: "over", minutes };
    if (this.ends() - now > notice) return { word: "", minutes };
    return { word: this.endAt <= this.idleAt ? "end" : "idle", minutes };
  }

  /** In how many milliseconds to look again. */
  next(now: number): number {
    if (this.over) return beat; // whoever signs in in another window comes back to this one, which asks then
    return this.ends() - now <= notice ? again : Math.min(beat, this.ends() - notice - now);
  }

  private ends(): number {
    return Math.min(this.idleAt, this.endAt);
  }
}

/** Asks the server; undefined when nobody is signed in any more. A server that does not answer is an error. */
async function ask(method: "GET" | "POST"): Promise<Left | undefined> {
  const answer = await fetch("/console/stay", { method, redirect: "manual", headers: { Accept: "application/json" } });
  if (answer.ok) return (await answer.json()) as Left;
  if (answer.status >= 500) throw new Error(`the server answers ${answer.status}`);
  return undefined; // it sends whoever is not signed in to the way in
}

/** Begins to watch over the sign-in of a page. */
export function beginStay(): void {
  const box = document.getElementById("stay");
  if (box === null) return;
  const button = box.querySelector("button")!;
  const stay = new Stay(Date.now(), { idle: Number(box.dataset["idle"]), all: Number(box.dataset["all"]) });
  let timer = 0;
  let asking = false;

  const show = (): void => {
    const { word, minutes } = stay.word(Date.now());
    const said = minutes === 1 ? "1 minute" : `${minutes} minutes`;
    for (const p of box.querySelectorAll<HTMLElement>("[data-word]")) {
      const m = p.querySelector("[data-minutes]");
      if (m && m.textContent !== said) m.textContent = said;
      p.hidden = p.dataset["word"] !== word;
    }
    button.hidden = word !== "idle";
    box.hidden = word === "";
  };
  const send = async (method: "GET" | "POST"): Promise<void> => {
    if (asking) return;
    asking = true;
    try {
      const left = await ask(method);
      stay.hear(Date.now(), left);
    } catch {
      // Nothing is known; the next look asks again.
    }
    asking = false;
  };
  const look = async (): Promise<void> => {
    window.clearTimeout(timer);
    const turn = stay.turn(Date.now());
    if (turn !== "") await send(turn === "here" ? "POST" : "GET");
    show();
    window.clearTimeout(timer);
    timer = window.setTimeout(look, stay.next(Date.now()));
  };
  for (const doing of ["keydown", "pointerdown", "input"]) document.addEventListener(doing, () => stay.act(), { capture: true, passive: true });
  // A device that slept, or a window that was behind another one.
  window.addEventListener("focus", look);
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) void look();
  });
  button.addEventListener("click", async () => {
    await send("POST");
    show();
  });
  timer = window.setTimeout(look, stay.next(Date.now()));
}
