"""What can be wrong with a home, the machine that it is on, and the program: one function a check."""
