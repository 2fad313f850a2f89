/** Asks the REST interface of the server; what belongs to another generation than the page is never given on. */
import { showBanner } from "./banner";
import { element } from "./dom";
import { address, generation } from "./page";

export type Fields = Readonly<Record<string, string>>;

/** One page of a table, its rows as objects. */
export interface Table<Row> {
  readonly generation: string;
  readonly columns: readonly string[];
  readonly rows: readonly Row[];
  readonly total: number | null;
  readonly next: string | null;
  readonly units?: Readonly<Record<string, string>>;
  readonly notes?: readonly string[];
}

/** A thing as tables name it. */
export interface Thing {
  readonly iri: string;
  readonly label: string | null;
  readonly table?: string;
  readonly key?: string;
}

/** The server refuses, and says why in a sentence. */
export class ProblemError extends Error {
  constructor(
    readonly status: number,
    detail: string,
  ) {
    super(detail);
  }
}

/** The answer is of another generation than the page, or nobody is signed in any longer; a banner says so already. */
export class EndedError extends Error {}

const PAGE_ROWS = "1000";
const RATHER_FEWER: Readonly<Record<number, string>> = {
  413: "Choose fewer with the filters.",
  503: "Try again in a moment, or choose fewer with the filters.",
  504: "Choose fewer with the filters, so that there is less to look through.",
};

/** The answer of a path as JSON. */
export async function getJson<T>(path: string, fields: Fields = {}, signal?: AbortSignal): Promise<T> {
  const response = await ask(path, fields, "application/json", signal);
  return (await response.json()) as T;
}

/** The answer of a path as text of a media type. */
export async function getText(path: string, accept: string, fields: Fields = {}, signal?: AbortSignal): Promise<string> {
  return (await ask(path, fields, accept, signal)).text();
}

/** All rows of a table, page by page; at most `most` of them, and then `next` tells that there are more. */
export async function getAll<Row>(path: string, fields: Fields = {}, most = 100_000): Promise<Table<Row>> {
  let page = await getJson<Table<Row>>(path, { limit: PAGE_ROWS, ...fields });
  const rows = [...page.rows];
  while (page.next !== null && rows.length < most) {
    page = await getJson<Table<Row>>(path, Object.fromEntries(new URLSearchParams(page.next)));
    rows.push(...page.rows);
  }
  return { ...page, rows };
}

/** Says on the page, in a place of its own, what went wrong; an answer that was not wanted any longer is no fault. */
export function showProblem(place: Element, error: unknown): void {
  if (error instanceof DOMException && error.name === "AbortError") return;
  if (error instanceof EndedError) return;
  place.replaceChildren(element("p", { class: "problem", role: "alert" }, sentenceOf(error)));
}

/** What went wrong, and what to do. */
export function sentenceOf(error: unknown): string {
  if (!(error instanceof ProblemError)) return "The server cannot be reached; look whether it runs, and reload.";
  const advice = RATHER_FEWER[error.status];
  return advice ? `${error.message} ${advice}` : error.message;
}

async function ask(path: string, fields: Fields, accept: string, signal?: AbortSignal): Promise<Response> {
  const options = { headers: { accept }, credentials: "same-origin", ...(signal ? { signal } : {}) } as const;
  const response = await fetch(address(path, fields), options);
  if (response.status === 401 || isSignIn(response)) throw ended();
  if (!response.ok) throw new ProblemError(response.status, await detailOf(response));
  const found = response.headers.get("jobgraph-generation");
  if (found && generation && found !== generation) throw outdated(found);
  return response;
}

/** Who asks for a page and is not signed in is led to the form. */
function isSignIn({ redirected, url }: Response): boolean {
  return redirected && new URL(url).pathname === address("/sign-in");
}

function ended(): EndedError {
  const next = `${location.pathname}${location.search}`.slice(address("").length);
  showBanner("Your sign-in has ended.", "Sign in again", address("/sign-in", { next }));
  return new EndedError("signed out");
}

function outdated(found: string): EndedError {
  showBanner(`Generation ${Number(found)} was published; what stands here is of an older one.`, "Reload", location.href);
  return new EndedError("outdated");
}

async function detailOf(response: Response): Promise<string> {
  const otherwise = `The server answers ${response.status}.`;
  try {
    if (response.headers.get("content-type")?.startsWith("text/html")) {
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      return page.querySelector("main .lead")?.textContent ?? otherwise;
    }
    const problem = (await response.json()) as { detail?: string; title?: string };
    return problem.detail ?? problem.title ?? otherwise;
  } catch {
    return otherwise;
  }
}
