import htmx from "htmx.org";
import { beginColour, beginCopy, beginCorrections } from "./form";
import { keys } from "./keys";
import { begin } from "./page";
import { beginStay } from "./stay";
import { viewer } from "./viewer";

// The content policy allows neither eval nor inline style, so htmx may use
// neither. A part of a page that cannot be had says so itself.
htmx.config.allowEval = false;
htmx.config.includeIndicatorStyles = false;
htmx.config.historyCacheSize = 0; // nothing about people stays in the browser's storage
htmx.config.selfRequestsOnly = true;
htmx.config.responseHandling = [{ code: "204", swap: false }, { code: ".*", swap: true }];
begin();
keys();
beginStay();
for (const root of document.querySelectorAll<HTMLElement>("[data-viewer]")) viewer(root);
for (const button of document.querySelectorAll<HTMLButtonElement>("[data-copy]")) beginCopy(button);
for (const picker of document.querySelectorAll<HTMLInputElement>("[data-colour]")) beginColour(picker);
for (const form of document.querySelectorAll<HTMLFormElement>("form[data-corrections]")) beginCorrections(form);
