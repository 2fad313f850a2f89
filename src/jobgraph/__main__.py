"""`python -m jobgraph`: the command line."""

from jobgraph.cli import run

if __name__ == "__main__":
    run()
