// JSON Schema (2020-12, the part of it that our Specs and API use) as a form
// sees it. Pure.
import { isBag, list, str, type Bag, type Json } from "./model";

export type Kind = "flag" | "choice" | "text" | "number" | "choices" | "lines" | "items" | "group" | "any";

export interface Field {
  kind: Kind;
  schema: Bag;
  label: string;
  help: string;
  needed: boolean;
  /** Of choice and choices. */
  words: string[];
  /** The default in words; "" without one. */
  otherwise: string;
}

export type Lookup = (name: string) => Bag | undefined;

/** Follows references to the schema itself. */
export function resolve(schema: Json | undefined, lookup: Lookup): Bag {
  let s = isBag(schema) ? schema : {};
  for (let i = 0; i < 8; i++) {
    const ref = str(s["$ref"]);
    if (ref !== "") {
      s = { ...(lookup(ref.slice(ref.lastIndexOf("/") + 1)) ?? {}), ...(str(s["description"]) === "" ? {} : { description: s["description"] ?? "" }) };
      continue;
    }
    const first = list(s["anyOf"])[0] ?? list(s["oneOf"])[0];
    if (first === undefined || s["properties"] !== undefined) break;
    s = { ...resolve(first, lookup), ...(str(s["description"]) === "" ? {} : { description: s["description"] ?? "" }) };
  }
  return s;
}

/** The type of a schema; nullable ones count as what they hold. */
function typeOf(s: Bag): string {
  const t = s["type"];
  return Array.isArray(t) ? str(t.find((x) => x !== "null")) : str(t);
}

/** How a schema is asked for. */
export function field(name: string, raw: Json | undefined, needed: boolean, lookup: Lookup): Field {
  const schema = resolve(raw, lookup);
  const words = list(schema["enum"]).map(String);
  const t = typeOf(schema);
  const item = resolve(schema["items"], lookup);
  const itemType = typeOf(item);
  let kind: Kind = "any";
  if (t === "boolean") kind = "flag";
  else if (t === "string") kind = words.length > 0 ? "choice" : "text";
  else if (t === "number" || t === "integer") kind = "number";
  else if (t === "array" && itemType === "string") kind = list(item["enum"]).length > 0 ? "choices" : "lines";
  else if (t === "array" && itemType === "object" && item["properties"] !== undefined) kind = "items";
  else if (t === "object" && isBag(schema["properties"]) && Object.keys(schema["properties"]).length > 0) kind = "group";
  const d = schema["default"];
  return {
    kind, schema, needed, label: label(name), help: str(schema["description"]),
    words: kind === "choices" ? list(item["enum"]).map(String) : words,
    otherwise: d === undefined || d === null ? "" : typeof d === "string" ? d : JSON.stringify(d),
  };
}

/** The fields of an object in the order of its schema, needed ones first. */
export function fields(schema: Bag, lookup: Lookup): [name: string, field: Field][] {
  const needed = new Set(list(schema["required"]).map(String));
  const props = isBag(schema["properties"]) ? schema["properties"] : {};
  const all = Object.entries(props).filter(([name]) => name !== "$schema").map(([name, s]): [string, Field] => [name, field(name, s, needed.has(name), lookup)]);
  return [...all.filter(([, f]) => f.needed), ...all.filter(([, f]) => !f.needed)];
}

/** Words that only programmers know, with what they say. */
const plainly: Record<string, string> = { slug: "short name (slug)", ttl: "lifetime", crossref: "comparison" };

/** A name as people read it: max_age_hours and maxAgeHours become "Max age hours". */
export function label(name: string): string {
  const words = name.replace(/([a-z0-9])([A-Z])/g, "$1 $2").replace(/[_-]+/g, " ").trim().toLowerCase().replace(/\b(slug|ttl|crossref)\b/g, (w) => plainly[w] ?? w)
    .replace(/\b(id|url|sla|nfc|pep|kyc|idv|aml|mrz)\b/g, (w) => w.toUpperCase());
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** Reads what was typed where anything may stand: JSON when it is some, text otherwise. */
export function readAny(text: string): Json | undefined {
  if (text.trim() === "") return undefined;
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}

/** Writes a value so that readAny gives it back. */
export function showAny(v: Json | undefined): string {
  if (v === undefined) return "";
  if (typeof v !== "string") return typeof v === "object" && v !== null ? JSON.stringify(v, null, 1) : JSON.stringify(v);
  try {
    JSON.parse(v); // a text that looks like JSON keeps its quotes
    return JSON.stringify(v);
  } catch {
    return v;
  }
}

const s = (description: string, more: Bag = {}): Bag => ({ type: "string", description, ...more });
const conditions: Bag = {
  type: "array", description: "What is compared.", items: {
    type: "object", required: ["field", "operator", "value"], properties: {
      field: s("A fact: extracted.age, checks.<check>.status, session.country, session.fields.…, vars.…", { "x-facts": true }),
      operator: s("How.", { enum: ["==", "!=", "<", "<=", ">", ">=", "in", "not_in", "contains", "exists"] }),
      value: { description: "With what: a number, text, true or false, or a list such as [\"DE\",\"FR\"]." },
      ignore_case: { type: "boolean", default: false, description: "Whether case does not matter." },
    },
  },
};
const match = s("Whether all conditions must hold, or one.", { enum: ["all", "any"], default: "all" });

/** The options of each node type, beside its routes and the config of its check. */
export const nodeSchemas: Record<string, Bag> = {
  policy: { properties: {
    required: { type: "boolean", default: true, description: "false lets a check that was skipped go on like a pass." },
    timeout_seconds: { type: "number", minimum: 0.01, maximum: 600, description: "Limit of one attempt; the check's own without it." },
    retry: { type: "object", description: "After errors that may pass.", properties: {
      max_attempts: { type: "integer", minimum: 1, maximum: 5, default: 5, description: "The first one counts." },
      backoff_seconds: { type: "number", minimum: 0.01, maximum: 3600, default: 2, description: "Before the second; each later wait is four times longer." } } },
    allow_duplicate: { type: "boolean", default: false, description: "Lets the same check run twice on one path." },
  } },
  conditional: { required: ["routes"], properties: { routes: { type: "array", description: "The first whose conditions hold is taken.", items: {
    type: "object", required: ["conditions"], properties: { conditions, match } } } } },
  terminal: { required: ["outcome"], properties: {
    outcome: s("How the session ends.", { enum: ["approved", "needs_review", "rejected"] }),
    reason_code: s("One word that says why, such as under_age."),
    case: { type: "object", description: "How the case of a review is opened.", properties: {
      queue: s("The queue it waits in."), priority: { type: "integer", minimum: 0, maximum: 100, default: 0, description: "Higher comes first." },
      sla_hours: { type: "number", minimum: 0, maximum: 8784, default: 0, description: "Until when it is to be decided; 0 is no limit." } } },
  } },
  wait: { required: ["gate"], properties: {
    gate: s("Its name; whoever decides names it."),
    timeout_seconds: { type: "number", minimum: 0.01, description: "How long it waits." },
    expose_fields: { type: "array", items: { type: "string" }, description: "Facts that whoever decides is shown, one a line." },
  } },
  parallel: { required: ["join"], properties: { join: s("The join node where the branches meet.", { "x-node": "join" }) } },
  join: { properties: { mode: s("Whether all branches must arrive, or one.", { enum: ["all", "any"], default: "all" }) } },
  set: { required: ["assign"], properties: { assign: { type: "array", description: "Written in this order.", items: { type: "object", required: ["to"], properties: {
    to: s("vars. and a name."), from: s("A fact to copy.", { "x-facts": true }), value: { description: "Or a value." } } } } } },
  score: { required: ["factors"], properties: { base: { type: "number", minimum: 0, maximum: 100, default: 0, description: "Points before any factor." }, factors: { type: "array", description: "What adds to the score.", items: { type: "object", required: ["name", "weight"], properties: {
    name: s("What it is called."), weight: { type: "number", description: "Points." }, conditions, match,
    field: s("A number that the points are multiplied by.", { "x-facts": true }), if_missing: { type: "number", description: "Points when that number is missing; all of them without it." } } } } } },
  split: { required: ["arms"], properties: { arms: { type: "array", description: "People keep the arm they were given.", items: { type: "object", required: ["name", "weight"], properties: {
    name: s("What it is called."), weight: { type: "integer", minimum: 1, maximum: 10000, description: "Its share, relative to the others." } } } } } },
  subworkflow: { required: ["workflow_id"], properties: { workflow_id: s("The workflow, workflow_…"), version: { description: "A version number, or latest_published." }, input_map: { description: "Facts it is given." } } },
};
nodeSchemas["http"] = nodeSchemas["policy"] ?? {};

const level = (what: string): Bag => s(what, { enum: ["required", "optional", "off"] });
/** What applicants are asked for (api.md 6.5). */
export const requirementSchema: Bag = { properties: {
  document_front: level("The front of an identity document."), document_back: level("Its back."), selfie: level("A picture of the face."),
  liveness: level("A film that shows a living person."), nfc: level("The chip of a passport."), proof_of_address: level("A paper with the address."),
  user_info: { type: "object", description: "A form.", properties: Object.fromEntries(["first_name", "last_name", "date_of_birth", "email", "phone", "ssn", "address"].map((n) => [n, level("")])) },
  custom_documents: { description: "Further papers: a list of names, or of objects with name, title and required." },
  consents: { description: "What they agree to, likewise." },
} };
