/** Elements from tags and texts: nothing is ever read as HTML. */

type Child = Node | string | number | null | undefined;
type Value = string | number | boolean | null | undefined | ((event: Event) => void);
const SVG = "http://www.w3.org/2000/svg";

/** An element; a function among the attributes listens to the event of that name, `true` is an attribute without value. */
export function element<K extends keyof HTMLElementTagNameMap>(
  name: K,
  attributes: Readonly<Record<string, Value>> = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  return filled(document.createElement(name), attributes, children);
}

/** The same for drawings. */
export function drawing<K extends keyof SVGElementTagNameMap>(
  name: K,
  attributes: Readonly<Record<string, Value>> = {},
  ...children: readonly Child[]
): SVGElementTagNameMap[K] {
  return filled(document.createElementNS(SVG, name), attributes, children);
}

function filled<E extends Element>(made: E, attributes: Readonly<Record<string, Value>>, children: readonly Child[]): E {
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(key, value);
    else if (value === true) made.setAttribute(key, "");
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(key, String(value));
  }
  made.append(...children.filter((child) => child !== null && child !== undefined).map(toNode));
  return made;
}

function toNode(child: Node | string | number): Node | string {
  return typeof child === "number" ? String(child) : child;
}

/** A text from the data, whose direction of writing stays its own. */
export function said(text: string): HTMLElement {
  return element("bdi", {}, text);
}

/** The element of a page that its script cannot do without. */
export function required<E extends Element = HTMLElement>(selector: string, within: ParentNode = document): E {
  const found = within.querySelector<E>(selector);
  if (!found) throw new Error(`The page has no ${selector}.`);
  return found;
}

let live: HTMLElement | undefined;

/** Says a text to those who hear the page, once they are told all else. */
export function announce(text: string): void {
  if (!live) {
    live = element("div", { class: "aside", "aria-live": "polite", role: "status" });
    document.body.append(live);
  }
  live.textContent = text;
}

/** A function that waits until it was not called for a while, and then runs once. */
export function debounce<A extends readonly unknown[]>(run: (...values: A) => void, ms = 200): (...values: A) => void {
  let timer = 0;
  return (...values) => {
    window.clearTimeout(timer);
    timer = window.setTimeout(() => run(...values), ms);
  };
}

/** A number as the pages write it: thousands apart, at most so many places, half to even; a dash for none. */
export function shown(value: number | string | null | undefined, places = 2): string {
  if (value === null || value === undefined || value === "") return "–";
  return Number(value).toLocaleString("en-US", { maximumFractionDigits: places, roundingMode: "halfEven" });
}
