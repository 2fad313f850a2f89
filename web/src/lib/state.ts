/** What a person chose, in the address of the page: each view can be linked to, and forms work without a script. */

export type State = Record<string, string>;

/** The choices that the address has, for these names; "" for one that is not made. */
export function readState(names: readonly string[]): State {
  const given = new URLSearchParams(location.search);
  return Object.fromEntries(names.map((name) => [name, given.get(name) ?? ""]));
}

/** Puts choices into the address; the others stay, "" takes one out. */
export function writeState(changed: Readonly<State>): void {
  const given = new URLSearchParams(location.search);
  for (const [name, value] of Object.entries(changed)) {
    if (value === "") given.delete(name);
    else given.set(name, value);
  }
  const query = given.toString();
  history.replaceState(history.state, "", `${location.pathname}${query ? "?" : ""}${query}${location.hash}`);
}

/** What stands in a form. */
export function formState(form: HTMLFormElement): State {
  const entries = [...new FormData(form)].filter(([, value]) => typeof value === "string");
  return Object.fromEntries(entries) as State;
}

/** Follows a form: each change goes into the address and is told; its button is no longer needed, and hidden. */
export function followForm(form: HTMLFormElement, changed: (state: State) => void): void {
  const tell = (): void => {
    const state = formState(form);
    writeState(state);
    changed(state);
  };
  form.addEventListener("change", tell);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    tell();
  });
  for (const button of form.querySelectorAll<HTMLElement>("button[type=submit]")) button.classList.add("aside");
}
