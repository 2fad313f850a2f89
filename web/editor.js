// The SPARQL editor: asks this server only, keeps nothing but the token, and that for as long as the tab is open.
import Yasgui from "@zazuko/yasgui";
import "@zazuko/yasgui/build/yasgui.min.css";
import "./editor.css";

const TOKEN = "jobgraph-token";
const QUERY = "query="; // begins a fragment that is a query, to look at and run
const LONG = 3000; // characters of a query that an address may hold; a longer one is sent with POST

const root = document.getElementById("editor");
const path = document.documentElement.dataset.root; // of the server on its host
const { prefixes, queries } = JSON.parse(root.dataset.settings);
const example = document.getElementById("example");
const token = document.getElementById("token");

const starting = ["jg", "rdfs", "skos"].map((name) => `PREFIX ${name}: <${prefixes[name]}>`).join("\n");
const first = `${starting}\nSELECT ?job ?code ?name\nWHERE {\n  ?job a jg:Job ;\n    skos:notation ?code ;\n    rdfs:label ?name .\n}\nORDER BY ?code\nLIMIT 50\n`;

function pageOf(iri) {
  const step = (start) => iri.slice(start.length);
  if (iri.startsWith(prefixes.id)) return `${path}/page/${step(prefixes.id)}`;
  if (iri.startsWith(prefixes.jg)) return `${path}/ontology/${step(prefixes.jg)}`;
  return iri;
}

Yasgui.Yasqe.forkAutocompleter("prefixes", {
  name: "our-prefixes",
  persistenceId: null,
  get: () => Promise.resolve(Object.entries(prefixes).map(([name, iri]) => `${name}: <${iri}>`)),
});

const editor = new Yasgui(root, {
  persistenceId: null,
  populateFromUrl: false,
  copyEndpointOnNewTab: false,
  requestConfig: {
    endpoint: `${location.origin}${path}/sparql`,
    // The cookie of a signed-in browser counts for reading with GET only; a token of one's own counts for both.
    method: () => (root.dataset.access === "session" && !token.value && editorText().length < LONG ? "GET" : "POST"),
    headers: () => (token?.value ? { Authorization: `Bearer ${token.value.trim()}` } : {}),
  },
  yasqe: {
    value: first,
    autocompleters: ["our-prefixes", "variables"],
    prefixCcApi: null,
    persistenceId: null,
    createShareableLink: () => location.href,
    screenReaderLabel: "SPARQL query",
  },
  yasr: { persistenceId: null, prefixes },
});

// It stands in a list of tabs, where nothing else may.
const adding = root.querySelector(".addTab");
adding.setAttribute("role", "tab");
adding.setAttribute("aria-selected", "false");

function editorText() {
  return editor.getTab()?.getYasqe().getValue() ?? "";
}

function show(name) {
  if (!queries[name]) return;
  editor.getTab().setQuery(queries[name]);
  example.value = name;
}

// Answers link to IRIs, which need not be addresses: whoever follows one gets its page here.
for (const event of ["click", "auxclick"]) {
  root.addEventListener(
    event,
    ({ target }) => {
      const link = target.closest?.("a[href]");
      if (link) link.setAttribute("href", pageOf(link.getAttribute("href")));
    },
    true,
  );
}

example.addEventListener("change", () => show(example.value));
if (token) {
  token.value = sessionStorage.getItem(TOKEN) ?? "";
  token.form.addEventListener("submit", (event) => event.preventDefault());
  token.addEventListener("input", () => sessionStorage.setItem(TOKEN, token.value));
}
const asked = location.hash.slice(1);
if (asked.startsWith(QUERY)) editor.getTab().setQuery(decodeURIComponent(asked.slice(QUERY.length)));
else show(decodeURIComponent(asked));
