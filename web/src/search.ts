/** On every page: the key `/` leads to the search, which suggests while a person types. */
import { suggest } from "./lib/combobox";
import { findNames, hintOf } from "./lib/names";
import { root } from "./lib/page";

const SHOWN = 8;
const field = document.querySelector<HTMLInputElement>("#q");

if (field) {
  suggest(field, {
    label: "Things of this name",
    find: async (text, signal) => {
      const found = (await findNames(text, signal)).filter((each) => each.page?.startsWith("/"));
      return found.slice(0, SHOWN).map((each) => ({ text: each.label, hint: hintOf(each), value: each.page ?? "" }));
    },
    choose: (chosen) => location.assign(`${root}${chosen.value}`),
    whenEmpty: false,
  });
}

document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || !field || isTyping(event.target)) return;
  event.preventDefault();
  field.focus();
  field.select();
});

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest("input, textarea, select, [contenteditable]") !== null;
}
