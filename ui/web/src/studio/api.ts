// Requests to our own server. Everything that changes a workflow goes through the
// public API, so the editor can do nothing that a key could not.
import type { Json } from "./model";
import type { Finding } from "./problems";

/** What the server answered that is no success. */
export class Refusal extends Error {
  constructor(readonly status: number, readonly code: string, message: string, readonly findings: Finding[]) {
    super(message);
  }
}

/** The environment that the page was made for; the server refuses what was meant for the other one. */
export const page = { env: "" };

export interface Answer { body: { [name: string]: Json }; etag: string }

/** Asks and gives the JSON answer; throws a Refusal for every other status than 2xx. */
export async function ask(method: string, address: string, body?: unknown, etag?: string, signal?: AbortSignal): Promise<Answer> {
  const headers: Record<string, string> = { Accept: "application/json" };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (page.env !== "") headers["X-Bonafide-Env"] = page.env;
  if (etag) headers["If-Match"] = etag;
  let res: Response;
  try {
    res = await fetch(address, { method, headers, credentials: "same-origin", ...(body === undefined ? {} : { body: JSON.stringify(body) }), ...(signal ? { signal } : {}) });
  } catch (e) {
    if (signal?.aborted) throw e;
    throw new Refusal(0, "offline", "The server cannot be reached; the change is kept here and sent again.", []);
  }
  const text = await res.text();
  let out: { [name: string]: Json } = {};
  try {
    out = text === "" ? {} : (JSON.parse(text) as { [name: string]: Json });
  } catch {
    throw new Refusal(res.status, "unreadable", res.redirected || res.status === 401 ? "You are signed out. Sign in again in another tab." : res.status === 409 ? "You switched the environment in another window. Switch back to go on." : `The server answered ${res.status}.`, []);
  }
  if (!res.ok) {
    const said = typeof out["detail"] === "string" ? out["detail"] : typeof out["title"] === "string" ? out["title"] : `The server answered ${res.status}.`;
    const findings = Array.isArray(out["errors"]) ? (out["errors"] as unknown as Finding[]) : [];
    throw new Refusal(res.status, typeof out["code"] === "string" ? out["code"] : "", said, findings);
  }
  return { body: out, etag: res.headers.get("ETag") ?? "" };
}
