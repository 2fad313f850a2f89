"""What an attacker would send: requests by group and name, each with the status that it must get."""

from __future__ import annotations

import base64
import gzip
import json
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from urllib.parse import quote, urlencode

from tests.server.live import (
    ALPINE,
    FORM,
    NORTHWIND,
    QUERY,
    TURTLE,
    UPDATE,
    Client,
    LiveServer,
    Reply,
)

from jobgraph.server.access import Role
from jobgraph.server.access.tokens import TokenFile
from jobgraph.store import GraphNames, Home

SECRET = "http://alpine.example/secret"
MARKER = "the-launch-is-in-may"  # what only the other tenant may read; no request holds it
RDF_XML, JSON_LD = "application/rdf+xml", "application/ld+json"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"


@dataclass(frozen=True)
class Arena:
    """Two tenants, one of which attacks the other, and an address that nobody may call."""

    live: LiveServer
    canary: str
    calls: list[str]

    @cached_property
    def reader(self) -> Client:
        return self.live.client(NORTHWIND)

    @cached_property
    def writer(self) -> Client:
        return self.live.client(NORTHWIND, "writer")

    @cached_property
    def victim(self) -> Client:
        return self.live.client(ALPINE, "admin")

    @cached_property
    def foreign(self) -> GraphNames:
        """The graphs of the other tenant."""
        generation = Home(self.live.home).tenant(ALPINE).current()
        assert generation
        return generation.names

    def state(self) -> tuple[str, str, bytes]:
        """What the other tenant has: its generation, how much is in it, and its secret."""
        generation = Home(self.live.home).tenant(ALPINE).current()
        assert generation
        count = self.victim.query("SELECT (COUNT(*) AS ?n) { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } }").rows
        secret = self.victim.ask("GET", f"/graphs?graph={SECRET}", headers={"Accept": "application/n-triples"})
        return generation.name, count[0]["n"], secret.body


Do = Callable[[Arena], Reply]
Attacks = Mapping[str, tuple[int, Do]]  # the status that it gets, and the attack


def query(text: str, **fields: str) -> Do:
    """As a reader; in the text, CANARY and SECRET stand for addresses."""
    return lambda a: a.reader.ask(
        "POST", f"/sparql?{urlencode(fields)}", headers={"Content-Type": QUERY}, body=filled(a, text)
    )


def update(text: str, fields: str = "") -> Do:
    return lambda a: a.writer.update(filled(a, text), fields=filled(a, fields))


def get(path: str, **headers: str) -> Do:
    return lambda a: a.reader.ask("GET", filled(a, path), headers={k: filled(a, v) for k, v in headers.items()})


def put(body: str | bytes, kind: str = TURTLE, path: str = "/graphs?graph=urn:hostile", method: str = "PUT") -> Do:
    def do(a: Arena) -> Reply:
        content = filled(a, body) if isinstance(body, str) else body.replace(b"CANARY", a.canary.encode())
        return a.writer.ask(method, filled(a, path), headers={"Content-Type": kind}, body=content)

    return do


def raw(text: str | bytes, method: str = "GET") -> Do:
    """Bytes as they are; TOKEN stands for that of a writer."""
    content = text.encode("latin-1") if isinstance(text, str) else text
    return lambda a: a.writer.send(content.replace(b"TOKEN", a.writer.token.encode()), method=method)


def bearing(header: Callable[[Arena], str], **more: str) -> Do:
    return lambda a: Client(a.live.port).ask(
        "GET", "/sparql?query=ASK%20%7B%7D", headers={"Authorization": header(a), **more}
    )


def filled(a: Arena, text: str) -> str:
    return text.replace("CANARY", a.canary).replace("SECRET", SECRET).replace("FOREIGN", a.foreign.asserted)


HEAD = "POST /sparql HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer TOKEN\r\nContent-Type: application/sparql-query\r\n"
ESCAPES: Attacks = {
    "from": (200, query("SELECT * FROM <SECRET> { ?s ?p ?o }")),
    "from_asserted": (200, query("SELECT * FROM <FOREIGN> { ?s ?p ?o } LIMIT 9")),
    "from_two": (200, query("SELECT * FROM <SECRET> FROM <FOREIGN> { ?s ?p ?o } LIMIT 9")),
    "from_named": (200, query("SELECT * FROM NAMED <SECRET> { GRAPH ?g { ?s ?p ?o } }")),
    "graph": (200, query("SELECT * { GRAPH <SECRET> { ?s ?p ?o } }")),
    "graph_variable": (200, query("SELECT * { GRAPH ?g { ?s <urn:says> ?o } }")),
    "graph_names": (200, query("SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }")),
    "graph_by_prefix": (200, query("PREFIX x: <http://alpine.example/> SELECT * { GRAPH x:secret { ?s ?p ?o } }")),
    "graph_by_base": (200, query("BASE <http://alpine.example/> SELECT * { GRAPH <secret> { ?s ?p ?o } }")),
    "graph_by_escape": (200, query("SELECT * { GRAPH <http://alpine.example/\\u0073ecret> { ?s ?p ?o } }")),
    "graph_in_exists": (200, query("ASK { FILTER EXISTS { GRAPH <SECRET> { ?s ?p ?o } } }")),
    "graph_in_subquery": (200, query("SELECT * { { SELECT ?o { GRAPH <SECRET> { ?s ?p ?o } } } }")),
    "graph_by_values": (200, query("SELECT * { VALUES ?g { <SECRET> } GRAPH ?g { ?s ?p ?o } }")),
    "describe": (200, query("DESCRIBE <urn:plan> FROM <SECRET>")),
    "construct": (200, query("CONSTRUCT { ?s ?p ?o } WHERE { GRAPH <SECRET> { ?s ?p ?o } }")),
    "default_graph_uri": (200, query("SELECT * { ?s ?p ?o }", **{"default-graph-uri": SECRET})),
    "named_graph_uri": (200, query("SELECT * { GRAPH ?g { ?s ?p ?o } }", **{"named-graph-uri": SECRET})),
    "using_graph_uri_on_query": (200, query("ASK { ?s <urn:says> ?o }", **{"using-graph-uri": SECRET})),
    "file": (200, query("SELECT * FROM <file:///etc/passwd> { ?s ?p ?o }")),
    "file_of_the_other": (200, query(f"SELECT * FROM <file:../{ALPINE}/CURRENT> {{ ?s ?p ?o }}")),
    "using": (200, update("INSERT { GRAPH <urn:mine> { ?s ?p ?o } } USING <SECRET> WHERE { ?s ?p ?o }")),
    "using_named": (
        200,
        update("INSERT { GRAPH <urn:mine> { ?s ?p ?o } } USING NAMED <SECRET> WHERE { GRAPH ?g { ?s ?p ?o } }"),
    ),
    "with": (200, update("WITH <SECRET> DELETE { ?s ?p ?o } INSERT { ?s ?p 1 } WHERE { ?s ?p ?o }")),
    "using_graph_uri": (
        200,
        update("INSERT { GRAPH <urn:mine> { ?s ?p ?o } } WHERE { ?s ?p ?o }", "using-graph-uri=SECRET"),
    ),
    "delete_where": (200, update("DELETE WHERE { GRAPH <SECRET> { ?s ?p ?o } }")),
    "delete_data": (200, update("DELETE DATA { GRAPH <SECRET> { <urn:plan> <urn:says> 'x' } }")),
    "insert_into": (200, update("INSERT DATA { GRAPH <SECRET> { <urn:plan> <urn:says> 'mine' } }")),
    "insert_into_asserted": (200, update("INSERT DATA { GRAPH <FOREIGN> { <urn:a> <urn:b> 'mine' } }")),
    "delete_everywhere": (403, update("DELETE { GRAPH ?g { ?s ?p ?o } } WHERE { GRAPH ?g { ?s ?p ?o } }")),
    "copy": (200, update("COPY SILENT <urn:nothing> TO <SECRET>")),
    "copy_back": (200, update("COPY <SECRET> TO <urn:mine>")),
    "move": (400, update("MOVE <SECRET> TO <urn:mine>")),
    "add": (200, update("ADD <http://alpine.example/other> TO <urn:mine>")),
    "copy_over_inferred": (403, update("COPY <urn:nothing> TO <https://id.jobgraph.example/x> ; CLEAR ALL")),
    "clear_all": (403, update("CLEAR ALL")),
    "clear_named": (403, update("CLEAR NAMED")),
    "drop_all": (403, update("DROP ALL")),
    "drop_named": (403, update("DROP NAMED")),
    "drop_silent_comment": (403, update("DROP #x\n SILENT #y\n ALL")),
    "clear_other": (400, update("CLEAR GRAPH <http://alpine.example/other>")),
    "drop_other": (400, update("DROP GRAPH <http://alpine.example/other>")),
    "create_other": (200, update("CREATE SILENT GRAPH <SECRET>")),
    "get_graph": (404, get("/graphs?graph=http://alpine.example/plans")),
    "get_asserted": (200, get("/graphs?graph=FOREIGN")),
    "direct_with_other_host": (404, get("/graphs/secret", Host="alpine.example")),
    "direct_with_absolute_address": (404, get("http://alpine.example/graphs/secret")),
    "forwarded_host": (404, get("/graphs/secret", **{"X-Forwarded-Host": "alpine.example", "Forwarded": "host=x"})),
    "dots": (404, get(f"/graphs/../tenants/{ALPINE}/CURRENT")),
    "encoded_dots": (404, get(f"/graphs/%2e%2e/%2e%2e/tenants/{ALPINE}/CURRENT")),
    "encoded_slashes": (404, get(f"/graphs/..%2F..%2Ftenants%2F{ALPINE}%2FCURRENT")),
    "backslashes": (404, get(f"/..%5c..%5ctenants%5c{ALPINE}%5cCURRENT")),
    "tenants_folder": (404, get(f"/tenants/{ALPINE}/CURRENT")),
    "tenant_in_path": (404, get(f"/{ALPINE}/sparql?query=ASK%20%7B%7D")),
    "tokens_file": (404, get("/access/tokens.json")),
    "passwd": (404, get("/../../../../etc/passwd")),
    "static_dots": (404, get("/static/..%2f..%2f..%2f..%2fetc%2fpasswd")),
    "tenant_in_query": (200, get(f"/graphs?graph=SECRET&tenant={ALPINE}")),
    "tenant_in_header": (200, get("/graphs?graph=SECRET", **{"X-Tenant": ALPINE, "X-Forwarded-User": ALPINE})),
    "tenant_in_cookie": (200, get("/graphs?graph=SECRET", Cookie=f"tenant={ALPINE}; jobgraph={ALPINE}")),
    "put_other_by_host": (
        201,
        lambda a: a.writer.ask(
            "PUT", "/graphs/s", headers={"Host": "alpine.example", "Content-Type": TURTLE}, body="<urn:a> <urn:b> 1 ."
        ),
    ),
    "trig_into_other": (400, put("<SECRET> { <urn:a> <urn:b> 1 }", "application/trig")),
    "delete_other": (404, put("", path="/graphs?graph=http://alpine.example/plans", method="DELETE")),
    "patch_other": (400, put("INSERT DATA { GRAPH <SECRET> { <urn:a> <urn:b> 1 } }", UPDATE, method="PATCH")),
}

HEAD_OF_XML = f'<rdf:RDF xmlns:rdf="{RDF}"><rdf:Description rdf:about="urn:a"><b xmlns="urn:">'
END_OF_XML = "</b></rdf:Description></rdf:RDF>"
CALLS: Attacks = {
    "service": (403, query("SELECT * { SERVICE <CANARY> { ?s ?p ?o } }")),
    "service_silent": (403, query("SELECT * { SERVICE SILENT <CANARY> { ?s ?p ?o } }")),
    "service_lower_case": (403, query("SELECT * { service <CANARY> { ?s ?p ?o } }")),
    "service_mixed_case": (403, query("SELECT * { SeRvIcE<CANARY>{ ?s ?p ?o } }")),
    "service_glued": (403, query("SELECT * { FILTER(true)SERVICE<CANARY>{ ?s ?p ?o } }")),
    "service_escaped": (403, query("SELECT * { \\u0053ERVICE <CANARY> { ?s ?p ?o } }")),
    "service_escaped_long": (403, query("SELECT * { S\\U00000045RVICE <CANARY> { ?s ?p ?o } }")),
    "service_after_comment": (403, query("SELECT * { #x\nSERVICE#y\n<CANARY> { ?s ?p ?o } }")),
    "service_after_carriage_return": (403, query("SELECT * { #x\rSERVICE <CANARY> { ?s ?p ?o } }")),
    "service_variable": (403, query("SELECT * { VALUES ?x { <CANARY> } SERVICE ?x { ?s ?p ?o } }")),
    "service_prefixed": (403, query("PREFIX c: <CANARY> SELECT * { SERVICE c: { ?s ?p ?o } }")),
    "service_glued_prefix": (403, query("PREFIX service: <CANARY> SELECT * { SERVICE service:x { ?s ?p ?o } }")),
    "service_relative": (403, query("BASE <CANARY> SELECT * { SERVICE <x> { ?s ?p ?o } }")),
    "service_in_optional": (403, query("SELECT * { OPTIONAL { SERVICE <CANARY> { ?s ?p ?o } } }")),
    "service_in_exists": (403, query("ASK { FILTER NOT EXISTS { SERVICE <CANARY> { ?s ?p ?o } } }")),
    "service_in_subquery": (403, query("SELECT * { { SELECT * { SERVICE <CANARY> { ?s ?p ?o } } } }")),
    "service_after_odd_string": (403, query('SELECT * { BIND("\\"" AS ?x) SERVICE <CANARY> { ?s ?p "}" } }')),
    "service_after_long_string": (403, query("SELECT * { BIND('''#''' AS ?x) SERVICE <CANARY> { ?s ?p ?o } }")),
    "service_behind_less_than": (403, query("SELECT * { FILTER(1 <#>2)\n SERVICE <CANARY> { ?s ?p ?o } }")),
    "service_in_update": (403, update("INSERT { ?s ?p ?o } WHERE { SERVICE <CANARY> { ?s ?p ?o } }")),
    "load": (403, update("LOAD <CANARY>")),
    "load_silent": (403, update("LOAD SILENT <CANARY>")),
    "load_into": (403, update("LOAD <CANARY> INTO GRAPH <urn:x>")),
    "load_lower_case": (403, update("load<CANARY>")),
    "load_escaped": (403, update("\\u004cOAD <CANARY>")),
    "load_second": (403, update("CREATE SILENT GRAPH <urn:x>;LOAD<CANARY>")),
    "load_prefixed": (403, update("PREFIX load: <CANARY> LOAD load:x")),
    "load_after_comment": (403, update("#\nLOAD #\n <CANARY>")),
    "load_file": (403, update("LOAD <file:///etc/passwd> INTO GRAPH <urn:x>")),
    "load_by_query": (403, query("LOAD <CANARY>")),
    "from": (200, query("SELECT * FROM <CANARY> { ?s ?p ?o }")),
    "from_named": (200, query("SELECT * FROM NAMED <CANARY> { GRAPH ?g { ?s ?p ?o } }")),
    "default_graph": (200, get("/sparql?query=ASK%7B%3Fs%20%3Fp%20%3Fo%7D&default-graph-uri=CANARY")),
    "using": (200, update("INSERT { GRAPH <urn:mine> { ?s ?p ?o } } USING <CANARY> WHERE { ?s ?p ?o }")),
    "graph_name": (404, get("/graphs?graph=CANARY")),
    "imports": (
        201,
        put(
            "<urn:o> a <http://www.w3.org/2002/07/owl#Ontology> ; <http://www.w3.org/2002/07/owl#imports> <CANARY> .",
            path="/graphs?graph=urn:hostile-imports",
        ),
    ),
    "context": (400, put('{"@context": "CANARY", "@id": "urn:a", "b": 1}', JSON_LD)),
    "context_in_a_list": (400, put('{"@context": [{}, "CANARY"], "@id": "urn:a"}', JSON_LD)),
    "context_inside": (400, put('{"@id": "urn:a", "urn:b": {"@context": "CANARY", "c": 1}}', JSON_LD)),
    "context_imported": (400, put('{"@context": {"@version": 1.1, "@import": "CANARY"}, "@id": "urn:a"}', JSON_LD)),
    "context_of_a_term": (
        400,
        put('{"@context": {"t": {"@id": "urn:t", "@context": "CANARY"}}, "t": {"c": 1}}', JSON_LD),
    ),
    "entity": (
        400,
        put(
            f'<!DOCTYPE r [<!ENTITY x SYSTEM "CANARY">]>{HEAD_OF_XML}&x;{END_OF_XML}',
            RDF_XML,
        ),
    ),
    "entity_of_a_file": (
        400,
        put(f'<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><rdf:RDF xmlns:rdf="{RDF}"/>', RDF_XML),
    ),
    "document_type": (400, put('<!DOCTYPE r SYSTEM "CANARY"><r/>', RDF_XML)),
    "link_header": (200, get("/sparql?query=ASK%20%7B%7D", Link='<CANARY>; rel="describedby"', Referer="CANARY")),
    "absolute_address": (200, get("CANARYsparql?query=ASK%20%7B%7D")),
}


def endless(a: Arena) -> Reply:
    """A chunked body that is larger than any query."""
    head = f"{HEAD.replace('TOKEN', a.reader.token)}Transfer-Encoding: chunked\r\n\r\n"
    return a.reader.send(head.encode() + b"100000\r\n%s\r\n" % (b" " * 0x100000) * 6, method="POST")


LAUGHS = "".join(f'<!ENTITY e{n + 1} "{f"&e{n};" * 10}">' for n in range(9))
BOMB_XML = f'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY e0 "ha">{LAUGHS}]>{HEAD_OF_XML}&e9;{END_OF_XML}'
DOUBLED = " ".join(f"BIND(CONCAT(?a{n}, ?a{n}) AS ?a{n + 1})" for n in range(40))
CROSSED = " ".join(f"?s{n} ?p{n} ?o{n} ." for n in range(6))
BOMBS: Attacks = {
    "groups": (403, query("ASK " + "{" * 3_000 + "}" * 3_000)),
    "parentheses": (403, query("SELECT (" + "(" * 9_000 + "1" + ")" * 9_000 + " AS ?x) {}")),
    "collections": (403, query("ASK { ?s ?p " + "(" * 5_000 + ")" * 5_000 + " }")),
    "blank_nodes": (403, query("ASK { ?s ?p " + "[ ?p " * 5_000 + "1" + "]" * 5_000 + " }")),
    "quoted_triples": (403, query("ASK { " + "<< " * 3_000 + "?s ?p ?o" + " ?p ?o >>" * 3_000 + " }")),
    "sum": (403, query("SELECT (" + "+".join("1" * 8_000) + " AS ?x) {}")),
    "not": (403, query("ASK { FILTER(" + "!" * 20_000 + "true) }")),
    "unions": (403, query("ASK { " + " UNION ".join(["{}"] * 8_000) + " }")),
    "optionals": (403, query("ASK { " + "OPTIONAL { " * 3_000 + "}" * 3_000 + " }")),
    "path": (403, query("ASK { ?s " + "/".join(["<urn:p>"] * 9_000) + " ?o }")),
    "path_of_stars": (403, query("ASK { ?s " + "(" * 200 + "<urn:p>" + ")*" * 200 + " ?o }")),
    "triples": (403, query("ASK { " + "?s ?p ?o . " * 5_000 + " }")),
    "large": (403, query("ASK { } #" + "x" * 1_100_000)),
    "larger": (413, query("ASK { } #" + "x" * 5_000_000)),
    "operations": (403, update(";".join(["CREATE SILENT GRAPH <urn:x>"] * 5_000))),
    "nested_update": (403, update("INSERT { ?s ?p ?o } WHERE " + "{" * 3_000 + "}" * 3_000)),
    "crossed": (504, query(f"SELECT (COUNT(*) AS ?n) {{ {CROSSED} }}", timeout="1")),
    # In a second, what is sorted can reach the limit of memory first.
    "crossed_and_sorted": (504, query(f"SELECT * {{ {CROSSED} }} ORDER BY ?o5 LIMIT 1", timeout="0.1")),
    "everywhere_path": (
        504,
        query(
            "SELECT (COUNT(*) AS ?n) { ?a (!<urn:x>|^<urn:x>)* ?b . ?b (!<urn:y>)* ?c . ?c (!<urn:z>)* ?d }",
            timeout="1",
        ),
    ),
    "doubled_text": (422, query(f"SELECT (STRLEN(?a40) AS ?n) {{ BIND('aaaaaaaa' AS ?a0) {DOUBLED} }}")),
    "doubled_by_replace": (
        422,
        query(
            "SELECT (STRLEN(?d) AS ?n) { BIND(REPLACE(STR(RAND()), '.', '"
            + "y" * 5_000
            + "') AS ?a) BIND(REPLACE(?a, 'y', ?a) AS ?b) BIND(REPLACE(?b, 'y', ?b) AS ?d) }"
        ),
    ),
    "joined_text": (
        504,
        query("SELECT (GROUP_CONCAT(CONCAT(STR(?s), STR(?o2))) AS ?t) { ?s ?p ?o . ?s2 ?p2 ?o2 }", timeout="1"),
    ),
    "regex": (200, query("ASK { FILTER(REGEX('" + "a" * 5_000 + "!', '^(a+)+$')) }")),
    "regex_with_counts": (200, query("ASK { FILTER(REGEX('a', '((a{1,500}){1,500}){1,500}')) }")),
    "values": (200, query("SELECT (COUNT(*) AS ?n) { VALUES ?x { " + "1 " * 200_000 + "} }")),
    "values_crossed": (
        504,
        query(
            "SELECT (COUNT(*) AS ?n) { " + " ".join(f"VALUES ?x{n} {{ {'1 ' * 2_000} }}" for n in range(5)) + " }",
            timeout="1",
        ),
    ),
    "updates_for_ever": (
        504,
        update(f"INSERT {{ GRAPH <urn:x> {{ ?s0 ?p1 ?o2 }} }} WHERE {{ GRAPH ?g {{ {CROSSED} }} }}", "timeout=1"),
    ),
    "entities": (400, put(BOMB_XML, RDF_XML)),
    "entities_in_lower_case": (400, put(BOMB_XML.replace("DOCTYPE", "doctype"), RDF_XML)),
    "entities_in_utf_16": (415, put(BOMB_XML.encode("utf-16"), RDF_XML)),
    "entities_in_utf_16_with_charset": (415, put(BOMB_XML.encode("utf-16-le"), f"{RDF_XML}; charset=utf-16le")),
    "entities_in_utf_7": (
        400,
        put(
            BOMB_XML.replace('1.0"?', '1.0" encoding="UTF-7"?').encode().replace(b"<!DOCTYPE", b"+ADwAIQ-DOCTYPE"),
            RDF_XML,
        ),
    ),
    "entities_after_a_long_comment": (400, put(f"<!--{'x' * 70_000}-->" + BOMB_XML.partition("?>")[2], RDF_XML)),
    "deep_xml": (400, put("<a>" * 100_000, RDF_XML)),
    "deep_turtle": (400, put("<urn:a> <urn:b> " + "(" * 200_000 + " .")),
    "deep_blank_nodes": (400, put("<urn:a> <urn:b> " + "[ <urn:c> " * 200_000 + " .")),
    "deep_triples": (400, put("<urn:a> <urn:b> " + "<<( <urn:a> <urn:b> " * 100_000 + " .")),
    "deep_json": (400, put("[" * 100_000 + "]" * 100_000, JSON_LD)),
    "deep_objects": (400, put('{"urn:a":' * 100_000 + "1" + "}" * 100_000, JSON_LD)),
    "gzip": (
        415,
        lambda a: a.writer.ask(
            "PUT",
            "/graphs?graph=urn:x",
            headers={"Content-Type": TURTLE, "Content-Encoding": "gzip"},
            body=gzip.compress(b" " * 50_000_000),
        ),
    ),
    "deflate": (
        415,
        lambda a: a.reader.ask(
            "POST",
            "/sparql",
            headers={"Content-Type": QUERY, "Content-Encoding": "deflate"},
            body=zlib.compress(b" " * 50_000_000),
        ),
    ),
    "transfer_gzip": (
        400,
        raw(f"{HEAD}Transfer-Encoding: gzip\r\n\r\nASK {{}}"),
    ),
    "accept_items": (406, (lambda a: a.reader.query("ASK {}", accept="a/b," * 5_000))),
    "accept_commas": (406, lambda a: a.reader.query("ASK {}", accept="," * 20_000)),
    "accept_quotes": (406, lambda a: a.reader.query("ASK {}", accept='"a,' * 8_000)),
    "accept_huge": (431, lambda a: a.reader.query("ASK {}", accept="a/b;q=0.1," * 10_000)),
    "header_huge": (431, lambda a: a.reader.query("ASK {}", headers={"X-A": "a" * 1_000_000})),
    "header_name_huge": (431, lambda a: a.reader.query("ASK {}", headers={"X" * 200_000: "a"})),
    "headers_many": (431, lambda a: a.reader.query("ASK {}", headers={f"X-{n}": "a" for n in range(500)})),
    "headers_before_token": (431, raw(b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 100_000)),
    "cookies": (431, lambda a: a.reader.query("ASK {}", headers={"Cookie": "a=b; " * 20_000})),
    "address_long": (414, get("/sparql?query=" + "a" * 61_000)),
    "address_huge": (414, get("/" + "a" * 3_000_000)),
    "fields_in_address": (400, get("/sparql?" + "a=&" * 15_000 + "query=ASK%20%7B%7D")),
    "fields_in_form": (
        400,
        lambda a: a.reader.ask("POST", "/sparql", headers={"Content-Type": FORM}, body="a=&" * 1_000_000),
    ),
    "length_that_lies": (
        413,
        raw(
            f"{HEAD.replace('/sparql', '/graphs?graph=urn:x')}Content-Length: 99999999999\r\n\r\n",
            "PUT",
        ),
    ),
    "chunks_without_end": (413, endless),
    "form_of_many_files": (
        400,
        put(
            "--x\r\nContent-Type: text/turtle\r\n\r\n\r\n" * 100_000 + "--x--",
            "multipart/form-data; boundary=x",
            method="POST",
        ),
    ),
}


ODD = {
    "quote": "'\"",
    "closing": "} INSERT DATA { <urn:a> <urn:b> 1 } #",
    "script": "<script>alert(1)</script>",
    "line_ends": "x\r\nSet-Cookie: a=b\r\n\r\n<html>",
    "nul": "\x00",
    "format": "%s%n{0}{self}",
    "path": "../../../../etc/passwd",
    "shell": "$(id)`id`;id|id",
    "surrogate": "\ufffe\ufeff\u202e",
    "long": "x" * 10_000,
}
PARAMETERS = ("query", "default-graph-uri", "named-graph-uri", "timeout", "page", "_profile")
INJECTIONS: Attacks = {
    **{
        f"{name}_in_{parameter}": (
            400,
            get(f"/sparql?{'' if parameter == 'query' else 'query=ASK%20%7B%7D&'}{urlencode({parameter: text})}"),
        )
        for name, text in ODD.items()
        for parameter in PARAMETERS[:4]
    },
    **{
        f"{name}_in_graph": (400, get(f"/graphs?{urlencode({'graph': f'urn:{text}'})}"))
        for name, text in ODD.items()
        if name not in {"long", "path"}
    },
    **{f"{name}_in_path": (303, get(f"/id/{quote(text, safe='')}")) for name, text in ODD.items()},
    **{f"{name}_in_unknown_path": (404, get(f"/{quote(text, safe='')}")) for name, text in ODD.items()},
    "overlong_utf_8": (400, get("/sparql?query=ASK%20%7B%7D%20%23%C0%AF")),
    "overlong_utf_8_in_path": (404, get("/graphs/%C0%AE%C0%AE/%C0%AFetc")),
    "surrogate_in_utf_8": (400, get("/sparql?query=ASK%20%7B%7D%23%ED%A0%80")),
    "raw_bytes_in_address": (
        400,
        raw(b"GET /sparql?query=\xff\xfe HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer TOKEN\r\n\r\n"),
    ),
    "raw_line_end_in_address": (400, raw(b"GET /a\nX: b HTTP/1.1\r\nHost: a\r\n\r\n")),
    "raw_nul_in_address": (400, raw(b"GET /a\x00b HTTP/1.1\r\nHost: a\r\n\r\n")),
    "raw_nul_in_header": (400, raw(b"GET /health HTTP/1.1\r\nHost: a\r\nX: a\x00b\r\n\r\n")),
    "raw_quotes_in_path": (400, get('/graphs/"><script>')),
    "script_in_host": (400, get("/sparql", Host="<script>alert(1)</script>")),
    "space_in_host": (400, get("/sparql", Host="a b")),
    "quote_in_host": (400, get("/", Host='a"b', Accept=TURTLE)),
    "path_in_host": (400, get("/graphs/a", Host="a/../b")),
    "user_in_host": (400, get("/sparql", Host="user:secret@host")),
    "bytes_in_host": (400, get("/sparql", Host="\xe9\xff")),
    "script_in_accept": (406, get("/sparql?query=ASK%20%7B%7D", Accept="<script>alert(1)</script>")),
    "script_in_type": (
        415,
        lambda a: a.reader.ask("POST", "/sparql", headers={"Content-Type": "<script>/x"}, body="ASK {}"),
    ),
    "charset_is_odd": (
        415,
        lambda a: a.reader.ask("POST", "/sparql", headers={"Content-Type": f"{QUERY}; charset=../x"}, body="ASK {}"),
    ),
    "tag_is_odd": (
        200,
        get("/sparql?query=ASK%20%7B%7D", **{"If-None-Match": "\"'; DROP", "Range": "bytes=0-1", "If-Range": "x"}),
    ),
    "profile_is_odd": (
        200,
        get("/sparql?query=ASK%20%7B%7D", **{"Accept-Profile": "<'\"\\x00>", "Accept-Language": "%s"}),
    ),
    "trace_header": (200, get("/sparql?query=ASK%20%7B%7D", traceparent="\xff", **{"X-Request-Id": "a\tb"})),
    "line_in_function": (400, query("ASK { FILTER(<urn:\r\nx>()) }")),
    "exec_function": (400, query("ASK { FILTER(<http://jena.hpl.hp.com/ARQ/function#exec>('id')) }")),
    "java_function": (400, query("SELECT * { BIND(<java:java.lang.Runtime>('id') AS ?x) }")),
}


def jwt(header: dict[str, object], claims: dict[str, object], signature: bytes = b"") -> str:
    parts = (
        base64.urlsafe_b64encode(part).rstrip(b"=").decode()
        for part in (*(json.dumps(p).encode() for p in (header, claims)), signature)
    )
    return ".".join(parts)


CLAIMS: dict[str, object] = {"tenant": ALPINE, "role": "admin", "sub": "a", "exp": 4_000_000_000}


def expired(a: Arena) -> str:
    return f"Bearer {TokenFile(a.live.home).create(ALPINE, Role.ADMIN, lasts=timedelta(seconds=-5))}"


def revoked(a: Arena) -> str:
    tokens = TokenFile(a.live.home)
    secret = tokens.create(ALPINE, Role.ADMIN, lasts=None)
    tokens.revoke(secret)
    return f"Bearer {secret}"


TOKENS: Attacks = {
    "none": (401, bearing(lambda _: "")),
    "empty": (401, bearing(lambda _: "Bearer")),
    "word": (401, bearing(lambda _: "Bearer x")),
    "basic": (401, bearing(lambda a: f"Basic {base64.b64encode(f'{a.reader.token}:'.encode()).decode()}")),
    "no_scheme": (401, bearing(lambda a: a.reader.token)),
    "token_scheme": (401, bearing(lambda a: f"Token {a.reader.token}")),
    "upper_case": (401, bearing(lambda a: f"Bearer {a.reader.token.upper()}")),
    "cut": (401, bearing(lambda a: f"Bearer {a.reader.token[:-1]}")),
    "longer": (401, bearing(lambda a: f"Bearer {a.reader.token}a")),
    "quoted": (401, bearing(lambda a: f'Bearer "{a.reader.token}"')),
    "two_in_one": (401, bearing(lambda a: f"Bearer {a.reader.token}, Bearer {a.victim.token}")),
    "two_headers": (401, bearing(lambda a: f"Bearer {a.reader.token}", authorization="Bearer x")),
    "other_id_with_own_secret": (401, bearing(lambda a: f"Bearer {a.victim.token[:14]}{a.reader.token[14:]}")),
    "wild_card": (401, bearing(lambda _: "Bearer *")),
    "id_only": (401, bearing(lambda a: f"Bearer {a.victim.token[:13]}")),
    "huge": (401, bearing(lambda _: "Bearer " + "a" * 20_000)),
    "bytes": (401, bearing(lambda _: "Bearer jg_\xff\x80")),
    "expired": (401, bearing(expired)),
    "revoked": (401, bearing(revoked)),
    "jwt_without_algorithm": (401, bearing(lambda _: f"Bearer {jwt({'alg': 'none'}, CLAIMS)}")),
    "jwt_none_in_capitals": (401, bearing(lambda _: f"Bearer {jwt({'alg': 'NONE', 'kid': ''}, CLAIMS)}x")),
    "jwt_with_public_key_as_secret": (
        401,
        bearing(lambda _: f"Bearer {jwt({'alg': 'HS256', 'kid': 'a'}, CLAIMS, b'x' * 32)}"),
    ),
    "jwt_key_elsewhere": (
        401,
        bearing(lambda b: f"Bearer {jwt({'alg': 'RS256', 'jku': b.canary, 'x5u': b.canary}, CLAIMS, b'x')}"),
    ),
    "in_the_address": (
        401,
        lambda a: Client(a.live.port).ask("GET", f"/sparql?query=ASK%20%7B%7D&access_token={a.reader.token}"),
    ),
    "in_a_form": (
        401,
        lambda a: Client(a.live.port).ask(
            "POST", "/sparql", headers={"Content-Type": FORM}, body=f"query=ASK+%7B%7D&access_token={a.reader.token}"
        ),
    ),
    "in_the_host": (
        401,
        lambda a: Client(a.live.port).ask("GET", f"http://{a.reader.token}@127.0.0.1/sparql?query=ASK%20%7B%7D"),
    ),
    "in_another_header": (
        401,
        bearing(lambda _: "", **{"X-Authorization": "Bearer x", "Proxy-Authorization": "Bearer x"}),
    ),
    "in_a_trailer": (401, lambda a: Client(a.live.port).send(trailing(a.reader.token), method="POST")),
    "reader_updates": (403, lambda a: a.reader.update("INSERT DATA { GRAPH <urn:x> { <urn:a> <urn:b> 1 } }")),
    "reader_says_admin": (
        403,
        lambda a: a.reader.ask(
            "PUT", "/graphs?graph=urn:x", headers={"X-Role": "admin", "Content-Type": TURTLE}, body=""
        ),
    ),
    "reader_overrides_method": (200, lambda a: a.reader.query("ASK {}", headers={"X-HTTP-Method-Override": "DELETE"})),
    "writer_reads_metrics": (403, lambda a: a.writer.ask("GET", "/metrics")),
}


def trailing(token: str) -> bytes:
    """A request whose token comes after its body."""
    return (
        f"POST /sparql HTTP/1.1\r\nHost: a\r\nContent-Type: {QUERY}\r\nTransfer-Encoding: chunked\r\n"
        "Trailer: Authorization\r\nConnection: close\r\n\r\n"
        f"6\r\nASK {{}}\r\n0\r\nAuthorization: Bearer {token}\r\n\r\n"
    ).encode()


HIDDEN = "GET /graphs?graph=urn:x HTTP/1.1\r\nHost: a\r\n\r\n"
WIRE: Attacks = {
    "length_and_chunks": (400, raw(f"{HEAD}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{HIDDEN}")),
    "chunks_and_length": (400, raw(f"{HEAD}Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n{HIDDEN}")),
    "two_lengths": (400, raw(f"{HEAD}Content-Length: 6\r\nContent-Length: 0\r\n\r\nASK {{}}{HIDDEN}")),
    "lengths_in_a_list": (400, raw(f"{HEAD}Content-Length: 6, 6\r\n\r\nASK {{}}")),
    "negative_length": (400, raw(f"{HEAD}Content-Length: -1\r\n\r\nASK {{}}")),
    "plus_length": (400, raw(f"{HEAD}Content-Length: +6\r\n\r\nASK {{}}")),
    "hex_length": (400, raw(f"{HEAD}Content-Length: 0x6\r\n\r\nASK {{}}")),
    "length_above_all_numbers": (400, raw(f"{HEAD}Content-Length: {'9' * 30}\r\n\r\n")),
    "chunk_above_all_numbers": (400, raw(f"{HEAD}Transfer-Encoding: chunked\r\n\r\n{'f' * 30}\r\nx")),
    "chunk_is_no_number": (400, raw(f"{HEAD}Transfer-Encoding: chunked\r\n\r\nzz\r\nASK\r\n0\r\n\r\n")),
    "chunk_without_end": (400, raw(f"{HEAD}Transfer-Encoding: chunked\r\n\r\n3\r\nASK {{}}\r\n0\r\n\r\n")),
    "encoding_twice": (400, raw(f"{HEAD}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n{HIDDEN}")),
    "encoding_disguised": (400, raw(f"{HEAD}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n{HIDDEN}")),
    "encoding_after_tab": (
        400,
        raw(f"{HEAD}Transfer-Encoding:\tchunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n{HIDDEN}"),
    ),
    "space_before_colon": (400, raw(f"{HEAD}Content-Length : 6\r\n\r\nASK {{}}")),
    "folded_header": (400, raw(f"{HEAD}X: a\r\n b\r\nContent-Length: 6\r\n\r\nASK {{}}")),
    "line_feeds_only": (400, raw("GET /health HTTP/1.1\nHost: a\n\n")),
    "header_without_colon": (400, raw("GET /health HTTP/1.1\r\nHost a\r\n\r\n")),
    "no_host": (400, raw("GET /health HTTP/1.1\r\n\r\n")),
    "two_hosts": (400, raw("GET /health HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n")),
    "http_0_9": (400, raw("GET /health\r\n\r\n")),
    "http_2_0": (400, raw("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")),
    "http_9_9": (400, raw("GET /health HTTP/9.9\r\nHost: a\r\n\r\n")),
    "no_http": (400, raw(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")),
    "method_unknown": (400, raw("BREW / HTTP/1.1\r\nHost: a\r\n\r\n")),
    "method_lower_case": (400, raw("get /health HTTP/1.1\r\nHost: a\r\n\r\n")),
    "trace": (
        405,
        raw("TRACE /sparql HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer TOKEN\r\nConnection: close\r\n\r\n"),
    ),
    "connect": (400, raw("CONNECT 127.0.0.1:22 HTTP/1.1\r\nHost: a\r\n\r\n")),
    "upgrade": (401, raw("GET /sparql HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, close\r\nUpgrade: h2c\r\n\r\n")),
    "web_socket": (
        401,
        raw(
            "GET /sparql HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, close\r\nUpgrade: websocket\r\n"
            "Sec-WebSocket-Key: x\r\nSec-WebSocket-Version: 13\r\n\r\n"
        ),
    ),
    "http_1_0": (200, raw("GET /sparql?query=ASK%20%7B%7D HTTP/1.0\r\nAuthorization: Bearer TOKEN\r\n\r\n")),
    "propfind": (405, lambda a: a.reader.ask("PROPFIND", "/")),
    "body_with_get": (200, lambda a: a.reader.ask("GET", "/sparql?query=ASK%20%7B%7D", body="CLEAR ALL")),
    "method_in_field": (404, get("/graphs?graph=urn:none&_method=DELETE")),
}

GROUPS: Mapping[str, Attacks] = {
    "escape": ESCAPES,
    "call": CALLS,
    "bomb": BOMBS,
    "injection": INJECTIONS,
    "token": TOKENS,
    "wire": WIRE,
}
