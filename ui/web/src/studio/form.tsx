// A form made from a JSON Schema: the checks describe themselves, so that a new
// check has its form without a line here.
import { createContext, useContext, useEffect, useId, useState, type ReactNode } from "react";
import { isBag, list, str, type Bag, type Json } from "./model";
import { at as exactly, under, type Problem } from "./problems";
import { field as describe, fields, readAny, showAny, type Field, type Lookup } from "./schema";

export interface FormWorld {
  /** Sets the value at a pointer below the edited object; undefined removes it. */
  set: (at: string, value: Json | undefined) => void;
  problems: Problem[];
  lookup: Lookup;
  /** Facts that conditions may read, as suggestions. */
  facts: string[];
  /** Node ids by type, for options that name a node. */
  nodes: (type: string) => string[];
  frozen: boolean;
}

export const World = createContext<FormWorld>({ set: () => undefined, problems: [], lookup: () => undefined, facts: [], nodes: () => [], frozen: false });

/** The fields of an object. skip leaves some to others. */
export function SchemaFields({ schema, value, at, skip }: { schema: Bag; value: Bag; at: string; skip?: string[] }): ReactNode {
  const { lookup } = useContext(World);
  return fields(schema, lookup).filter(([name]) => !skip?.includes(name)).map(([name, f]) => <Row key={name} field={f} value={value[name]} at={`${at}/${name.replace(/~/g, "~0").replace(/\//g, "~1")}`} />);
}

/** One field with its label, help and problems. */
export function Row({ field: f, value, at }: { field: Field; value: Json | undefined; at: string }): ReactNode {
  const { problems } = useContext(World);
  const id = useId();
  const own = f.kind === "group" || f.kind === "items" ? exactly(problems, at) : under(problems, at);
  const described = [f.help && `${id}h`, own.length > 0 && `${id}p`].filter(Boolean).join(" ") || undefined;
  const said = own.length > 0 && <ul className="problem" id={`${id}p`}>{own.map((p) => <li key={p.code + p.path}>{p.message}</li>)}</ul>;
  const help = f.help !== "" && <p className="hint" id={`${id}h`}>{f.help}{f.otherwise !== "" && ` Default: ${f.otherwise}.`}</p>;
  if (f.kind === "group") {
    return <Group label={f.label} open={under(problems, at).length > 0}>{help}{said}<SchemaFields schema={f.schema} value={isBag(value) ? value : {}} at={at} /></Group>;
  }
  if (f.kind === "items") return <fieldset className="items"><legend>{f.label}</legend>{help}{said}<Items field={f} value={list(value)} at={at} /></fieldset>;
  if (f.kind === "choices") return <fieldset className="items"><legend>{f.label}</legend>{help}{said}<Choices field={f} value={list(value)} at={at} /></fieldset>;
  return (
    <div className="row" data-at={at}>
      <label htmlFor={id}>{f.label}{f.needed && <span className="soft"> (needed)</span>}</label>
      {help}
      <Input id={id} field={f} value={value} at={at} wrong={own.some((p) => p.level === "error")} described={described} />
      {said}
    </div>
  );
}

/** A part that opens. What is inside is made only then, because schemas may contain themselves. */
export function Group({ label, open, children }: { label: string; open: boolean; children: ReactNode }): ReactNode {
  const [shown, setShown] = useState(open);
  useEffect(() => {
    if (open) setShown(true);
  }, [open]);
  return <details className="group" open={shown} onToggle={(e) => setShown(e.currentTarget.open)}><summary>{label}</summary>{shown && children}</details>;
}

interface InputProps { id: string; field: Field; value: Json | undefined; at: string; wrong: boolean; described: string | undefined }

function Input({ id, field: f, value, at, wrong, described }: InputProps): ReactNode {
  const w = useContext(World);
  const aria = { id, disabled: w.frozen, "aria-describedby": described, "aria-invalid": wrong || undefined };
  const facts = `${id}f`;
  switch (f.kind) {
    case "flag":
      return (
        <select {...aria} value={value === undefined ? "" : String(value)} onChange={(e) => w.set(at, e.target.value === "" ? undefined : e.target.value === "true")}>
          <option value="">{f.otherwise === "" ? "not said" : `default (${f.otherwise === "true" ? "yes" : "no"})`}</option><option value="true">yes</option><option value="false">no</option>
        </select>
      );
    case "choice": {
      const known = f.words.includes(str(value)) || value === undefined;
      return (
        <select {...aria} value={str(value)} onChange={(e) => w.set(at, e.target.value === "" ? undefined : e.target.value)}>
          {!(f.needed && value !== undefined) && <option value="">{f.otherwise === "" ? "not said" : `default (${f.otherwise})`}</option>}
          {!known && <option value={str(value)}>{str(value)}</option>}
          {f.words.map((v) => <option key={v} value={v}>{v}</option>)}
        </select>
      );
    }
    case "number":
      return <Text {...aria} inputMode="decimal" value={value === undefined ? "" : showAny(value)} placeholder={f.otherwise} onText={(t) => {
        const n = Number(t.trim().replace(",", "."));
        w.set(at, t.trim() === "" ? undefined : Number.isFinite(n) ? n : t); // what is no number is the server's to refuse, at this field
      }} />;
    case "lines":
      return <Area {...aria} value={list(value).map(showAny).join("\n")} onText={(t) => {
        const all = t.split("\n").map((l) => l.trim()).filter((l) => l !== "");
        w.set(at, all.length === 0 ? undefined : all);
      }} />;
    case "text": {
      const of = str(f.schema["x-node"]);
      if (of !== "") {
        const all = w.nodes(of);
        return <select {...aria} value={str(value)} onChange={(e) => w.set(at, e.target.value)}><option value="">none</option>
          {str(value) !== "" && !all.includes(str(value)) && <option value={str(value)}>{str(value)}</option>}{all.map((v) => <option key={v} value={v}>{v}</option>)}</select>;
      }
      const known = f.schema["x-facts"] === true;
      const long = Number(f.schema["maxLength"] ?? 0) > 500;
      if (long && !known) return <Area {...aria} value={str(value)} onText={(t) => w.set(at, t)} />;
      return <><Text {...aria} value={typeof value === "string" ? value : showAny(value)} placeholder={f.otherwise} list={known ? facts : undefined} onText={(t) => w.set(at, t)} />
        {known && <datalist id={facts}>{w.facts.map((x) => <option key={x} value={x} />)}</datalist>}</>;
    }
    default: {
      const long = typeof value === "object" && value !== null;
      const on = (t: string): void => w.set(at, readAny(t));
      return long ? <Area {...aria} value={showAny(value)} onText={on} /> : <Text {...aria} value={showAny(value)} onText={on} />;
    }
  }
}

type TextProps = { value: string; onText: (t: string) => void } & Omit<React.InputHTMLAttributes<HTMLInputElement>, "value" | "onChange">;

/** An input that keeps what was typed while it has the focus, whatever that is read as. */
export function Text({ value, onText, ...more }: TextProps): ReactNode {
  const [text, setText] = useTyped(value);
  return <input type="text" autoComplete="off" spellCheck={false} {...more} value={text} onChange={(e) => { setText(e.target.value); onText(e.target.value); }} onBlur={() => setText(null)} />;
}

type AreaProps = { value: string; onText: (t: string) => void } & Omit<React.TextareaHTMLAttributes<HTMLTextAreaElement>, "value" | "onChange">;

export function Area({ value, onText, ...more }: AreaProps): ReactNode {
  const [text, setText] = useTyped(value);
  return <textarea rows={Math.min(12, Math.max(2, text.split("\n").length))} spellCheck={false} {...more} value={text} onChange={(e) => { setText(e.target.value); onText(e.target.value); }} onBlur={() => setText(null)} />;
}

function useTyped(value: string): [string, (t: string | null) => void] {
  const [typed, setTyped] = useState<string | null>(null);
  useEffect(() => setTyped((t) => (t !== null && document.activeElement?.matches("input, textarea") ? t : null)), [value]);
  return [typed ?? value, setTyped];
}

function Choices({ field: f, value, at }: { field: Field; value: Json[]; at: string }): ReactNode {
  const w = useContext(World);
  return f.words.map((v) => (
    <label key={v} className="choice"><input type="checkbox" disabled={w.frozen} checked={value.includes(v)} onChange={(e) => {
      const next = e.target.checked ? [...value, v] : value.filter((x) => x !== v);
      w.set(at, next.length === 0 ? undefined : next);
    }} /> {v}</label>
  ));
}

function Items({ field: f, value, at }: { field: Field; value: Json[]; at: string }): ReactNode {
  const w = useContext(World);
  const item = describe("", f.schema["items"], true, w.lookup).schema;
  const move = (from: number, to: number): void => {
    const next = value.slice();
    const [x] = next.splice(from, 1);
    next.splice(to, 0, x ?? null);
    w.set(at, next);
  };
  return (
    <>
      <ol className="entries">{value.map((v, i) => (
        <li key={i}>
          <details open={value.length <= 3 || under(w.problems, `${at}/${i}`).length > 0}>
            <summary>{entryName(v, i)}</summary>
            {exactly(w.problems, `${at}/${i}`).map((p) => <p key={p.code} className="problem">{p.message}</p>)}
            {isBag(v) ? <SchemaFields schema={item} value={v} at={`${at}/${i}`} skip={["next"]} /> : <p>{showAny(v)}</p>}
            <p className="tools">
              <button type="button" className="plain small" disabled={w.frozen || i === 0} onClick={() => move(i, i - 1)} aria-label={`Move entry ${i + 1} up`}>Up</button>
              <button type="button" className="plain small" disabled={w.frozen || i === value.length - 1} onClick={() => move(i, i + 1)} aria-label={`Move entry ${i + 1} down`}>Down</button>
              <button type="button" className="plain small" disabled={w.frozen} onClick={() => w.set(at, value.length === 1 ? undefined : value.filter((_, k) => k !== i))} aria-label={`Remove entry ${i + 1}`}>Remove</button>
            </p>
          </details>
        </li>))}
      </ol>
      <button type="button" className="plain small" disabled={w.frozen} onClick={() => w.set(at, [...value, starter(item)])}>Add to {f.label.toLowerCase()}</button>
    </>
  );
}

/** A new entry with what it needs, where the schema gives it away. */
function starter(item: Bag): Bag {
  const out: Bag = {};
  const props = isBag(item["properties"]) ? item["properties"] : {};
  for (const name of list(item["required"]).map(String)) {
    const p = props[name];
    if (!isBag(p)) continue;
    const first = list(p["enum"])[0];
    if (first !== undefined) out[name] = first;
    else if (p["type"] === "array" && isBag(p["items"]) && isBag(p["items"]["properties"])) out[name] = [starter(p["items"])];
    else if (p["type"] === "integer" || p["type"] === "number") out[name] = typeof p["minimum"] === "number" ? p["minimum"] : 1;
  }
  return out;
}

function entryName(v: Json, i: number): string {
  if (!isBag(v)) return `${i + 1}`;
  const name = ["name", "display_name", "field_id", "document_type", "to", "field", "type", "path", "id", "factor", "country_code"].map((k) => str(v[k])).find((x) => x !== "");
  return `${i + 1}. ${name ?? ""}`;
}
