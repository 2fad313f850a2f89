// The SPARQL editor: asks this server only, keeps nothing but the token, and that for as long as the tab is open.
import Yasgui from "@zazuko/yasgui";
import "@zazuko/yasgui/build/yasgui.min.css";
import "./editor.css";

const TOKEN = "jobgraph-token";
const LONG = 3000; // characters of a query that an address may hold; a longer one is sent with POST

const root = document.getElementById("editor");
const { prefixes, queries } = JSON.parse(root.dataset.settings);
const example = document.getElementById("example");
const token = document.getElementById("token");

const starting = ["jg", "rdfs", "skos"].map((name) => `PREFIX ${name}: <${prefixes[name]}>`).join("\n");
const first = `${starting}\nSELECT ?job ?code ?name\nWHERE {\n  ?job a jg:Job ;\n    skos:notation ?code ;\n    rdfs:label ?name .\n}\nORDER BY ?code\nLIMIT 50\n`;

function pageOf(iri) {
  const step = (start) => iri.slice(start.length);
  if (iri.startsWith(prefixes.id)) return `/page/${step(prefixes.id)}`;
  if (iri.startsWith(prefixes.jg)) return `/ontology/${step(prefixes.jg)}`;
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
    endpoint: `${location.origin}/sparql`,
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
  },
  yasr: { persistenceId: null, prefixes },
});

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
show(decodeURIComponent(location.hash.slice(1)));
