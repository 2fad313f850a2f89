/** The matrix as a grid: one stop of the Tab key, arrow keys from cell to cell, and what a cell says in words. */
import { element, required, said } from "./lib/dom";

const grid = required<HTMLTableElement>("#pairs");
const words = required("#pair");
const ROWS_OF_A_PAGE = 10;

const rows = [...grid.rows].filter((row) => !row.classList.contains("role")).slice(1);
// The row of headings lacks the corner, which stands in the row of functions.
const cells = rows.map((row, at) => (at ? [...row.cells] : [null, ...row.cells]));
const last = { row: cells.length - 1, column: (cells[0]?.length ?? 1) - 1 };
let current = { row: 1, column: 0 };

grid.setAttribute("role", "grid");
grid.setAttribute("aria-readonly", "true");
for (const group of grid.querySelectorAll("thead, tbody")) group.setAttribute("role", "rowgroup");
for (const row of grid.rows) row.setAttribute("role", "row");
for (const head of grid.querySelectorAll("thead th")) head.setAttribute("role", "columnheader");
for (const head of grid.querySelectorAll("tbody th")) head.setAttribute("role", "rowheader");
for (const cell of grid.querySelectorAll("td")) cell.setAttribute("role", "gridcell");
for (const link of grid.querySelectorAll("a")) link.tabIndex = -1;
required<HTMLElement>(".table.held").removeAttribute("tabindex");
stopAt(current);
words.append(" Arrow keys move from cell to cell.");

grid.addEventListener("keydown", (event) => {
  const step = stepOf(event);
  if (!step) return;
  event.preventDefault();
  const next = { row: within(step.row, 0, last.row), column: within(step.column, 0, last.column) };
  moveTo(cells[next.row]?.[next.column] ? next : { row: 1, column: next.column });
});
grid.addEventListener("focusin", (event) => {
  const place = placeOf(event.target as Element);
  if (!place) return;
  stopAt(place);
  point(place);
});
grid.addEventListener("mouseover", (event) => {
  const place = placeOf(event.target as Element);
  if (place) point(place);
});
grid.addEventListener("mouseleave", () => point(undefined));

/** Where a key leads; undefined for a key that leads nowhere. */
function stepOf(event: KeyboardEvent): { row: number; column: number } | undefined {
  const { row, column } = current;
  const isFar = event.ctrlKey || event.metaKey;
  const steps: Readonly<Record<string, { row: number; column: number }>> = {
    ArrowUp: { row: row - 1, column },
    ArrowDown: { row: row + 1, column },
    ArrowLeft: { row, column: column - 1 },
    ArrowRight: { row, column: column + 1 },
    PageUp: { row: row - ROWS_OF_A_PAGE, column },
    PageDown: { row: row + ROWS_OF_A_PAGE, column },
    Home: { row: isFar ? 0 : row, column: isFar ? 1 : 0 },
    End: { row: isFar ? last.row : row, column: last.column },
  };
  return event.altKey ? undefined : steps[event.key];
}

function within(value: number, lowest: number, highest: number): number {
  return Math.min(Math.max(value, lowest), highest);
}

/** What takes the focus in a cell: its link, else the cell. */
function targetOf(place: { row: number; column: number }): HTMLElement | undefined {
  const cell = cells[place.row]?.[place.column];
  return cell?.querySelector<HTMLElement>("a") ?? cell ?? undefined;
}

/** Lets the Tab key stop at one place only. */
function stopAt(place: { row: number; column: number }): void {
  targetOf(current)?.setAttribute("tabindex", "-1");
  current = place;
  targetOf(current)?.setAttribute("tabindex", "0");
}

function moveTo(place: { row: number; column: number }): void {
  stopAt(place);
  const target = targetOf(place);
  target?.focus({ preventScroll: true });
  target?.scrollIntoView({ block: "nearest", inline: "nearest" });
}

function placeOf(target: Element): { row: number; column: number } | undefined {
  const cell = target.closest<HTMLTableCellElement>("td, th");
  const row = cells.findIndex((some) => some.some((each) => each !== null && each === cell));
  const column = cells[row]?.findIndex((each) => each === cell) ?? -1;
  return row >= 0 && column >= 0 ? { row, column } : undefined;
}

/** Marks the persona and the job of a place, and says what stands there. */
function point(place: { row: number; column: number } | undefined): void {
  for (const marked of grid.querySelectorAll(".pointed")) marked.classList.remove("pointed");
  if (!place) return;
  const heads = [cells[place.row]?.[0], cells[0]?.[place.column]];
  for (const head of heads) head?.classList.add("pointed");
  const cell = cells[place.row]?.[place.column];
  const text = cell?.querySelector("[aria-label]")?.getAttribute("aria-label") ?? cell?.title;
  const titles = heads.map((head) => head?.title ?? "").filter(Boolean);
  words.replaceChildren(element("span", {}, said(text || `${titles.join(", ")}: no link`)));
}
