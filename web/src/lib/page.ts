/** What the server says of the page on which a script runs. */

const html = document.documentElement;

/** The path of the server on its host, "" where it has the host for itself. */
export const root = html.dataset.root ?? "";

/** The generation whose data the page shows. */
export const generation = html.dataset.generation ?? "";

/** The address of a path of the server, with fields of a query string; those that are empty are left out. */
export function address(path: string, fields: Readonly<Record<string, string>> = {}): string {
  const given = Object.entries(fields).filter(([, value]) => value !== "");
  const query = new URLSearchParams(given).toString();
  return `${root}${path}${query ? "?" : ""}${query}`;
}

/** What the page carries for its script as JSON. */
export function pageData<T>(): T {
  return JSON.parse(document.getElementById("data")?.textContent ?? "null") as T;
}

/** The address of the page of a thing, given its IRI and the start of the tenant's IRIs. */
export function pageOf(iri: string, base: string): string {
  return iri.startsWith(base) ? address(`/page/${iri.slice(base.length)}`) : iri;
}
