// Sending: pictures and answers to our own routes, tried again when the
// connection is lost.

/** The answer of one of our routes. */
export interface Reply {
  ok: boolean;
  status: number;
  body: Record<string, unknown>;
}

const waits = [500, 1500, 4000];

/** Posts and tries again while the network fails; told hears of each new try. */
export async function post(url: string, body: BodyInit, told: () => void = () => {}): Promise<Reply> {
  for (let n = 0; ; n++) {
    try {
      const r = await fetch(url, { method: "POST", body, headers: { Accept: "application/json" } });
      if (r.status !== 503 && r.status !== 429) return { ok: r.ok, status: r.status, body: (await r.json()) as Record<string, unknown> };
      if (n >= waits.length) return { ok: false, status: r.status, body: (await r.json()) as Record<string, unknown> };
    } catch (e) {
      if (n >= waits.length) throw e;
    }
    told();
    await pause(waits[n]!);
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms));
}

/** The sentences of an answer that refuses. */
export function problems(r: Reply): string {
  const list = r.body["problems"];
  return Array.isArray(list) ? list.join(" ") : "";
}
