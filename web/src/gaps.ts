/** Levels of maturity as sliders; the server says what they change, and what to close first. */
import { getAll, getJson, showProblem, type Fields, type Table, type Thing } from "./lib/api";
import { announce, debounce, element, required, said, shown } from "./lib/dom";
import { saveCsv } from "./lib/download";
import { pageData, pageOf } from "./lib/page";
import { writeState } from "./lib/state";

interface Data {
  readonly base: string;
}
interface FunctionRow {
  readonly function: string | null;
  readonly jobs: number;
  readonly open_before: number;
  readonly open_after: number;
  readonly before: number | string;
  readonly after: number | string;
  readonly change: number | string;
  readonly evidence: readonly Thing[];
}
interface JobRow {
  readonly job: string;
  readonly before: number | string | null;
  readonly after: number | string | null;
  readonly change: number | string;
  readonly still_lacking: readonly string[];
  readonly evidence: readonly Thing[];
}
interface ClosingRow {
  readonly position: number;
  readonly capability: string;
  readonly level: string | null;
  readonly reason: string;
  readonly evidence: readonly Thing[];
}
interface Column {
  readonly name: string;
  readonly isNumber?: boolean;
}
type Cell = Node | string;

const MOST_JOBS = 50;
const NO_CHANGE = "No gap changes: what these capabilities are needed for is demanded by no scored outcome.";
const form = required<HTMLFormElement>("#gaps");
const selects = [...form.querySelectorAll<HTMLSelectElement>(".levels select")];
const { base } = pageData<Data>();
const names = new Map<string, string>();
let waiting: AbortController | undefined;

for (const select of selects) makeSlider(select);
form.addEventListener("submit", (event) => {
  if ((event.submitter as HTMLButtonElement | null)?.name !== "closing") return;
  event.preventDefault();
  void showClosing();
});
required(".compute", form).style.visibility = "hidden"; // it keeps its place, so that nothing moves

/** Puts a slider in the place of a choice, which keeps what the form sends. */
function makeSlider(select: HTMLSelectElement): void {
  const options = [...select.options].slice(1);
  const stated = select.dataset.stated ?? "";
  const now = options.findIndex((option) => option.value === stated) + 1;
  for (const option of options) names.set(option.value, option.text);
  const slider = element("input", {
    type: "range",
    min: now ? 1 : 0,
    max: options.length,
    step: 1,
    "aria-label": select.getAttribute("aria-label"),
  });
  const words = element("output", {});
  slider.value = String(select.value ? options.findIndex((option) => option.value === select.value) + 1 : now);
  const tell = (): void => {
    const at = Number(slider.value);
    const chosen = options[at - 1];
    const isChanged = at !== now;
    select.value = isChanged && chosen ? chosen.value : "";
    const text = chosen ? chosen.text : "not assessed, 0";
    const was = isChanged ? ` (now ${options[now - 1]?.text ?? "not assessed, 0"})` : "";
    slider.setAttribute("aria-valuetext", `${text}${was}`);
    words.textContent = `${text}${was}`;
    select.closest("tr")?.classList.toggle("changed", isChanged);
  };
  slider.addEventListener("input", () => {
    tell();
    changed();
  });
  tell();
  select.hidden = true;
  select.after(slider, " ", words);
}

/** The levels that differ from those that are stated, by the names of their fields. */
function chosenLevels(): Fields {
  const hidden = [...form.querySelectorAll<HTMLInputElement>("input[type=hidden]")];
  const chosen = [...hidden, ...selects].filter(({ value }) => value);
  return Object.fromEntries(chosen.map(({ name, value }) => [name, value]));
}

const ask = debounce(() => void showOutcome(), 150);

function changed(): void {
  writeState(Object.fromEntries(selects.map(({ name, value }) => [name, value])));
  keepInLinks();
  ask();
}

/** The ways to the other pages of capabilities lead to the same levels. */
function keepInLinks(): void {
  for (const link of document.querySelectorAll<HTMLAnchorElement>(".pager a")) {
    const target = new URL(link.href);
    for (const { name, value } of selects) {
      if (value) target.searchParams.set(name, value);
      else target.searchParams.delete(name);
    }
    link.href = target.href;
  }
}

async function showOutcome(): Promise<void> {
  const place = required(".outcome");
  const levels = chosenLevels();
  const count = Object.keys(levels).length;
  waiting?.abort();
  const { signal } = (waiting = new AbortController());
  place.setAttribute("aria-busy", "true");
  try {
    const threshold = required<HTMLInputElement>("#threshold").value;
    const fields = { limit: "1000", threshold, ...levels };
    const [totals, jobs] = await Promise.all([
      getJson<Table<FunctionRow>>("/analysis/gap-totals", fields, signal),
      count ? getJson<Table<JobRow>>("/analysis/what-if", { limit: "1000", ...levels }, signal) : undefined,
    ]);
    place.replaceChildren(...outcome(count, totals.rows, jobs));
  } catch (error) {
    showProblem(place, error);
  } finally {
    if (!signal.aborted) place.removeAttribute("aria-busy");
  }
}

function outcome(count: number, rows: readonly FunctionRow[], jobs: Table<JobRow> | undefined): Node[] {
  const sum = (name: "jobs" | "open_before" | "open_after" | "before" | "after"): number =>
    rows.reduce((total, row) => total + Number(row[name]), 0);
  const heading = element("h3", {}, count ? `With ${count} level${count === 1 ? "" : "s"} changed` : "As it is");
  const pairs = element(
    "div",
    { class: "pairs" },
    pair("Sum of gaps", "0 to 1 for each job", sum("before"), count ? sum("after") : undefined),
    pair("Open jobs", `of ${shown(sum("jobs"))}`, sum("open_before"), count ? sum("open_after") : undefined),
  );
  if (count) {
    const change = `${jobs?.rows.length ?? 0} jobs change.`;
    announce(`Sum of gaps ${shown(sum("before"))} now, ${shown(sum("after"))} then. ${change}`);
  }
  const found: Node[] = [heading, pairs];
  if (jobs) found.push(...jobsThatChange(jobs));
  found.push(byFunction(rows, count > 0));
  if (count) found.push(action("Back to the stated levels", reset));
  return found;
}

function pair(name: string, unit: string, now: number, then: number | undefined): HTMLElement {
  const facts = element("dl", {}, element("dt", {}, "now"), element("dd", {}, shown(now)));
  if (then !== undefined) facts.append(element("dt", {}, "then"), element("dd", {}, shown(then)));
  return element("div", {}, element("p", {}, `${name} `, element("small", {}, unit)), facts);
}

function jobsThatChange(answer: Table<JobRow>): Node[] {
  const { rows } = answer;
  if (!rows.length) return [element("p", {}, NO_CHANGE)];
  const count = answer.next ? `More than ${shown(rows.length)}` : shown(rows.length);
  const some = rows.length > MOST_JOBS ? `, the first ${MOST_JOBS} of them` : "";
  const caption = `${count} job${rows.length === 1 ? "" : "s"} whose gap changes${some}; gaps are 0 to 1`;
  const columns = [{ name: "Job" }, ...numbers("Now", "Then", "Change"), { name: "Still lacks" }];
  const cells = rows.slice(0, MOST_JOBS).map((row) => [
    thing(row.evidence[0], row.job),
    shown(row.before),
    shown(row.after),
    shown(row.change),
    said(row.still_lacking.join(", ") || "nothing"),
  ]);
  const saved = rows.map((row) => [
    row.job,
    row.evidence[0]?.label,
    row.before,
    row.after,
    row.change,
    row.still_lacking.join("; "),
  ]);
  const heads = ["job", "name", "before", "after", "change", "still lacking"];
  return [table(columns, cells, caption), action("Save as CSV", () => saveCsv("what-if", heads, saved))];
}

function byFunction(rows: readonly FunctionRow[], isChanged: boolean): HTMLElement {
  const columns = [{ name: "Function" }, ...numbers("Jobs", "Now", ...(isChanged ? ["Then", "Change"] : []))];
  const cells = rows.map((row) => {
    const name = row.function === null ? "no function" : thing(row.evidence[0], row.function);
    const now = [name, shown(row.jobs), shown(row.before)];
    return isChanged ? [...now, shown(row.after), shown(row.change)] : now;
  });
  return table(columns, cells, "Sum of gaps by function");
}

function reset(): void {
  for (const hidden of form.querySelectorAll<HTMLInputElement>("input[type=hidden]")) {
    writeState({ [hidden.name]: "" });
    hidden.remove();
  }
  for (const slider of form.querySelectorAll<HTMLInputElement>("input[type=range]")) {
    const select = slider.previousElementSibling as HTMLSelectElement;
    const at = [...select.options].findIndex((option) => option.value === (select.dataset.stated ?? ""));
    slider.value = String(select.dataset.stated ? at : 0);
    slider.dispatchEvent(new Event("input"));
  }
  form.querySelector<HTMLElement>("input[type=range]")?.focus(); // what was pressed goes away
}

async function showClosing(): Promise<void> {
  const place = required("#closing-set");
  const threshold = required<HTMLInputElement>("#threshold").value;
  writeState({ threshold, closing: "yes" });
  place.replaceChildren(element("p", { role: "status" }, "The server looks for the set."));
  try {
    const answer = await getAll<ClosingRow>("/analysis/closing-set", { threshold });
    const notes = (answer.notes ?? []).slice(0, 3).map((note) => element("li", {}, said(note)));
    place.replaceChildren(element("ul", { class: "notes" }, ...notes), ...closingTable(answer.rows));
    announce(`${answer.rows.length} capabilities to close.`);
  } catch (error) {
    showProblem(place, error);
  }
}

function closingTable(rows: readonly ClosingRow[]): Node[] {
  if (!rows.length) return [element("p", {}, "Nothing needs closing: no job that can be helped has a larger gap.")];
  const columns = [...numbers("Step"), { name: "Capability" }, { name: "Level now" }, { name: "Why" }];
  const cells = rows.map((row) => [
    shown(row.position),
    thing(row.evidence[0], row.capability),
    (row.level && names.get(row.level)) || "not assessed, 0",
    row.reason,
  ]);
  const count = rows.length === 1 ? "1 capability" : `${shown(rows.length)} capabilities`;
  return [table(columns, cells, `${count} to close, in this order`)];
}

function thing(found: Thing | undefined, name: string): HTMLElement {
  const label = found?.label ?? name;
  const link = found ? element("a", { href: pageOf(found.iri, base) }, said(label)) : said(label);
  const code = label === name ? null : element("small", {}, " ", said(name));
  return element("span", { class: "lines", title: label }, link, code);
}

function action(name: string, click: () => void): HTMLElement {
  return element("p", {}, element("button", { type: "button", class: "quiet", click }, name));
}

function numbers(...columns: readonly string[]): Column[] {
  return columns.map((name) => ({ name, isNumber: true }));
}

function table(columns: readonly Column[], rows: readonly (readonly Cell[])[], caption: string): HTMLElement {
  const kind = (at: number): string | null => (columns[at]?.isNumber ? "right" : null);
  const head = columns.map(({ name }, at) => element("th", { scope: "col", class: kind(at) }, name));
  const body = rows.map(([first, ...others]) =>
    element(
      "tr",
      {},
      element("th", { scope: "row", class: kind(0) }, first),
      ...others.map((cell, at) => element("td", { class: kind(at + 1) }, cell)),
    ),
  );
  const made = element(
    "table",
    {},
    element("caption", {}, caption),
    element("thead", {}, element("tr", {}, ...head)),
    element("tbody", {}, ...body),
  );
  return element("div", { class: "table", role: "region", "aria-label": caption, tabindex: 0 }, made);
}
