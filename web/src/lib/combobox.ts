/** A field that suggests while a person types: the combobox pattern of ARIA, with the list under the field. */
import { announce, debounce, element, said } from "./dom";

/** Something to choose: what it is called, what tells it from others of its name, and where it is or what it stands for. */
export interface Suggestion {
  readonly text: string;
  readonly hint: string;
  readonly value: string;
}

export interface Suggesting {
  /** What the list is called. */
  readonly label: string;
  /** What fits a text; a list that is not wanted any longer is aborted. */
  readonly find: (text: string, signal: AbortSignal) => Promise<readonly Suggestion[]>;
  /** What to do with the one that is chosen. */
  readonly choose: (chosen: Suggestion) => void;
  /** Whether an empty field has suggestions, too. */
  readonly whenEmpty: boolean;
}

let made = 0;

/** Lets a field suggest; without an answer of the server it stays the plain field that it was. */
export function suggest(field: HTMLInputElement, options: Suggesting): void {
  const id = `suggested-${(made += 1)}`;
  const list = element("ul", { id, role: "listbox", class: "suggested", "aria-label": options.label, hidden: true });
  let found: readonly Suggestion[] = [];
  let active = -1;
  let asking = new AbortController();

  field.type = "text"; // a field for searching may be no combobox
  const roles = { role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": id };
  for (const [name, value] of Object.entries(roles)) field.setAttribute(name, value);
  field.setAttribute("autocomplete", "off");
  field.after(list);

  const close = (): void => {
    asking.abort();
    list.hidden = true;
    active = -1;
    field.setAttribute("aria-expanded", "false");
    field.removeAttribute("aria-activedescendant");
  };
  const point = (at: number): void => {
    active = at;
    [...list.children].forEach((item, place) => item.setAttribute("aria-selected", String(place === at)));
    const item = list.children[at];
    if (item) {
      field.setAttribute("aria-activedescendant", item.id);
      item.scrollIntoView({ block: "nearest" });
    } else field.removeAttribute("aria-activedescendant");
  };
  const choose = (at: number): void => {
    const chosen = found[at];
    close();
    if (chosen) options.choose(chosen);
  };
  const open = (suggestions: readonly Suggestion[]): void => {
    found = suggestions;
    list.replaceChildren(...found.map((each, at) => toItem(each, `${id}-${at}`, () => choose(at))));
    list.hidden = found.length === 0;
    field.setAttribute("aria-expanded", String(found.length > 0));
    list.style.left = `${field.offsetLeft}px`;
    list.style.top = `${field.offsetTop + field.offsetHeight}px`;
    list.style.minWidth = `${field.offsetWidth}px`;
    point(-1);
    announce(found.length === 0 ? "Nothing is called so." : `${found.length} suggestions; arrow keys go through them.`);
  };
  const ask = async (): Promise<void> => {
    asking.abort();
    asking = new AbortController();
    const { signal } = asking;
    const text = field.value.trim();
    if (text === "" && !options.whenEmpty) return close();
    try {
      const suggestions = await options.find(text, signal);
      if (!signal.aborted && document.activeElement === field) open(suggestions);
    } catch {
      if (!signal.aborted) close(); // the field still sends what was typed
    }
  };
  const askSoon = debounce(() => void ask(), 150);

  field.addEventListener("input", askSoon);
  field.addEventListener("blur", close);
  field.addEventListener("keydown", (event) => {
    const last = found.length - 1;
    const isOpen = !list.hidden;
    if (event.key === "ArrowDown" && !isOpen) void ask();
    else if (event.key === "ArrowDown") point(active === last ? 0 : active + 1);
    else if (event.key === "ArrowUp" && isOpen) point(active <= 0 ? last : active - 1);
    else if (event.key === "Enter" && isOpen && active >= 0) choose(active);
    else if (event.key === "Escape" && isOpen) close();
    else return;
    event.preventDefault();
  });
}

function toItem(each: Suggestion, id: string, choose: () => void): HTMLElement {
  const hint = each.hint ? element("small", {}, ` ${each.hint}`) : null;
  const options = { id, role: "option", "aria-selected": "false", title: each.text };
  const item = element("li", options, said(each.text), hint);
  item.addEventListener("pointerdown", (event) => event.preventDefault()); // the field keeps the focus
  item.addEventListener("click", choose);
  return item;
}
