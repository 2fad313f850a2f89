/** Questions: those that fit what is typed, things to choose for their fields, and bars of an answer. */
import type { Bars } from "./lib/bars";
import { suggest } from "./lib/combobox";
import { addCopyButtons } from "./lib/copying";
import { announce, debounce, element } from "./lib/dom";
import { findNames, type Found, hintOf } from "./lib/names";
import { pageData } from "./lib/page";
import { readState, writeState } from "./lib/state";
import { onThemeChange, readTheme } from "./lib/theme";

const LONGEST = 150; // characters of a name that an address carries; a longer one is named by its IRI

narrowQuestions();
suggestThings();
addCopyButtons();
void showBars();

/** A field that leaves the questions with all words that are typed. */
function narrowQuestions(): void {
  const place = document.getElementById("narrow");
  if (!place) return;
  const field = element("input", { id: "words", type: "search", placeholder: "Words of a question", autocomplete: "off" });
  const items = [...document.querySelectorAll<HTMLElement>(".asked li")];
  const texts = items.map((item) => (item.textContent ?? "").toLowerCase());
  const narrow = (): void => {
    const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    items.forEach((item, at) => (item.hidden = !words.every((word) => texts[at]?.includes(word))));
    for (const area of document.querySelectorAll<HTMLElement>("main section")) {
      area.hidden = [...area.querySelectorAll<HTMLElement>("li")].every((item) => item.hidden);
    }
    announce(`${items.filter((item) => !item.hidden).length} questions`);
  };
  field.addEventListener("input", debounce(narrow, 100));
  place.append(element("label", { for: "words" }, "Only those with "), field);
}

/** Lets the fields that take a thing suggest some. */
function suggestThings(): void {
  for (const field of document.querySelectorAll<HTMLInputElement>("input[data-class]")) {
    suggest(field, {
      label: field.labels?.[0]?.textContent ?? field.name,
      find: async (text, signal) => {
        const found = await findNames(text, signal, field.dataset.class);
        return found.map((each) => ({ text: each.label, hint: hintOf(each), value: exactName(each, found) }));
      },
      choose: (chosen) => {
        field.value = chosen.value;
      },
      whenEmpty: true,
    });
  }
}

/** What names this thing and no other: its name where no other has it, else its code, else its IRI. */
function exactName(chosen: Found, found: readonly Found[]): string {
  const twins = found.filter((each) => each.label === chosen.label).length;
  if (twins === 1 && chosen.label.length <= LONGEST) return chosen.label;
  return chosen.code ?? chosen.iri;
}

/** Draws the numbers of an answer; which of them, is a choice that the address keeps. */
async function showBars(): Promise<void> {
  const place = document.getElementById("chart");
  const bars = pageData<{ chart: Bars | null } | null>()?.chart;
  if (!place || !bars) return;
  const { drawBars } = await import("./lib/bars");
  const names = bars.numbers.map((each) => each.name);
  const wanted = names.indexOf(readState(["bars"]).bars ?? "");
  const choice = element("select", { id: "bars" }, ...names.map((name) => element("option", { value: name }, name)));
  const count = bars.shown < bars.total ? `, the first ${bars.shown} rows of ${bars.total} on this page` : "";
  const drawing = element("div");
  choice.selectedIndex = Math.max(0, wanted);
  const draw = async (): Promise<void> => {
    drawing.replaceChildren();
    await drawBars(drawing, bars, choice.selectedIndex, readTheme());
  };
  choice.addEventListener("change", () => {
    writeState({ bars: choice.value });
    void draw();
  });
  onThemeChange(() => void draw());
  window.addEventListener("resize", debounce(() => void draw()));
  place.replaceChildren(element("p", {}, element("label", { for: "bars" }, "Bars show "), choice, count), drawing);
  await draw();
}
