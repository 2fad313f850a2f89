"""`python -m jobgraph`: the command line."""

from jobgraph.cli import main

main()
