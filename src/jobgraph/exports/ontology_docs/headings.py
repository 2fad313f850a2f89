"""What is shown of a term, under which heading: the properties that lead from it, then those that lead to it."""

from __future__ import annotations

from jobgraph.store import PREFIXES
from jobgraph.vocabulary import RDFS, SKOS

_OWL = PREFIXES["owl"]
FROM_TERM = {
    "Notes": (f"{SKOS}scopeNote", f"{SKOS}example", f"{SKOS}changeNote", f"{RDFS}comment"),
    "A kind of": (f"{RDFS}subClassOf", f"{RDFS}subPropertyOf"),
    "Said of": (f"{RDFS}domain",),
    "Its values": (f"{RDFS}range",),
    "Inverse of": (f"{_OWL}inverseOf",),
    "Same as": (f"{_OWL}equivalentClass", f"{_OWL}equivalentProperty", f"{SKOS}exactMatch"),
    "Close to": (f"{SKOS}closeMatch", f"{RDFS}seeAlso"),
    "Never also": (f"{_OWL}disjointWith",),
    "Code": (f"{SKOS}notation",),
    "Also written": (f"{SKOS}hiddenLabel", f"{SKOS}altLabel"),
    "Code list": (f"{SKOS}inScheme",),
    "Replaced by": (f"{PREFIXES['dcterms']}isReplacedBy",),
    "Defined in": (f"{RDFS}isDefinedBy", f"{PREFIXES['dcterms']}isPartOf"),
}
TO_TERM = {
    "Kinds of it": (f"{RDFS}subClassOf", f"{RDFS}subPropertyOf"),
    "Codes": (f"{SKOS}inScheme",),
    "Its terms": (f"{RDFS}isDefinedBy",),
}
