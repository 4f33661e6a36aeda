// Pages that follow what happens elsewhere: the desktop while a phone is used,
// the status while somebody decides, the list of invited people.

import { say } from "./page";

interface Pulse {
  status: string;
  words: string;
  next: string;
  mark: string;
}

const lost = 120_000; // milliseconds without news after which the page says that it can go on here

export function beginFollow(root: HTMLElement): void {
  const events = new EventSource(root.dataset["follow"]!);
  const words = root.querySelector("[data-words]");
  let timer = 0;
  window.addEventListener("pagehide", () => events.close(), { once: true });
  // What a form of this page changes would be heard before its answer is here.
  document.addEventListener("submit", () => events.close());
  const wait = (): void => {
    window.clearTimeout(timer);
    const text = root.dataset["lost"];
    if (text && words) {
      timer = window.setTimeout(() => {
        words.textContent = text;
        say(text);
      }, lost);
    }
  };
  events.addEventListener("progress", (e) => {
    const p = JSON.parse((e as MessageEvent<string>).data) as Pulse;
    if (p.mark === root.dataset["mark"]) return wait();
    const fresh = root.dataset["reload"];
    if (fresh) {
      events.close();
      location.replace(fresh); // asked for anew: a reload could send a form again
      return;
    }
    root.dataset["mark"] = p.mark;
    if (p.status !== "open" && p.status !== "correction") {
      events.close();
      location.assign(p.next);
      return;
    }
    if (words && words.textContent !== p.words) {
      words.textContent = p.words;
      say(p.words);
    }
    wait();
  });
  events.addEventListener("end", (e) => {
    events.close();
    location.assign((JSON.parse((e as MessageEvent<string>).data) as Pulse).next);
  });
}
