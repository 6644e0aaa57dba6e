import { jsonLanguage } from "@codemirror/lang-json";

type Node = ReturnType<typeof jsonLanguage.parser.parse>["topNode"];
export type Place = { from: number; to: number };
export type JsonPath = (string | number)[];

const values = new Set(["Object", "Array", "String", "Number", "True", "False", "Null"]);

const parse = (text: string): Node => jsonLanguage.parser.parse(text).topNode;

function valuesIn(node: Node): Node[] {
  const found: Node[] = [];
  for (let child = node.firstChild; child; child = child.nextSibling) if (values.has(child.name)) found.push(child);
  return found;
}

/** A name as it is meant: its escapes read, its quotes gone. */
function readName(text: string, { from, to }: Place): string {
  const raw = text.slice(from, to);
  try {
    return JSON.parse(raw);
  } catch {
    return raw.replaceAll('"', "");
  }
}

function childOf(text: string, node: Node, name: string): { value: Node; place: Node } | null {
  if (node.name === "Array") {
    const value = /^\d+$/.test(name) ? valuesIn(node)[Number(name)] : undefined;
    return value ? { value, place: value } : null;
  }
  for (const property of node.getChildren("Property")) {
    const label = property.getChild("PropertyName");
    if (label && readName(text, label) === name) {
      const value = valuesIn(property)[0];
      return { value: value ?? label, place: value ?? label };
    }
  }
  return null;
}

/**
 * Where a dotted path stands in a JSON text. What is not there is shown where it should be: at the nearest thing around
 * it that is. Pure.
 */
export function findPlace(text: string, path: string): Place {
  const top = parse(text);
  let node: Node | undefined = valuesIn(top)[0];
  let place: Place = node ? firstLine(text, node) : { from: 0, to: Math.min(1, text.length) };
  for (const name of path === "" ? [] : path.split(".")) {
    const child: { value: Node; place: Node } | null = node ? childOf(text, node, name) : null;
    if (!child) return place;
    node = child.value;
    place = firstLine(text, child.place);
  }
  return place;
}

/** An object over many lines is underlined in its first one only. */
function firstLine(text: string, { from, to }: Place): Place {
  const end = text.indexOf("\n", from);
  return { from, to: end < 0 ? to : Math.min(to, end) };
}

export type Cursor = {
  /** The object around it, from the root. */
  path: JsonPath;
  /** The names it has already. */
  names: string[];
  /** What a completion replaces, quotes included. */
  from: number;
  to: number;
  /** Whether a value or a name belongs there. */
  kind: "name" | "value";
};

/** What belongs at a position of a JSON text, finished or not; null where neither a name nor a value does. Pure. */
export function readCursor(text: string, at: number): Cursor | null {
  const tree = jsonLanguage.parser.parse(text);
  const inner = tree.resolveInner(at, -1);
  if (inner.name === "PropertyName" && inner.from < at) return named(text, inner, inner.parent?.parent ?? null);
  if (inner.name === "String" && inner.from < at && inner.parent?.name === "Property")
    return { path: pathOf(text, inner), names: [], from: inner.from, to: inner.to, kind: "value" };
  const property = inner.name === "Property" ? inner : inner.name === ":" ? inner.parent : null;
  if (property && /:\s*$/.test(text.slice(property.from, at)))
    return { path: pathOf(text, property), names: [], from: at, to: at, kind: "value" };
  const object =
    inner.name === "Object" ? inner : inner.name === "{" || inner.name === "," ? inner.parent : around(inner);
  if (object?.name !== "Object" || !/[{,\n]\s*"?$/.test(text.slice(object.from, at))) return null;
  const from = text[at - 1] === '"' ? at - 1 : at;
  return { path: pathOf(text, object), names: namesOf(text, object), from, to: at, kind: "name" };
}

/** An unfinished name is an error in the tree; the object is around it. */
const around = (node: Node): Node | null => (node.type.isError ? node.parent : null);

const namesOf = (text: string, object: Node): string[] =>
  object.getChildren("Property").flatMap((property) => {
    const label = property.getChild("PropertyName");
    return label ? [readName(text, label)] : [];
  });

function named(text: string, label: Node, object: Node | null): Cursor | null {
  if (!object) return null;
  const own = readName(text, label);
  const names = namesOf(text, object).filter((name) => name !== own);
  return { path: pathOf(text, object), names, from: label.from, to: label.to, kind: "name" };
}

/** The path from the root to a value, or to the value of a property. */
function pathOf(text: string, node: Node): JsonPath {
  const path: JsonPath = [];
  for (let at: Node | null = node; at; at = at.parent) {
    if (at.name === "Property") {
      const label = at.getChild("PropertyName");
      if (label) path.unshift(readName(text, label));
    } else if (at.parent?.name === "Array") {
      const { from } = at;
      path.unshift(valuesIn(at.parent).findIndex((value) => value.from === from));
    }
  }
  return path;
}
