/** Files of what is on a page, made in the browser. */
import { element } from "./dom";

export type Cell = string | number | boolean | null | undefined;

/** Keeps a table as CSV (RFC 4180). */
export function saveCsv(name: string, columns: readonly string[], rows: readonly (readonly Cell[])[]): void {
  const lines = [columns, ...rows].map((row) => row.map(csvCell).join(","));
  save(`${name}.csv`, new Blob([lines.join("\r\n"), "\r\n"], { type: "text/csv;charset=utf-8" }));
}

/** Keeps a drawing. */
export function saveSvg(name: string, svg: string): void {
  save(`${name}.svg`, new Blob([svg], { type: "image/svg+xml" }));
}

/** Keeps a picture. */
export function savePng(name: string, canvas: HTMLCanvasElement): void {
  canvas.toBlob((blob) => blob && save(`${name}.png`, blob), "image/png");
}

/** Keeps a text. */
export function saveText(name: string, text: string, type = "text/plain;charset=utf-8"): void {
  save(name, new Blob([text], { type }));
}

function save(name: string, content: Blob): void {
  const url = URL.createObjectURL(content);
  element("a", { href: url, download: name }).click();
  window.setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

function csvCell(value: Cell): string {
  const text = value === null || value === undefined ? "" : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
