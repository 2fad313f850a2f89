"""The ontology and the code lists as a folder of HTML pages that needs no server, no script and no network.

write_ontology_docs(folder, vocabulary)     in `writing`; it draws, so that importing it takes a while
"""
