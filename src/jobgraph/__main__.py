"""`python -m jobgraph`: the command line."""

from jobgraph.cli import main

if __name__ == "__main__":
    main()
